"""A contract that we do not understand is refused when it is read, with the file, the place and a guess at the typo."""

from __future__ import annotations

import copy
import subprocess
import sys
from typing import Any

import pytest

from screentest_contracts.load import Contract, UnknownAssumptionError, assumptions, load
from screentest_contracts.parse import read_provider
from screentest_contracts.parse_model import read_model
from screentest_contracts.provenance import facts, read_assumptions, read_sources, resolve
from screentest_contracts.reading import ContractError, Json, Reader

PROVIDER = "hiapi/provider.json"
MODEL = "hiapi/models/happyhorse-1.1--reference-to-video.json"
GONE = object()


def edited(document: Json, pointer: str, value: Any) -> Json:
    """A copy of `document` with the member at `pointer` replaced, added, or (GONE) taken away."""
    document = copy.deepcopy(document)
    *parents, last = pointer.split("/")[1:]
    node = document
    for token in parents:
        node = node[int(token)] if isinstance(node, list) else node[token]
    if value is GONE:
        del node[last]
    else:
        node[last] = value
    return document


def read(file: str, pointer: str, value: Any) -> None:
    """Read one real document of HiAPI's contract with one change."""
    contract = load("hiapi")
    document = edited(contract.documents()[file], pointer, value)
    if file == PROVIDER:
        read_provider(document, file, assumptions(), read_sources(Reader(document, file + "#")))
    else:
        read_model(document, file, contract.provider.file_inputs)


class Edited(Contract):
    """HiAPI's contract with one change in one of its files."""

    def __init__(self, file: str, pointer: str, value: Any) -> None:
        super().__init__("hiapi", {})
        self._change = (file, pointer, value)

    def _resolved(self, at: str) -> dict[str, Json]:
        file, pointer, value = self._change
        document: dict[str, Json] = super()._resolved(at)
        if at == file:
            document = edited(document, pointer, value)
        return document


@pytest.mark.parametrize(
    ("file", "node", "typo", "meant"),
    [
        (PROVIDER, "", "body_limmit", "body_limit"),
        (PROVIDER, "/sources/r2v-page", "titel", "title"),
        (PROVIDER, "/ids", "patern", "pattern"),
        (PROVIDER, "/lifecycle", "cancl", "cancel"),
        (PROVIDER, "/lifecycle/steps/0", "shar", "share"),
        (PROVIDER, "/outputs", "lifetme", "lifetime"),
        (PROVIDER, "/file_inputs", "scheme", "schemes"),
        (PROVIDER, "/file_inputs/schemes", "htps", "https"),
        (PROVIDER, "/failures/no-key", "mesage", "message"),
        (PROVIDER, "/wording/enum", "mesage", "message"),
        (PROVIDER, "/operations/0", "billible", "billable"),
        (PROVIDER, "/operations/1/query/page", "minimun", "minimum"),
        (PROVIDER, "/schemas/Task", "requird", "required"),
        (PROVIDER, "/schemas/Task/properties/output/items", "propertis", "properties"),
        (PROVIDER, "/schemas/CreateTask/properties/callback/properties/url/schemes", "htp", "http"),
        (MODEL, "", "pric", "price"),
        (MODEL, "/video", "tabel", "table"),
        (MODEL, "/price", "usd_per_secund", "usd_per_second"),
        (MODEL, "/input", "requird", "required"),
        (MODEL, "/input/properties/prompt", "maxLenght", "maxLength"),
        (MODEL, "/input/properties/reference_image/items", "tipe", "type"),
        (MODEL, "/input/properties/reference_image/media", "short_side_mni", "short_side_min"),
    ],
)
def test_an_unknown_key_is_refused_with_its_place_and_a_guess(file: str, node: str, typo: str, meant: str) -> None:
    """Every kind of node refuses a misspelt key, names file and pointer, and proposes the right one."""
    with pytest.raises(ContractError) as refusal:
        read(file, f"{node}/{typo}", "x")
    assert str(refusal.value) == f'{file}#{node}: unknown key "{typo}" (did you mean "{meant}"?)'


def test_an_unknown_key_of_an_assumption_is_refused() -> None:
    """Assumptions are read as strictly as contracts."""
    document = {"hiapi.x": {"question": "?", "default": "a", "alternatives": [], "evidence": "-", "evidense": "-"}}
    with pytest.raises(ContractError, match=r'a\.json#/hiapi\.x: unknown key "evidense" \(did you mean "evidence"\?\)'):
        read_assumptions(document, "a.json")


