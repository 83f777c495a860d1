"""JSON to contract values, strictly: what is not understood is refused, with its file and pointer."""

from __future__ import annotations

from collections.abc import Mapping

from screentest_contracts.document import (
    FAILURES,
    OUTCOMES,
    Absence,
    Assets,
    CallbackPolicy,
    Catalogue,
    Failure,
    FileInputs,
    Idempotency,
    Ids,
    Lifecycle,
    Operation,
    Outputs,
    Provider,
    Signature,
    Step,
    Wording,
)
from screentest_contracts.keywords import RESPONSE_ONLY, SCHEMES, refuse_unknown_keywords
from screentest_contracts.provenance import Assumption, Source
from screentest_contracts.reading import ContractError, Json, Reader, members, pointer_token, unknown_key
from screentest_contracts.records import read_cancelling, read_error_body, read_listings, read_records


def read_provider(
    document: Json, at: str, assumptions: Mapping[str, Assumption], sources: Mapping[str, Source]
) -> Provider:
    """The resolved provider.json as a `Provider`."""
    node = Reader(document, at + "#")
    node.take("sources", dict)
    shared = _queries(node.child("queries"))
    operations = {op.id: op for op in (_operation(child, shared) for _, child in node.children("operations"))}
    schemas = _schemas(node, "schemas")
    provider = Provider(
        name=node.take("provider", str),
        title=node.take("title", str),
        base_url=node.take("base_url", str),
        hosts=node.words("hosts"),
        sources=sources,
        assumptions=assumptions,
        ids=_ids(node.needed("ids")),
        lifecycle=_lifecycle(node.needed("lifecycle")),
        outputs=_outputs(node.needed("outputs")),
        callbacks=_callbacks(node),
        idempotency=_idempotency(node.child("idempotency")),
        assets=_assets(node.child("assets")),
        catalogue=_catalogue(node.child("catalogue")),
        failures={name: _failure(name, child) for name, child in node.children("failures")},
        wording={name: _wording(child) for name, child in node.children("wording")},
        operations=operations,
        absent=tuple(_absence(child) for _, child in node.children("absent", [])),
        schemas=schemas,
        records=read_records(node, schemas, operations),
        lists=read_listings(node, schemas),
        cancelling=read_cancelling(node.child("cancelling"), operations),
        error_body=read_error_body(node.needed("error_body")),
        file_inputs=_file_inputs(node.needed("file_inputs")),
        guidance=node.words("guidance", []),
        auth=node.one_of("auth", ("bearer",)),
        key_pattern=node.take("key_pattern", str, default=""),
        body_limit=node.take("body_limit", int),
    )
    node.close()
    _check_references(provider, node.at)
    return provider


def _absence(node: Reader) -> Absence:
    absence = Absence(
        endpoint=node.take("endpoint", str),
        status=node.one_of("status", ("refused", "not-emulated", "not-known")),
        why=node.take("why", str),
    )
    node.close()
    return absence


def _ids(node: Reader) -> Ids:
    ids = Ids(
        kind=node.one_of("kind", ("uuid4", "uuid7", "ulid")),
        prefix=node.take("prefix", str, default=""),
        pattern=node.take("pattern", str),
    )
    node.close()
    return ids


def _lifecycle(node: Reader) -> Lifecycle:
    steps = []
    for _, child in node.children("steps"):
        share = float(child.take("share", int, float, default=1))
        steps.append(Step(word=child.take("word", str), stage=child.one_of("stage", ("queue", "run")), share=share))
        child.close()
    outcomes = members(node.take("outcomes", dict))
    for name in outcomes:
        if name not in OUTCOMES:
            raise ContractError(f"{node.at}/outcomes/{name}: none of {', '.join(OUTCOMES)}")
    lifecycle = Lifecycle(
        steps=tuple(steps),
        outcomes=outcomes,
        results=members(node.take("results", dict, default=outcomes)),
        cancel=node.one_of("cancel", ("queued", "none")),
    )
    node.close()
    return lifecycle


def _schemas(node: Reader, key: str, **default: Json) -> Mapping[str, Json]:
    """A table of schemas by name; answers may use keywords that only the judge of answers reads."""
    schemas = members(node.take(key, dict, **default))
    for name, schema in schemas.items():
        refuse_unknown_keywords(schema, f"{node.at}/{key}/{pointer_token(name)}", RESPONSE_ONLY)
    return schemas


def _file_inputs(node: Reader) -> FileInputs:
    for name in members(node.take("schemes", dict)):
        if name not in SCHEMES:
            raise unknown_key(f"{node.at}/schemes", name, SCHEMES)
    inputs = FileInputs(
        schemes=tuple(members(node.take("schemes", dict))),
        recommended_megabytes=node.take("recommended_megabytes", dict, default={}),
        fetch=node.take("fetch", str, default=""),
    )
    node.close()
    return inputs


