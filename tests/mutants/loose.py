"""Requests that the contract refuses and the mutant takes."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from mutants.asking import SUBMIT, headed, mended, queried
from mutants.editing import drop, put
from mutants.planting import Edit, Mutant, Planting, table
from mutants.wire import asked
from screentest_contracts.exchange import Exchange
from screentest_contracts.load import load

RC_SHORT, RC_LONG = "happyhorse/happyhorse-1.0/image-to-video", "happyhorse/happyhorse-1.0/reference-to-video"
RF_MODEL, RF_RULES = "alibaba/happy-horse/reference-to-video", "kuaishou/kling-video/v3/pro/text-to-video"
HI_FIRST, HI_LIST, HI_RULES = "happyhorse-1-0", "happyhorse-1.1/reference-to-video", "seedance-2-0"
PROPERTIES = "/input/properties"


def ruled(model: str, edit: Edit) -> Planting:
    """The emulator's own copy of a model's rules is another one."""
    return Planting(edits={model: edit})


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_unknown(value: Any) -> bool:
    return _is_text(value) and value not in ("480p", "720p", "1080p", "720P", "1080P", "4K", "4k")


def _is_broken(value: Any) -> bool:
    return isinstance(value, float) and not value.is_integer()


def _is_strange_url(value: Any) -> bool:
    return _is_text(value) and "://" in value and not value.startswith(("http", "data:", "runflow-asset:", "asset:"))


def _known_model(provider: str, model: str) -> Planting:
    """Any name of a model is taken for that of one."""
    known = load(provider).model_ids

    def in_path(exchange: Exchange) -> Exchange:
        before, _, rest = exchange.url.partition("/v1/models/")
        name = rest.removesuffix("/runs")
        return exchange if name in known else replace(exchange, url=f"{before}/v1/models/{rest.replace(name, model)}")

    if provider == "hiapi":
        return Planting(tap=asked("create", _renamed(known, model)))
    return Planting(tap=asked(SUBMIT[provider], in_path))


def _renamed(known: tuple[str, ...], model: str) -> Any:
    def rewrite(exchange: Exchange) -> Exchange:
        body = exchange.asked
        if not isinstance(body, dict) or not _is_text(body.get("model")) or body["model"].partition("@")[0] in known:
            return exchange
        raw = exchange.request_body.replace(b'"' + body["model"].encode() + b'"', f'"{model}"'.encode(), 1)
        return replace(exchange, request_body=raw)

    return rewrite


def _bodiless(operations: str) -> Planting:
    """A body that is no object is taken for an empty one."""

    def rewrite(exchange: Exchange) -> Exchange:
        return exchange if isinstance(exchange.asked, dict) else replace(exchange, request_body=b"{}")

    return Planting(tap=asked(operations, rewrite))


def _clamped(text: str) -> str:
    return str(min(500, max(1, int(text)))) if text.removeprefix("-").isdecimal() else text


def _always_json(said: str) -> str:
    return "application/json"


ROWS: list[list[Mutant]] = [
    table(
        "too loose",
        "V01",
        "a number has no maximum",
        runcomfy=ruled(RC_SHORT, drop(f"{PROPERTIES}/seed/maximum")),
        runflow=ruled(RF_MODEL, drop(f"{PROPERTIES}/duration/maximum")),
        hiapi=ruled(HI_FIRST, drop(f"{PROPERTIES}/duration/maximum")),
    ),
    table(
        "too loose",
        "V02",
        "the prompt may be as long as it likes",
        runcomfy=ruled(RC_LONG, drop(f"{PROPERTIES}/prompt/maxLength")),
        runflow=ruled(RF_MODEL, drop(f"{PROPERTIES}/prompt/maxLength")),
        hiapi=ruled(HI_RULES, drop(f"{PROPERTIES}/prompt/maxLength")),
    ),
    table(
        "too loose",
        "V03",
        "a number as a string is read as a number",
        runcomfy=mended("runcomfy", "/seed", _is_text, 7),
        runflow=mended("runflow", "/duration", _is_text, 5),
        hiapi=mended("hiapi", "/duration", _is_text, 5),
    ),
    table(
        "too loose",
        "V04",
        "null is read as left out",
        runcomfy=mended("runcomfy", "/resolution", lambda value: value is None, None),
        runflow=mended("runflow", "/resolution", lambda value: value is None, None),
        hiapi=mended("hiapi", "/resolution", lambda value: value is None, None),
    ),
    table(
        "too loose",
        "V05",
        "any word is taken as a resolution",
        runcomfy=mended("runcomfy", "/resolution", _is_unknown, None),
        runflow=mended("runflow", "/resolution", _is_unknown, None),
        hiapi=mended("hiapi", "/resolution", _is_unknown, None),
    ),
    table(
        "too loose",
        "V06",
        "what is required may be missing",
        runcomfy=ruled(RC_LONG, put("/input/required", ["image_url_1"])),
        runflow=ruled(RF_MODEL, put("/input/required", ["image_urls"])),
        hiapi=ruled(HI_LIST, put("/input/required", ["reference_image"])),
    ),
    table(
        "too loose",
        "V07",
        "any name of a model is one",
        runcomfy=_known_model("runcomfy", "bytedance/seedance-v1.5-pro/image-to-video"),
        runflow=_known_model("runflow", "alibaba/happy-horse/image-to-video"),
        hiapi=_known_model("hiapi", HI_FIRST),
    ),
    table(
        "too loose",
        "V08",
        "one more than the maximum is taken",
        runcomfy=ruled(RC_SHORT, put(f"{PROPERTIES}/seed/maximum", 2147483648)),
        runflow=ruled(RF_MODEL, put(f"{PROPERTIES}/duration/maximum", 16)),
        hiapi=ruled(HI_FIRST, put(f"{PROPERTIES}/duration/maximum", 16)),
    ),
    table(
        "too loose",
        "V09",
        "a page of any size may be asked for",
        runcomfy=queried("models", "limit", _clamped),
        runflow=queried("list-runs", "limit", _clamped),
    ),
    table(
        "too loose",
        "V10",
        "inputs that exclude each other are taken together",
        runflow=ruled(RF_RULES, drop("/input/rules")),
        hiapi=ruled(HI_RULES, drop("/input/rules")),
    ),
    table(
        "too loose",
        "V11",
        "true is read as a number",
        runcomfy=mended("runcomfy", "/seed", lambda value: isinstance(value, bool), 1),
        runflow=mended("runflow", "/duration", lambda value: isinstance(value, bool), 5),
        hiapi=mended("hiapi", "/duration", lambda value: isinstance(value, bool), 5),
    ),
    table(
        "too loose",
        "V12",
        "a broken number is rounded",
        runcomfy=mended("runcomfy", "/seed", _is_broken, int),
        runflow=mended("runflow", "/duration", _is_broken, 5),
        hiapi=mended("hiapi", "/duration", _is_broken, 5),
    ),
    table(
        "too loose",
        "V13",
        "properties that there are not are taken",
        hiapi=ruled(HI_FIRST, drop("/input/additionalProperties")),
    ),
    table(
        "too loose",
        "V14",
        "one more than a list may hold is taken",
        runflow=ruled(RF_MODEL, put(f"{PROPERTIES}/image_urls/maxItems", 10)),
        hiapi=ruled(HI_LIST, put(f"{PROPERTIES}/reference_image/maxItems", 10)),
    ),
    table(
        "too loose",
        "V15",
        "URLs of every kind are taken",
        runcomfy=mended("runcomfy", "/image_url", _is_strange_url, "https://example.com/fox.jpg"),
        runflow=mended("runflow", "/image_urls/*", _is_strange_url, "https://example.com/fox.jpg"),
        hiapi=mended("hiapi", "/image_urls/*", _is_strange_url, "https://example.com/fox.jpg"),
    ),
    table(
        "too loose",
        "V16",
        "a body may be declared as anything",
        runcomfy=headed("submit", "content-type", _always_json),
        runflow=headed("create-run", "content-type", _always_json),
        hiapi=headed("create", "content-type", _always_json),
    ),
    table(
        "too loose",
        "V17",
        "a body that is no object is taken for an empty one",
        runflow=_bodiless("create-secret"),
    ),
    table(
        "too loose",
        "V18",
        "an idempotency key that is too long is cut",
        runflow=headed("create-run", "idempotency-key", lambda text: text[:255] or None),
        hiapi=headed("create", "idempotency-key", lambda text: text[:255] or None),
    ),
    table(
        "too loose",
        "V19",
        "a callback may go to anything",
        hiapi=Planting(edits={"": drop("/schemas/CreateTask/properties/callback/properties/url/schemes")}),
    ),
    table(
        "too loose",
        "V20",
        "one less than the minimum is taken",
        runcomfy=ruled(RC_SHORT, put(f"{PROPERTIES}/seed/minimum", -1)),
        runflow=ruled(RF_MODEL, put(f"{PROPERTIES}/image_urls/minItems", 0)),
        hiapi=ruled(HI_RULES, put(f"{PROPERTIES}/prompt/minLength", 2)),
    ),
    table(
        "too loose",
        "V21",
        "a word beside the input is not looked at",
        runflow=Planting(
            edits={"": put("/schemas/CreateRun/properties/client_ref/type", ["string", "integer", "null"])}
        ),
        hiapi=Planting(edits={"": drop("/schemas/CreateTask/properties/storage/enum")}),
    ),
]