@pytest.mark.parametrize(
    ("file", "pointer", "value", "said"),
    [
        (MODEL, "/input/properties/duration/exclusiveMinimum", 2, "/input/properties/duration: unknown key"),
        (MODEL, "/input/properties/duration/format", "x", "/input/properties/duration: unknown key"),
        (MODEL, "/input/properties/prompt/overflow", "wrap", "/prompt/overflow: 'wrap' is none of truncate, default"),
        (MODEL, "/input/properties/prompt/enforced", {"maxLength": "later"}, "/prompt/enforced/maxLength: expected"),
        (MODEL, "/input/properties/prompt", [], "/input/properties/prompt: expected a schema object"),
        (MODEL, "/video/tier", "size", "/video/tier: the input has no property 'size'"),
        (MODEL, "/video/fps", 24.5, "/video/fps: expected int or str, got float"),
        (MODEL, "/video/tier", GONE, "/video: expected width and height, or a table and a tier"),
        (MODEL, "/video/seconds", GONE, '/video: missing key "seconds"'),
        (MODEL, "/video", GONE, "#: expected one of video, image, audio"),
        (MODEL, "/audio", {"fixed_rate": 8000}, "#: expected one of video, image, audio"),
        (MODEL, "/price/per", "month", "/price/per: 'month' is none of second, output"),
        (MODEL, "/title", GONE, '#: missing key "title"'),
        (PROVIDER, "/failures/no-coffee", {"status": 418, "message": "-"}, "/failures/no-coffee: no such failure"),
        (PROVIDER, "/operations/0/answers", {"200": "Nothing"}, "(create): no schema 'Nothing'"),
        (PROVIDER, "/operations/0/failures", ["no-coffee"], "(create): no failure 'no-coffee'"),
        (PROVIDER, "/operations/0/key", 1, "/operations/0/key: expected bool, got int"),
        (PROVIDER, "/lifecycle/outcomes/lost", "lost", "/lifecycle/outcomes/lost: none of succeeded"),
        (PROVIDER, "/lifecycle/cancel", "always", "/lifecycle/cancel: 'always' is none of queued, none"),
        (PROVIDER, "/auth", "basic", "/auth: 'basic' is none of bearer"),
    ],
)
def test_a_value_that_means_nothing_is_refused(file: str, pointer: str, value: Any, said: str) -> None:
    """A schema keyword that nothing enforces, a word outside its vocabulary, or a name that leads nowhere."""
    with pytest.raises(ContractError) as refusal:
        read(file, pointer, value)
    assert str(refusal.value).startswith(f"{file}#")
    assert said in str(refusal.value)


@pytest.mark.parametrize(
    ("pointer", "value", "said"),
    [
        ("/ids/from", "documented:nowhere", "/ids/kind: documented from 'nowhere', which is not listed"),
        ("/ids/from", "chosen:hiapi.nothing", "/ids/kind: chosen from 'hiapi.nothing', which is not listed"),
        ("/ids/from", "guessed:r2v-page", "/ids/from: 'guessed:r2v-page' is not \"<how>:<source>\""),
        ("/ids/from", "documented", "/ids/from: 'documented' is not \"<how>:<source>\""),
        ("/from", GONE, "/provider: a fact without provenance"),
    ],
)
def test_a_fact_without_a_listed_source_is_refused(pointer: str, value: Any, said: str) -> None:
    """Where a fact comes from is checked against the listed sources and assumptions, and may not be left out."""
    with pytest.raises(ContractError) as refusal:
        list(Edited(PROVIDER, pointer, value).facts())
    assert f"{PROVIDER}#{said}" in str(refusal.value)


def test_a_fact_outside_any_provenance_is_refused() -> None:
    """No default speaks for a leaf that nothing around it accounts for."""
    with pytest.raises(ContractError, match=r"x\.json#/b/0/c: a fact without provenance"):
        list(facts({"a": {"from": "documented:page", "d": 1}, "b": [{"c": 2}]}, "x.json#"))