def _callbacks(node: Reader) -> CallbackPolicy | None:
    """The callback policy; a provider without callbacks says "none" in so many words."""
    if node.value.get("callbacks") == "none":
        node.take("callbacks", str)
        return None
    child = node.needed("callbacks")
    signature = child.needed("signature")
    policy = CallbackPolicy(
        url_at=child.take("url_at", str),
        schema=child.take("schema", str),
        offsets=tuple(child.take("offsets", list)),
        timeout=child.take("timeout", int, float),
        signature=Signature(
            header=signature.take("header", str), timestamp_header=signature.take("timestamp_header", str, default=None)
        ),
        headers=child.words("headers", []),
        redelivered_by=child.take("redelivered_by", str, default=None),
    )
    signature.close()
    child.close()
    return policy


def _idempotency(node: Reader | None) -> Idempotency | None:
    if node is None:
        return None
    idempotency = Idempotency(
        header=node.take("header", str),
        most_bytes=node.take("most_bytes", int),
        lifetime=float(node.take("lifetime", int, float)),
        replay_headers=members(node.take("replay_headers", dict, default={})),
    )
    node.close()
    return idempotency


def _catalogue(node: Reader | None) -> Catalogue:
    if node is None:
        return Catalogue()
    catalogue = Catalogue(
        named_only=node.words("named_only", []),
        routes=node.words("routes", []),
        placeholder_usd_per_second=node.take("placeholder_usd_per_second", str, default=None),
    )
    node.close()
    return catalogue


def _assets(node: Reader | None) -> Assets | None:
    if node is None:
        return None
    assets = Assets(upload_lifetime=node.take("upload_lifetime", int), link_lifetime=node.take("link_lifetime", int))
    node.close()
    return assets


def _outputs(node: Reader) -> Outputs:
    outputs = Outputs(
        name=node.take("name", str),
        lifetime=node.take("lifetime", int, default=None),
        renewed=node.take("renewed", bool, default=False),
        expired_status=node.take("expired_status", int, default=404),
    )
    node.close()
    return outputs


def _failure(name: str, node: Reader) -> Failure:
    if name not in FAILURES:
        raise ContractError(f"{node.at}: no such failure; known are {', '.join(FAILURES)}")
    failure = Failure(
        name=name,
        status=node.take("status", int),
        message=node.take("message", str),
        code=node.take("code", str, int, default=None),
        headers=node.take("headers", dict, default={}),
    )
    node.close()
    return failure


def _wording(node: Reader) -> Wording:
    text = {key: node.take(key, str, default="") for key in ("type", "several")}
    wording = Wording(message=node.take("message", str), **text)
    node.close()
    return wording


def _queries(node: Reader | None) -> Mapping[str, Mapping[str, Json]]:
    """Query parameters that several operations share, by the name that operations give in ``query_of``."""
    return {name: _schemas(node, name) for name in members(node.value)} if node else {}


def _operation(node: Reader, shared: Mapping[str, Mapping[str, Json]]) -> Operation:
    query_of = node.one_of("query_of", tuple(shared), default=None)
    operation = Operation(
        id=node.take("id", str),
        method=node.one_of("method", ("GET", "POST", "PUT", "PATCH", "DELETE")),
        path=node.take("path", str),
        summary=node.take("summary", str),
        key=node.take("key", bool, default=True),
        billable=node.take("billable", bool, default=False),
        body=node.take("body", str, default=None),
        body_optional=node.take("body_optional", bool, default=False),
        input_at=node.take("input_at", str, default=None),
        model_at=node.take("model_at", str, default=None),
        ownerless=node.take("ownerless", bool, default=False),
        query={**shared.get(query_of, {}), **_schemas(node, "query", default={})},
        query_of=query_of,
        answers={int(status): schema for status, schema in members(node.take("answers", dict)).items()},
        items=node.take("items", str, default=None),
        failures=node.words("failures"),
    )
    node.close()
    return operation


def _check_references(provider: Provider, at: str) -> None:
    """Names that point from one part of the contract to another must arrive."""
    for operation in provider.operations.values():
        where = f"{at}/operations ({operation.id})"
        for name in operation.failures:
            if name not in provider.failures:
                raise ContractError(f"{where}: no failure {name!r}")
        for name in (*operation.answers.values(), *filter(None, (operation.body, operation.items))):
            if name not in provider.schemas:
                raise ContractError(f"{where}: no schema {name!r}")
