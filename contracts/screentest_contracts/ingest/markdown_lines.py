"""Markdown, or plain text, as lines without markup: cells of a table stand between tabs, code is left alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

_FENCE = re.compile(r"\s*(```|~~~)")
_RULE = re.compile(r"\s*\|?(\s*:?-{2,}:?\s*\|)+\s*(:?-{2,}:?)?\s*")
_HEADING = re.compile(r"\s{0,3}#{1,6}\s+(.*?)\s*#*\s*")
_LINK = re.compile(r"!?\[([^\[\]\n]{0,300})\]\((?:[^()\n]{0,2000})\)")
_EMPHASIS = re.compile(r"(?<!\*)(\*{1,3})(?![*\s])([^*\n]{1,300})\1(?!\*)")
_CODE = re.compile(r"(`{1,2})(?!`)([^`\n]{1,500})\1(?!`)")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+.!|<>~-])")


def text_of_markdown(text: str) -> str:
    """The text without its markup; what is plain text already stays as it is."""
    return "\n".join(_lines(text))


def _lines(text: str) -> Iterator[str]:
    fenced = False
    for line in text.splitlines():
        if _FENCE.match(line):
            fenced = not fenced
        elif fenced or line.lstrip().startswith(('"', "{", "}")):
            yield line
        elif not _RULE.fullmatch(line):
            yield _plain(line)


def _plain(line: str) -> str:
    if heading := _HEADING.fullmatch(line):
        line = heading[1]
    cells = line.strip()
    if cells.startswith("|") and cells.endswith("|") and len(cells) > 1:
        line = "\t".join(cell.strip() for cell in re.split(r"(?<!\\)\|", cells[1:-1]))
    line = _LINK.sub(r"\1", line)
    line = _CODE.sub(r"\2", line)
    line = _EMPHASIS.sub(r"\2", line)
    return _ESCAPE.sub(r"\1", line) if "\\" in line and not line.rstrip().endswith("\\") else line
