"""What there is to ask of a provider, read from its contract. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote

from screentest_contracts.document import Model, Operation
from screentest_contracts.load import Contract
from screentest_contracts.openapi import request_for
from screentest_contracts.reading import Json

_PARAMETER = re.compile(r"\{(\w+)(\.\.\.)?\}")
_ASKED = ("logs,node_runs,flow", "created_by_user")
_TEXTS = ("text", "1", "image/png", "2026-01-02T03:04:05Z")


def submits(contract: Contract) -> list[Operation]:
    """The operations that make jobs and answer at once."""
    return [one for one in _operations(contract) if one.billable and one.model_at and not waits(one)]


def waits(operation: Operation) -> bool:
    """Whether the answer comes when the job has ended."""
    return "sync-timeout" in operation.failures


def reads(contract: Contract) -> list[Operation]:
    """The operations that show something of one job."""
    found = [one for one in _operations(contract) if one.job_parameter and one.method == "GET"]
    return [one for one in found if len(one.parameters) == 1]


def job_lists(contract: Contract) -> list[Operation]:
    """The lists whose items are jobs: those that could show another account's."""
    return [one for one in lists(contract) if not one.parameters and one.key and _lists_jobs(contract, one)]


def lists(contract: Contract) -> list[Operation]:
    """The operations that answer with a page of things."""
    return [one for one in _operations(contract) if set(one.answers.values()) & set(contract.provider.lists)]


def others(contract: Contract) -> list[Operation]:
    """Everything that makes no job, in an order in which things are made before they are used and removed last."""
    order = {"PUT": 1, "GET": 3, "PATCH": 4, "DELETE": 5}
    found = [one for one in _operations(contract) if not one.billable]
    return sorted(found, key=lambda one: (order.get(one.method, 2 if one.parameters else 0), one.path.count("{")))


def parameters(operation: Operation) -> tuple[str, ...]:
    """Every parameter of the path, the model's included."""
    return tuple(name for name, _ in _PARAMETER.findall(operation.path))


def path_of(operation: Operation, values: Mapping[str, str]) -> str:
    """The operation's path with these values; one that is not there is "x"."""
    return _PARAMETER.sub(lambda match: quote(values.get(match[1], "x"), safe="/" if match[2] else ""), operation.path)


def order_of(
    operation: Operation, model: Model, value: Json, more: Mapping[str, Json] | None = None
) -> tuple[str, Json]:
    """Path and body of a submit; `more` are further fields of the body, for an operation that has room for them."""
    path, body = request_for(operation, model, value)
    return path, {**more, **body} if more and operation.input_at else body


def hooked(contract: Contract, operation: Operation, url: str) -> dict[str, Json]:
    """The fields of a submit that ask for a callback at `url`; none where the operation knows no such thing."""
    policy = contract.provider.callbacks
    if policy is None or not operation.input_at or not operation.body:
        return {}
    first, *rest = policy.url_at.split("/")[1:]
    if first not in contract.provider.schemas[operation.body].get("properties", {}):
        return {}
    value: Json = url
    for token in reversed(rest):
        value = {token: value}
    return {first: value}


def extras(contract: Contract, operation: Operation) -> dict[str, Json]:
    """Every optional field of a submit's body beside the input and the callback."""
    policy, schema = contract.provider.callbacks, contract.provider.schemas[operation.body or ""]
    left_out = {*schema.get("required", ()), policy.url_at.split("/")[1] if policy else ""}
    routes = contract.provider.catalogue.routes
    found = {name: _example(rule) for name, rule in schema.get("properties", {}).items() if name not in left_out}
    if "route" in found:
        found["route"] = routes[0] if routes else "default"
    return found


def texts(rule: Mapping[str, Json]) -> list[str]:
    """Texts for a parameter of the query: at its edges and beyond, and of other types."""
    if "enum" in rule:
        return [*map(str, rule["enum"]), "x", ""]
    match rule.get("type"):
        case "integer":
            least, most = rule.get("minimum", 0), rule.get("maximum", 1000)
            numbers = [least, least - 1, least + 1, most, most + 1, most - 1, rule.get("default", 1), -5, 10**12]
            return [*dict.fromkeys(map(str, numbers)), "text", "", "1.5", "1e1"]
        case "boolean":
            return ["true", "false", "maybe", ""]
        case _:
            return ["x", "", "e30=", "é", "a" * 300, *_ASKED]


def example_of(schema: Mapping[str, Json]) -> Json:
    """One valid body of a schema: what it requires, each part as simple as it can be."""
    return {name: _example(schema["properties"][name]) for name in schema.get("required", ())}


def models(contract: Contract, depth: str, only: Sequence[str] = ()) -> list[Model]:
    """The models that a depth is about: all, or those that the provider's pages describe and one of each kind; those
    of the ids in `only`, when there are any."""
    if only:
        return [model for model in contract.models() if model.id in only]
    if depth == "full":
        return list(contract.models())
    chosen: dict[str, Model] = {}
    kinds: dict[str, Model] = {}
    for model in contract.models():
        if is_documented(contract, model.id):
            chosen[model.id] = model
        kinds.setdefault(model.output.kind, model)
    missing = set(kinds) - {model.output.kind for model in chosen.values()}
    return [*chosen.values(), *(kinds[kind] for kind in kinds if kind in missing)]


def is_documented(contract: Contract, model_id: str) -> bool:
    """Whether the provider itself describes the model."""
    facts = contract.facts_in(contract.model_file(model_id))
    return bool(facts) and facts[0].provenance.how == "documented"


def record_of_items(contract: Contract, operation: Operation) -> str | None:
    """The record that the items of a list are, as far as the contract tells."""
    if operation.items:
        return operation.items
    for schema in operation.answers.values():
        node: Json = contract.provider.schemas[schema]
        for token in contract.provider.lists[schema].items.split("/")[1:] if schema in contract.provider.lists else ():
            node = node.get("properties", {}).get(token, {})
        reference = node.get("items", {}).get("$ref", "") if isinstance(node, dict) else ""
        if reference:
            return str(reference.rpartition("/")[2])
    return None


def _lists_jobs(contract: Contract, operation: Operation) -> bool:
    record = contract.provider.records.get(record_of_items(contract, operation) or "")
    return record is not None and bool(record.state)


def _operations(contract: Contract) -> Iterator[Operation]:
    yield from contract.provider.operations.values()


def _example(rule: Mapping[str, Json]) -> Json:
    if "enum" in rule:
        return rule["enum"][0]
    types = rule.get("type", "object")
    match types if isinstance(types, str) else types[0]:
        case "string":
            return next(one for one in _TEXTS if re.search(rule.get("pattern", ""), one))
        case "integer" | "number":
            return rule.get("minimum", 1) or 1
        case "array":
            return [_example(rule.get("items", {}))] * max(1, rule.get("minItems", 1))
        case "boolean":
            return True
        case _:
            return example_of(rule)
