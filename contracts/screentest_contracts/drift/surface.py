"""What a side offers over HTTP, as operations with schemas: read from a provider's contract or an OpenAPI document."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct, structs

from screentest_contracts.drift.answers import Answers
from screentest_contracts.drift.difference import Difference
from screentest_contracts.drift.leaves import leaves
from screentest_contracts.drift.nodes import Node
from screentest_contracts.drift.schemas import Requests, as_callback, wording
from screentest_contracts.openapi_schema import PREFIX
from screentest_contracts.reading import Json, members, pointer_token

METHODS = ("get", "put", "post", "delete", "patch", "head", "options", "trace")
_OWN = {"id", "method", "path", "summary", "query", "query_of", "answers", "body", "note", "from"}


class Operation(Struct, frozen=True, kw_only=True):
    """One operation at the pointer `at`: its request line, what it takes, and what it answers by status.

    `facts` is the rest that is worth comparing, `model` the model whose own operation it is.
    """

    at: str
    line: str
    body: Node
    query: Node
    answers: Mapping[str, Node]
    callbacks: Mapping[str, Node]
    facts: Mapping[str, Json]
    summary: Node
    model: str = ""


Operations = Mapping[str, Operation]
"""Operations by what makes one the same on both sides."""


def of_contract(provider: Mapping[str, Json]) -> Operations:
    """The operations of a provider's resolved file."""
    policy = provider.get("callbacks")
    notification = _named(provider, policy.get("schema")) if isinstance(policy, dict) else None
    callbacks = {"": notification} if notification else {}
    found = {}
    for one in provider.get("operations", ()):
        at = f"/operations/{pointer_token(one['id'])}"
        shared = provider.get("queries", {}).get(one.get("query_of"), {})
        found[one["id"]] = Operation(
            at=at,
            line=f"{one['method']} {one['path']}",
            body=_named(provider, one.get("body")) or Node({}, f"{at}/body"),
            query=Node({"properties": members({**shared, **one.get("query", {})})}, f"{at}/query", provider),
            answers={
                status: node for status, name in members(one["answers"]).items() if (node := _named(provider, name))
            },
            callbacks=callbacks if one.get("billable") else {},
            facts={key: value for key, value in one.items() if key not in _OWN},
            summary=Node({key: one[key] for key in ("summary", "note") if key in one}, at),
        )
    return found


def _named(provider: Mapping[str, Json], name: str | None) -> Node | None:
    schema = provider.get("schemas", {}).get(name)
    return None if schema is None else Node(schema, f"/schemas/{pointer_token(str(name))}", provider)


def of_openapi(document: Mapping[str, Json]) -> Operations:
    """The operations of an OpenAPI document; names of path parameters do not matter."""
    found = {}
    for path, item in (document.get("paths") or {}).items():
        for method in METHODS:
            if isinstance(item, dict) and isinstance(item.get(method), dict):
                operation = _openapi(document, path, method, item)
                found[re.sub(r"\{[^}]*\}", "{}", operation.line)] = operation
    return found


def _openapi(document: Mapping[str, Json], path: str, method: str, item: Mapping[str, Json]) -> Operation:
    one = item[method]
    at = f"/paths/{pointer_token(path)}/{method}"
    body = Node(one.get("requestBody") or {}, f"{at}/requestBody", document).opened()
    callbacks = {
        f"{name} {line.rpartition(' ')[2]}": operation.body
        for name, paths in (one.get("callbacks") or {}).items()
        for line, operation in of_openapi({**document, "paths": paths}).items()
    }
    return Operation(
        at=at,
        line=f"{method.upper()} {path}",
        body=_content(body, f"{at}/requestBody"),
        query=_query(document, at, [*item.get("parameters", ()), *one.get("parameters", ())]),
        answers={
            str(status): _content(Node(answer, at, document).opened(), f"{at}/responses/{status}")
            for status, answer in (one.get("responses") or {}).items()
            if isinstance(answer, dict)
        },
        callbacks=callbacks,
        facts={key: one[key] for key in ("security", "deprecated") if key in one},
        summary=Node({key: one[key] for key in ("summary", "description") if key in one}, at),
        model=str(one.get(PREFIX + "model", "")),
    )


def _content(node: Node, at: str) -> Node:
    """The JSON schema of a request body or of a response; an empty one where there is none."""
    kinds = node.schema.get("content") or {}
    for kind, content in kinds.items():
        if "json" in kind and isinstance(content, dict) and isinstance(content.get("schema"), dict):
            return Node(content["schema"], at, node.root)
    return Node({}, at)


def _query(document: Mapping[str, Json], at: str, parameters: list[Json]) -> Node:
    """Parameters of the query and the header as the properties of one schema."""
    properties: dict[str, Json] = {}
    required = []
    for one in parameters:
        opened = Node(one, at, document).opened().schema if isinstance(one, dict) else {}
        if opened.get("in") in ("query", "header") and "name" in opened:
            described = {key: opened[key] for key in ("description",) if key in opened}
            properties[opened["name"]] = {**Node(opened.get("schema") or {}, at, document).opened().schema, **described}
            required += [opened["name"]] if opened.get("required") else []
    return Node({"properties": properties, "required": required}, f"{at}/parameters", document)


def compare_operations(old: Operations, new: Operations) -> Iterator[Difference]:
    """Every difference between two complete sides."""
    for key in dict.fromkeys([*old, *new]):
        was, now = old.get(key), new.get(key)
        if was is None or now is None:
            known = was or now
            assert known is not None
            lines = [side.line if side else None for side in (was, now)]
            yield Difference(kind="endpoint-changed", pointer=known.at, model=known.model, old=lines[0], new=lines[1])
        else:
            for one in _operation(was, now):
                yield structs.replace(one, model=one.model or was.model or now.model)


def _operation(old: Operation, new: Operation) -> Iterator[Difference]:
    if re.sub(r"\{[^}.]*", "{", old.line) != re.sub(r"\{[^}.]*", "{", new.line):
        yield Difference(kind="endpoint-changed", pointer=f"{old.at}/path", old=old.line, new=new.line)
    requests, answers = Requests(), Answers()
    yield from requests.compare(old.query, new.query)
    yield from requests.compare(old.body, new.body)
    for status in dict.fromkeys([*old.answers, *new.answers]):
        was, now = old.answers.get(status), new.answers.get(status)
        if was is not None and now is not None:
            yield from answers.compare(was, now)
        else:
            at = f"{old.at}/answers/{status}"
            before, after = status if was else None, status if now else None
            yield Difference(kind="endpoint-changed", pointer=at, old=before, new=after)
    for name in dict.fromkeys([*old.callbacks, *new.callbacks]):
        told, tells = old.callbacks.get(name), new.callbacks.get(name)
        nothing = Node({}, next(node.at for node in (told, tells) if node))
        yield from (as_callback(one) for one in answers.compare(told or nothing, tells or nothing))
    yield from leaves(old.facts, new.facts, old.at, {old.at.lstrip("/"): "endpoint-changed"})
    yield from _summaries(old.summary, new.summary)


def _summaries(old: Node, new: Node) -> Iterator[Difference]:
    yield from wording(old, new)
    was, now = old.schema.get("summary"), new.schema.get("summary")
    if was != now:
        yield Difference(kind="wording-only", pointer=f"{old.at}/summary", old=was, new=now)
