"""A saved page as lines of text, whatever it was saved as: text, Markdown or HTML; or as the JSON document it is.

What follows reads lines: cells of a table stand between tabs, code keeps its own lines, markup is gone.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from msgspec import Struct

from screentest_contracts.ingest.html_lines import looks_like_html, text_of_html
from screentest_contracts.ingest.json_blocks import NestedTooDeeplyError, strict_json
from screentest_contracts.ingest.markdown_lines import text_of_markdown
from screentest_contracts.reading import Json

LARGEST = 4_000_000
MOST_LINES = 50_000
MOST_TAGS = 200_000
MOST_PARAMETERS = 1_000
"""How much of a page we read: bytes, lines, tags, parameters. Real pages have a hundredth of it."""

_BLANKS = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
_CONTROLS = re.compile(r"[\x01-\x08\x0e-\x1f]")


class PageError(ValueError):
    """A page that cannot be read at all; the message names it, says why, and what to do."""


class Page(Struct, frozen=True, kw_only=True):
    """A page: its name for messages, its text in lines, and its content where the whole page is JSON."""

    name: str
    text: str
    document: Json = None


def open_page(path: Path) -> Page:
    """The page saved at `path`; raises `PageError`. No more than `LARGEST` bytes of it are read."""
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except OSError as error:
        raise PageError(f"{path}: cannot be read: {error.strerror or error}") from None
    return read_page(raw, str(path))


def read_page(raw: bytes, name: str) -> Page:
    """The page in `raw`; raises `PageError`."""
    if len(raw) > LARGEST:
        raise PageError(f"{name}: larger than {LARGEST:,} bytes; save the documentation page alone")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise PageError(f"{name}: not UTF-8 text; save the page as text, Markdown or HTML") from None
    if "\0" in text or len(_CONTROLS.findall(text)) > len(text) // 100:
        raise PageError(f"{name}: binary, not text; save the page as text, Markdown or HTML")
    if not text.strip():
        raise PageError(f"{name}: empty")
    if text.count("\n") > MOST_LINES or text.count("<") > MOST_TAGS:
        raise PageError(f"{name}: more lines or tags than a documentation page has")
    return _page(text, name)


def check_size(count: int, name: str) -> None:
    """Refuses a page with more parameters than a model has; raises `PageError`."""
    if count > MOST_PARAMETERS:
        raise PageError(f"{name}: {count} parameters; no model has more than {MOST_PARAMETERS}")


def _page(text: str, name: str) -> Page:
    if text.lstrip()[0] in "{[":
        try:
            return Page(name=name, text=text, document=strict_json(text))
        except NestedTooDeeplyError:
            raise PageError(f"{name}: JSON that is nested too deeply to be read") from None
        except ValueError as error:
            if name.endswith(".json"):
                where = f": {error}" if isinstance(error, json.JSONDecodeError) else ""
                raise PageError(f"{name}: not JSON{where}") from None
    text = text_of_html(text) if looks_like_html(text) else text_of_markdown(text)
    text = _INVISIBLE.sub("", _BLANKS.sub(" ", text))
    return Page(name=name, text="\n".join(line.rstrip() for line in text.splitlines()))
