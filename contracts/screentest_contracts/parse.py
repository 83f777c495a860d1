"""JSON to contract values, strictly: what is not understood is refused, with its file and pointer."""

from __future__ import annotations

from collections.abc import Mapping

from screentest_contracts.document import (
    FAILURES,
    OUTCOMES,
    Failure,
    FileInputs,
    Ids,
    Lifecycle,
    Model,
    Operation,
    Outputs,
    Price,
    Provider,
    Step,
    Video,
    Wording,
)
from screentest_contracts.provenance import Assumption, Source
from screentest_contracts.reading import ANNOTATIONS, ContractError, Json, Reader, pointer_token, unknown_key
from screentest_contracts.schema import RESPONSE_ONLY, SCHEMES, InputSchema, refuse_unknown_keywords


def read_provider(
    document: Json, at: str, assumptions: Mapping[str, Assumption], sources: Mapping[str, Source]
) -> Provider:
    """The resolved provider.json as a `Provider`."""
    node = Reader(document, at + "#")
    node.take("sources", dict)
    provider = Provider(
        name=node.take("provider", str),
        title=node.take("title", str),
        base_url=node.take("base_url", str),
        hosts=node.words("hosts"),
        sources=sources,
        assumptions=assumptions,
        ids=_ids(_needed(node, "ids")),
        lifecycle=_lifecycle(_needed(node, "lifecycle")),
        outputs=_outputs(_needed(node, "outputs")),
        failures={name: _failure(name, child) for name, child in node.children("failures")},
        wording={name: _wording(child) for name, child in node.children("wording")},
        operations={op.id: op for op in (_operation(child) for _, child in node.children("operations"))},
        schemas=_schemas(node, "schemas"),
        file_inputs=_file_inputs(_needed(node, "file_inputs")),
        guidance=node.words("guidance", []),
        auth=node.one_of("auth", ("bearer",)),
        key_pattern=node.take("key_pattern", str, default=""),
        body_limit=node.take("body_limit", int),
    )
    node.close()
    _check_references(provider, node.at)
    return provider


def read_model(document: Json, at: str, file_inputs: FileInputs) -> Model:
    """A resolved model file as a `Model`; its media inputs take the provider's kinds of URL."""
    node = Reader(document, at + "#")
    schema = node.take("input", dict)
    refuse_unknown_keywords(schema, f"{node.at}/input")
    model = Model(
        id=node.take("id", str),
        key=node.take("key", str),
        title=node.take("title", str),
        input=InputSchema(schema, file_inputs.schemes),
        example=node.take("example", dict),
        video=_video(_needed(node, "video"), schema["properties"]),
        price=_price(node.child("price")),
    )
    node.close()
    return model


def _members(node: Mapping[str, Json]) -> dict[str, Json]:
    """The members of an object that is a table, without its annotations."""
    return {key: value for key, value in node.items() if key not in ANNOTATIONS}


def _needed(node: Reader, key: str) -> Reader:
    child = node.child(key)
    if child is None:
        raise ContractError(f'{node.at}: missing key "{key}"')
    return child


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
    outcomes = _members(node.take("outcomes", dict))
    for name in outcomes:
        if name not in OUTCOMES:
            raise ContractError(f"{node.at}/outcomes/{name}: none of {', '.join(OUTCOMES)}")
    lifecycle = Lifecycle(
        steps=tuple(steps),
        outcomes=outcomes,
        results=_members(node.take("results", dict, default=outcomes)),
        cancel=node.one_of("cancel", ("queued", "none")),
    )
    node.close()
    return lifecycle


def _schemas(node: Reader, key: str, **default: Json) -> Mapping[str, Json]:
    """A table of schemas by name; answers may use keywords that only the judge of answers reads."""
    schemas = _members(node.take(key, dict, **default))
    for name, schema in schemas.items():
        refuse_unknown_keywords(schema, f"{node.at}/{key}/{pointer_token(name)}", RESPONSE_ONLY)
    return schemas


def _file_inputs(node: Reader) -> FileInputs:
    for name in _members(node.take("schemes", dict)):
        if name not in SCHEMES:
            raise unknown_key(f"{node.at}/schemes", name, SCHEMES)
    inputs = FileInputs(
        schemes=tuple(_members(node.take("schemes", dict))),
        recommended_megabytes=node.take("recommended_megabytes", dict, default={}),
        fetch=node.take("fetch", str, default=""),
    )
    node.close()
    return inputs


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
    wording = Wording(message=node.take("message", str), type=node.take("type", str, default=""))
    node.close()
    return wording


def _operation(node: Reader) -> Operation:
    operation = Operation(
        id=node.take("id", str),
        method=node.one_of("method", ("GET", "POST", "PUT", "PATCH", "DELETE")),
        path=node.take("path", str),
        summary=node.take("summary", str),
        key=node.take("key", bool, default=True),
        billable=node.take("billable", bool, default=False),
        body=node.take("body", str, default=None),
        input_at=node.take("input_at", str, default=None),
        model_at=node.take("model_at", str, default=None),
        ownerless=node.take("ownerless", bool, default=False),
        query=_schemas(node, "query", default={}),
        answers={int(status): schema for status, schema in _members(node.take("answers", dict)).items()},
        failures=node.words("failures"),
    )
    node.close()
    return operation


def _video(node: Reader, properties: Mapping[str, Json]) -> Video:
    video = Video(
        table=node.take("table", str),
        tier=node.take("tier", str),
        ratio=node.take("ratio", str, default=None),
        follows=node.take("follows", str, default=None),
        adaptive=node.take("adaptive", str, default=None),
        fps=node.take("fps", int),
        seconds=node.take("seconds", str),
        audio=node.take("audio", bool, str),
        watermark=node.take("watermark", str, default=None),
        watermark_text=node.take("watermark_text", str, default=""),
        seed=node.take("seed", str, default=None),
        random_seeds=tuple(node.take("random_seeds", list, default=[])),
        camera_fixed=node.take("camera_fixed", str, default=None),
    )
    node.close()
    for key in ("tier", "ratio", "follows", "seconds", "watermark", "seed", "camera_fixed"):
        name = getattr(video, key)
        if name is not None and name not in properties:
            raise ContractError(f"{node.at}/{key}: the input has no property {name!r}")
    return video


def _price(node: Reader | None) -> Price | None:
    if node is None:
        return None
    node.one_of("per", ("second",))
    price = Price(
        by=node.take("by", str),
        usd_per_second=_members(node.take("usd_per_second", dict)),
        seen=node.take("seen", str, default=""),
    )
    node.close()
    return price


def _check_references(provider: Provider, at: str) -> None:
    """Names that point from one part of the contract to another must arrive."""
    for operation in provider.operations.values():
        where = f"{at}/operations ({operation.id})"
        for name in operation.failures:
            if name not in provider.failures:
                raise ContractError(f"{where}: no failure {name!r}")
        for name in (*operation.answers.values(), *([operation.body] if operation.body else [])):
            if name not in provider.schemas:
                raise ContractError(f"{where}: no schema {name!r}")
