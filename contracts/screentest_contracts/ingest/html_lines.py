"""HTML as the lines a reader sees: blocks are lines, cells stand between tabs, code keeps its own lines."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_BLOCKS = frozenset(
    re.findall(
        r"\w+",
        "address article aside blockquote body br dd details div dl dt figure footer form h1 h2 h3 h4 h5 h6 head"
        " header hr html li main nav ol option p pre section summary table tbody tfoot thead title tr ul",
    )
)
_CELLS = frozenset({"td", "th"})
_ROWS = frozenset({"tr", "table", "tbody", "thead", "tfoot"})
_UNSEEN = frozenset({"script", "style", "template", "noscript", "svg"})
_MARKUP = re.compile(
    r"<!doctype html|<(html|head|body|div|p|pre|table|section|article|main|h[1-6])\b[^>]{0,2000}>", re.I
)


def looks_like_html(text: str) -> bool:
    """Whether the page begins like HTML: its first markup comes before anything else of substance."""
    found = _MARKUP.search(text[:20_000])
    return found is not None and not re.search(
        r"\S", re.sub(r"<!--.*?-->|<\?[^>]*>", "", text[: found.start()], flags=re.S)
    )


def text_of_html(text: str) -> str:
    """The visible text."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return "".join(reader.written)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.written: list[str] = []
        self._unseen = 0
        self._code = 0
        self._cells = 0
        self._in_cell = False
        self._just_closed = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unseen += tag in _UNSEEN
        if tag in _CELLS:
            self._begin_cell()
        elif tag in _BLOCKS:
            self._end_line(tag)
            self._code += tag == "pre"
        elif self._just_closed and not self._code:
            self._space()
        self._just_closed = False

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        if tag in _CELLS:
            self._in_cell = False
        elif tag in _BLOCKS:
            self._code = max(0, self._code - (tag == "pre"))
            self._end_line(tag)
        self._just_closed = tag not in _BLOCKS

    def handle_data(self, data: str) -> None:
        if self._unseen:
            return
        if not self._code:
            data = re.sub(r"\s+", " ", data)
            if self._at_line_start() or self.written[-1].endswith(("\t", " ")):
                data = data.lstrip()
        if data:
            self.written.append(data)
            self._just_closed = False

    def _begin_cell(self) -> None:
        if self._cells:
            self.written.append("\t")
        self._cells += 1
        self._in_cell = True

    def _end_line(self, tag: str) -> None:
        """A block ends the line; inside a cell it is a blank."""
        if self._in_cell and tag not in _ROWS:
            self._space()
            return
        self._in_cell = False
        self._cells = 0
        if not self._at_line_start():
            self.written.append("\n")

    def _space(self) -> None:
        if not self._at_line_start() and not self.written[-1].endswith(("\t", " ")):
            self.written.append(" ")

    def _at_line_start(self) -> bool:
        return not self.written or self.written[-1].endswith("\n")
