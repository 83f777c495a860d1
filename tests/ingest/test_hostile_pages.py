"""Pages that nobody should save: one clear line each, in bounded time and memory."""

from __future__ import annotations

import random
import time
import tracemalloc
from pathlib import Path

import pytest

from drift.page_edits import texts
from screentest_contracts.drift.sides import compare_documents, compare_sides
from screentest_contracts.ingest import PageError, ingest, open_page, read_page
from screentest_contracts.ingest.page import LARGEST
from screentest_contracts.load import PROVIDERS
from screentest_contracts.reading import ContractError

RUNCOMFY = texts()["runcomfy-happyhorse-1.0-image-to-video.en.txt"]
HIAPI = texts()["hiapi-happyhorse-1.1-reference-to-video.txt"]
SECONDS = 10.0

HOSTILE = {
    "binary": random.Random(1).randbytes(100_000),
    "nothing": b" \n ",
    "other letters": "é".encode("latin-1") * 100,
    "zero bytes": b"abc\0" * 100,
    "deep lists": b"[" * 300_000,
    "deep objects": b'{"a":' * 200_000,
    "deep in the page": RUNCOMFY.replace('"properties": {', '"properties": ' + '{"a":\n' * 40_000).encode(),
    "broken JSON": RUNCOMFY.replace('"properties": {', '"properties": {{').encode(),
    "no schema": b"RunComfy model-api.runcomfy.net and nothing else",
    "many brackets": b"[[ " * 300_000,
    "many quotes": b'{"' * 300_000,
    "deep HTML": b"<!doctype html>" + b"<div>" * 50_000,
    "many tags": b"<!doctype html>" + b"<" * 600_000,
    "one long line": b"runcomfy.com /v1/tasks hiapi " + b"a" * 1_000_000,
    "digits": b"hiapi /v1/tasks " + b"1,111 " * 200_000,
    "stars": b"hiapi /v1/tasks " + b"**a " * 300_000,
    "blank lines": b"hiapi /v1/tasks" + b"\n" * 1_000_000,
    "many rows": b"api.runflow.io\nParameter\tType\tDescription\n" + b"a\tstring\tc\n" * 20_000,
    "many parameters": (HIAPI + "\ninput object optional\n" + "\nseed integer optional\n\nText.\n" * 5_000).encode(),
}


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE.keys())
def test_one_line(raw: bytes, provider: str) -> None:
    """The page is refused with one line that names it, soon."""
    begun = time.perf_counter()
    with pytest.raises(PageError) as refused:
        ingest(read_page(raw, "page.html"), provider)
    assert str(refused.value).startswith("page.html: ")
    assert "\n" not in str(refused.value)
    assert time.perf_counter() - begun < SECONDS


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    """100 MB cost no more than the first few."""
    path = tmp_path / "page.html"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    tracemalloc.start()
    with pytest.raises(PageError, match="larger than 4,000,000 bytes"):
        open_page(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 3 * LARGEST


@pytest.mark.parametrize("name", ["missing.txt", "."])
def test_what_is_no_file(name: str, tmp_path: Path) -> None:
    """A path without a page is named."""
    with pytest.raises(PageError, match="cannot be read"):
        open_page(tmp_path / name)


FORMLESS = {
    "paths are a list": '{"openapi": "3.1.0", "paths": [1]}',
    "answers are a list": '{"openapi": "3.1.0", "paths": {"/a": {"get": {"responses": [1]}}}}',
    "cut off": "{",
    "deep": "[" * 5000,
    "something else": '{"hello": 1}',
}
OPENAPI = '{"openapi": "3.1.0", "paths": {"/a": {"get": {"responses": {"200": {"description": "ok"}}}}}}'


@pytest.mark.parametrize("text", FORMLESS.values(), ids=FORMLESS.keys())
def test_json_in_no_form(text: str, tmp_path: Path) -> None:
    """JSON that is nothing we compare: one line, as a document of a provider and as a side."""
    path, other = tmp_path / "side.json", tmp_path / "other.json"
    path.write_text(text)
    other.write_text(OPENAPI)

    with pytest.raises((ContractError, PageError), match=r"^.*side\.json.*$"):
        compare_sides(str(other), str(path))
    with pytest.raises((ContractError, PageError), match=r"^.*side\.json.*$"):
        compare_documents("runflow", [path])
