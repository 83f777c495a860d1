"""A contract as an OpenAPI 3.1 document, for tools that read nothing else; and where a model's input goes in a request.

    document = to_openapi(load("hiapi"), server="http://127.0.0.1:8790/hiapi")
    path, body = request_for(operation, model, model.example)

Nothing here knows a provider: paths, bodies, answers, failures and links all follow from the contract. OpenAPI has no
path parameter that spans slashes, so a path that holds a model id is written once for each model. Error bodies are
shown as a list (``x-screentest-failures``), not as examples: how a failure is put into the provider's envelope is the
emulator's code, not data.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus

from screentest_contracts.document import FAILURES, Model, Operation
from screentest_contracts.load import Contract
from screentest_contracts.openapi_schema import PREFIX, Origins, SchemaWriter, explained
from screentest_contracts.pointers import tokens
from screentest_contracts.reading import Json, pointer_token
from screentest_contracts.schema import InputSchema


def request_for(operation: Operation, model: Model, value: Json) -> tuple[str, Json]:
    """Path and JSON body that submit `value` as the input of `model`. Other fields of the body are the caller's."""
    body: Json = value
    for token in reversed(tokens(operation.input_at or "")):
        body = {token: body}
    place, name = operation.model_place
    if place == "body":
        body = {name: model.id, **body}
    return _path(operation, model.id), body


def to_openapi(contract: Contract, *, server: str | None = None) -> dict[str, Json]:
    """The contract, under its choices, as an OpenAPI 3.1 document; `server` replaces the provider's own base URL."""
    writer = _Writer(contract)
    provider = contract.provider
    ours = (contract.name + ".", "all.", "media.")
    return {
        "openapi": "3.1.0",
        "info": {
            "title": provider.title,
            "version": max(source.seen for source in provider.sources.values()),
            **explained("From screentest's contract; the version says when its sources were read", *provider.guidance),
            PREFIX + "assumptions": {name: one for name, one in contract.chosen.items() if name.startswith(ours)},
        },
        "servers": [{"url": server or provider.base_url}],
        "security": [{provider.auth: []}],
        "paths": writer.paths(),
        "components": {
            "schemas": writer.schemas(),
            "securitySchemes": {provider.auth: {"type": "http", "scheme": provider.auth}},
        },
    }