@pytest.mark.parametrize(
    ("variants", "said"),
    [
        ({"hiapi.nothing": {"no": {}}}, "x.json#/a/variants/hiapi.nothing: no such assumption"),
        ({"hiapi.body-limit": {"9MB": {}}}, 'x.json#/a/variants/hiapi.body-limit: "9MB" is no alternative'),
        ({"hiapi.body-limit": {"128MiB": {}}}, 'x.json#/a/variants/hiapi.body-limit: "128MiB" is no alternative'),
    ],
)
def test_variants_name_a_listed_assumption_and_its_alternatives(variants: Json, said: str) -> None:
    """A variant of an unknown assumption or choice would never apply, so it is refused; so is one of the default."""
    with pytest.raises(ContractError) as refusal:
        resolve({"a": {"variants": variants}}, "x.json#", load("hiapi").chosen, assumptions())
    assert said in str(refusal.value)


def test_the_id_of_a_model_is_the_name_of_its_file() -> None:
    """A model is found by its file name; a document that says otherwise is refused."""
    with pytest.raises(ContractError, match=r"#/id: the file name says 'happyhorse-1\.1/reference-to-video'"):
        Edited(MODEL, "/id", "happyhorse-1.1/other").model("happyhorse-1.1/reference-to-video")


def test_an_unknown_model_is_none_and_an_unknown_provider_an_error() -> None:
    """A caller may ask for any model; which providers exist is fixed."""
    assert load("hiapi").model("happyhorse-9/none") is None
    with pytest.raises(ContractError, match="there are runcomfy, runflow, hiapi"):
        load("elsewhere")


@pytest.mark.parametrize(
    ("switches", "said"),
    [
        ({"hiapi.nothing": "x"}, "no assumption 'hiapi.nothing'"),
        ({"hiapi.body-limit": "1"}, "one of 128MiB, 10MB, not"),
    ],
)
def test_a_switch_that_does_not_exist_is_refused(switches: dict[str, str], said: str) -> None:
    """A misspelt switch must not leave the default in force in silence."""
    with pytest.raises(UnknownAssumptionError, match=said):
        load("hiapi", switches)


IMAGE = {"table": "image-same-area", "tier": "resolution", "ratio": "aspect_ratio"}
AUDIO = {"seconds": ["duration"], "fixed_rate": 8000}


@pytest.mark.parametrize(
    ("kind", "node", "key", "value", "said"),
    [
        ("image", IMAGE, "fixed_format", "gif", "/image/fixed_format: 'gif' is none of png, jpeg, webp"),
        ("image", IMAGE, "count", "pictures", "/image/count: the input has no property 'pictures'"),
        ("image", IMAGE, "formt", "x", '/image: unknown key "formt" (did you mean "format"?)'),
        ("audio", AUDIO, "unit", "min", "/audio/unit: 'min' is none of s, ms"),
        ("audio", AUDIO, "seconds", ["length"], "/audio/seconds: the input has no property 'length'"),
        ("audio", AUDIO, "fps", 24, '/audio: unknown key "fps"'),
    ],
)
def test_an_output_of_another_kind_is_read_as_strictly(
    kind: str, node: dict[str, Json], key: str, value: Json, said: str
) -> None:
    """A model makes videos, pictures or recordings, and each has its own keys."""
    contract = load("hiapi")
    document = edited(contract.documents()[MODEL], "/video", GONE)
    read_model({**document, kind: node}, MODEL, contract.provider.file_inputs)
    with pytest.raises(ContractError) as refusal:
        read_model({**document, kind: {**node, key: value}}, MODEL, contract.provider.file_inputs)
    assert said in str(refusal.value)


def test_listing_models_reads_none_of_them() -> None:
    """A server starts on the names of the files alone; a process that only asks for ids opens no model's file."""
    code = """
import sys
opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
from screentest.app import App
from screentest.clock import ManualClock
from screentest.engine import Engine
from screentest.settings import Settings
from screentest.store.sqlite import SqliteStore
engine = Engine(SqliteStore(":memory:"), ManualClock())
App(engine, Settings())
assert len(engine.contracts["runcomfy"].model_ids) == 121
print(sum("models/" in path and path.endswith(".json") for path in opened))
"""
    paths = {"PYTHONPATH": ":".join(sys.path)}
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=paths, text=True)
    assert printed.stdout.strip() == "0"