class _Writer:
    """Writes the parts of one document; `at` is always the address of a node in the contract's files."""

    def __init__(self, contract: Contract) -> None:
        self._provider = contract.provider
        self._models = tuple(contract.models())
        self._origins = Origins(contract.facts())
        self._schemas = SchemaWriter(self._origins)
        documents = contract.documents()
        self._home, *homes = (file + "#" for file in documents)
        self._homes = {model.id: home for model, home in zip(self._models, homes, strict=True)}
        self._written = documents[self._home.rstrip("#")]

    def schemas(self) -> dict[str, Json]:
        """Everything under ``components/schemas``: the contract's own, each model's input, each model's request."""
        submitting = [one for one in self._provider.operations.values() if one.billable]
        found = {
            name: self._schema(name) for name in self._provider.schemas if name not in {o.body for o in submitting}
        }
        for model in self._models:
            schema = self._schemas.write(model.input, f"{self._homes[model.id]}/input")
            found[_input_name(model)] = {"title": model.title, **schema}
        for operation in submitting:
            if operation.input_at:
                found |= {_body_name(operation, model): self._request(operation, model) for model in self._models}
        return found

    def _schema(self, name: str) -> dict[str, Json]:
        return self._schemas.write(
            InputSchema(self._provider.schemas[name]), f"{self._home}/schemas/{pointer_token(name)}"
        )

    def _request(self, operation: Operation, model: Model) -> dict[str, Json]:
        """The body of `operation` with the input of one model in its place."""
        whole = self._schema(operation.body or "")
        node = whole
        *parents, last = tokens(operation.input_at or "")
        for token in parents:
            node = node["properties"][token]
        node["properties"][last] = _reference(_input_name(model))
        place, name = operation.model_place
        if place == "body":
            whole["properties"][name] = whole["properties"][name] | {"const": model.id}
        return whole

    def paths(self) -> dict[str, Json]:
        """The path items."""
        found: dict[str, Json] = {}
        for operation in self._provider.operations.values():
            method = operation.method.lower()
            if operation.model_place[0] != "path":
                item = self._operation(operation, operation.id, self._models)
                found.setdefault(operation.path, {})[method] = item
                continue
            for model in self._models:
                for suffix, model_id in self._ids_in_path(operation, model):
                    item = self._operation(operation, f"{operation.id}-{model.key}{suffix}", (model,))
                    found.setdefault(_path(operation, model_id), {})[method] = item | {PREFIX + "model": model.id}
        return found

    def _ids_in_path(self, operation: Operation, model: Model) -> Iterator[tuple[str, str]]:
        """The ids that mean `model` in a path, each with a suffix that tells them apart."""
        yield "", model.id
        short = _ownerless(model)
        if operation.ownerless and [_ownerless(one) for one in self._models].count(short) == 1:
            yield "-ownerless", short

    def _operation(self, operation: Operation, operation_id: str, models: tuple[Model, ...]) -> dict[str, Json]:
        index = list(self._provider.operations).index(operation.id)
        at = f"{self._home}/operations/{index}"
        written: dict[str, Json] = {
            "operationId": operation_id,
            "summary": operation.summary,
            **explained(self._written["operations"][index].get("note", "")),
            "parameters": list(self._parameters(operation, at)),
        }
        if operation.body:
            content = {"application/json": _media_type(operation, models)}
            written["requestBody"] = {"required": not operation.body_optional, "content": content}
        written["responses"] = dict(sorted(self._responses(operation, at).items()))
        if not operation.key:
            written["security"] = []
        ours = {PREFIX + "operation": operation.id, PREFIX + "billable": operation.billable}
        return written | ours | self._origins.of(at)

    def _parameters(self, operation: Operation, at: str) -> Iterator[dict[str, Json]]:
        job = {"pattern": self._provider.ids.pattern, **self._origins.of(f"{self._home}/ids")}
        for name in operation.parameters:
            schema = {"type": "string"} | (job if name == operation.job_parameter else {})
            yield {"name": name, "in": "path", "required": True, "schema": schema}
        own = self._written["operations"][list(self._provider.operations).index(operation.id)].get("query", {})
        for name, rule in operation.query.items():
            home = f"{at}/query" if name in own else f"{self._home}/queries/{operation.query_of}"
            schema = self._schemas.write(InputSchema(rule), f"{home}/{pointer_token(name)}")
            yield {"name": name, "in": "query", "required": False, "schema": schema}

    def _responses(self, operation: Operation, at: str) -> dict[str, Json]:
        """Answers, then failures by status; a status that is both keeps the schema of its answer."""
        found: dict[str, Json] = {}
        for status, name in operation.answers.items():
            found[str(status)] = {
                "description": HTTPStatus(status).phrase,
                **({} if status == HTTPStatus.NO_CONTENT else {"content": _json_content(name)}),
                "links": self._links(operation, name),
                **self._origins.of(f"{at}/answers/{status}"),
            }
        for name in operation.failures:
            failure = self._provider.failures[name]
            response = found.setdefault(str(failure.status), {"content": _json_content("Error")})
            response |= explained(response.get("description", ""), FAILURES[name])
            note = self._written["failures"][name].get("note", "")
            said = {"name": name, "code": failure.code, "message": failure.message, **explained(note)}
            said |= self._origins.of(f"{self._home}/failures/{name}")
            response.setdefault(PREFIX + "failures", []).append(said)
        return found

    def _links(self, operation: Operation, schema: str) -> dict[str, Json]:
        """From an answer that names a new job to the operations that take its id."""
        found: dict[str, Json] = {}
        for other in self._provider.operations.values() if operation.billable else ():
            parameter = other.job_parameter
            if parameter and other.parameters == (parameter,):
                place = self._place_of_id(self._provider.schemas[schema], parameter)
                if place is not None:
                    found[other.id] = {"operationId": other.id, "parameters": {parameter: f"$response.body#{place}"}}
        return found

    def _place_of_id(self, schema: Mapping[str, Json], parameter: str) -> str | None:
        """Pointer to the property of an answer that `parameter` wants: its namesake, else plain ``id``."""
        for wanted in (_plain(parameter), "id"):
            for place, name in self._strings(schema):
                if _plain(name) == wanted:
                    return place
        return None

    def _strings(self, schema: Mapping[str, Json], at: str = "") -> Iterator[tuple[str, str]]:
        """Pointer and name of every string property of an answer."""
        target = schema.get("$ref", "").rpartition("/")[2]
        for name, child in self._provider.schemas.get(target, schema).get("properties", {}).items():
            place = f"{at}/{pointer_token(name)}"
            if child.get("type") == "string":
                yield place, name
            yield from self._strings(child, place)


def _media_type(operation: Operation, models: tuple[Model, ...]) -> dict[str, Json]:
    """Schema and examples of a request body: one model's, one of several models', or one that is no model's."""
    if not operation.billable:
        return {"schema": _reference(operation.body or ""), "examples": {}}
    names = [_body_name(operation, model) for model in models]
    in_body = operation.model_place[0] == "body"
    return {
        "schema": {"oneOf": [_reference(name) for name in names]} if in_body else _reference(names[0]),
        "examples": {
            model.key: {"summary": model.title, "value": request_for(operation, model, model.example)[1]}
            for model in models
        },
    }


def _path(operation: Operation, model_id: str) -> str:
    return re.sub(r"\{\w+\.\.\.\}", lambda _: model_id, operation.path)


def _ownerless(model: Model) -> str:
    return model.id.partition("/")[2]


def _input_name(model: Model) -> str:
    return f"{model.key}-input"


def _body_name(operation: Operation, model: Model) -> str:
    return f"{model.key}-{operation.id}" if operation.input_at else _input_name(model)


def _json_content(schema: str) -> dict[str, Json]:
    return {"application/json": {"schema": _reference(schema)}}


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _plain(name: str) -> str:
    return name.replace("_", "").lower()
