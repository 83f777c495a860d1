"""The text in the picture: what it says, and how it is set into the room there is."""

from typing import Protocol

from msgspec import Struct

from screentest.media.font import COMPACT, LARGE, Face, printable

MUTED, BRIGHT = 2, 3
"""Tones of ink."""

_NAME = "SCREENTEST"
_BREAKS = "-/_.:"
_MEASURE = 64  # characters: a longer line is tiring to read
_PROMPT_MOST = 8


class Subject(Protocol):
    """What a caption tells of: something made for a request."""

    @property
    def heading(self) -> str: ...
    @property
    def provider(self) -> str: ...
    @property
    def model(self) -> str: ...
    @property
    def prompt(self) -> str: ...
    def facts(self) -> list[str]: ...


class Line(Struct, frozen=True):
    """One line of text, ``top`` dots below the top of the caption."""

    text: str
    tone: int
    face: Face
    scale: int
    top: int

    @property
    def bottom(self) -> int:
        return self.top + self.face.height * self.scale


class Caption(Struct, frozen=True):
    """Lines of text, top to bottom. The height is in dots."""

    lines: tuple[Line, ...]

    @property
    def height(self) -> int:
        return self.lines[-1].bottom if self.lines else 0


class _Style(Struct, frozen=True):
    face: Face
    scale: int
    name_scale: int  # on top of the other
    leading: int  # dots between lines
    gap: int  # dots more between groups
    prompt_face: Face
    prompt_lines: int  # what there has to be room for, when the prompt is that long


class _Group(Struct, frozen=True):
    lines: list[str]
    tone: int
    face: Face
    scale: int = 1


_STYLES = (
    _Style(LARGE, 2, 3, 4, 6, LARGE, 3),
    _Style(LARGE, 1, 3, 4, 6, LARGE, 3),
    _Style(LARGE, 1, 2, 3, 5, LARGE, 3),
    _Style(LARGE, 1, 1, 2, 4, LARGE, 3),
    _Style(LARGE, 1, 1, 1, 2, LARGE, 3),
    _Style(LARGE, 1, 1, 1, 2, COMPACT, 2),
    _Style(COMPACT, 1, 1, 1, 3, COMPACT, 1),
    _Style(COMPACT, 1, 1, 1, 0, COMPACT, 0),
)


def origin(subject: Subject) -> str:
    """Who is said to have made it: provider and model."""
    return " / ".join(filter(None, (subject.provider, subject.model)))


def title(subject: Subject) -> str:
    """What it is and who is said to have made it, for the tags of a file."""
    return " - ".join(filter(None, (f"screentest {subject.heading}", origin(subject))))


def caption(subject: Subject, width: int, height: int) -> Caption:
    """The caption, set into ``width`` x ``height`` dots in the roomiest style that holds all facts.

    A prompt that is longer than the room ends in ``..``. When even the facts do not fit, what comes first stays.
    """
    for style in _STYLES:
        columns = width // (style.face.advance * style.scale)
        if columns < max(len(_NAME) * style.name_scale, len(subject.heading)):
            continue
        groups = _groups(subject, style, columns)
        prompt = _wrap(printable(subject.prompt), width // (style.prompt_face.advance * style.scale))
        most = min(len(prompt), _PROMPT_MOST)
        for count in range(most, min(most, style.prompt_lines) - 1, -1):
            made = _set([*groups, _Group(_cut(prompt, count), BRIGHT, style.prompt_face)], style)
            if made.height <= height:
                return made
    return _tightest(subject, width, height)


def _tightest(subject: Subject, width: int, height: int) -> Caption:
    style = _STYLES[-1]
    columns = max(1, width // style.face.advance)
    prompt = _Group(_wrap(printable(subject.prompt), columns), BRIGHT, style.prompt_face)
    everything = _set([*_groups(subject, style, columns), prompt], style)
    return Caption(tuple(line for line in everything.lines if line.bottom <= height))


def _groups(subject: Subject, style: _Style, columns: int) -> list[_Group]:
    shown = [printable(fact) for fact in subject.facts()]
    return [
        *_headline(subject.heading.upper(), style, columns),
        _Group(_wrap(printable(origin(subject)), columns), BRIGHT, style.face),
        _Group(_flow(shown, columns), MUTED, style.face),
    ]


def _headline(heading: str, style: _Style, columns: int) -> list[_Group]:
    both = f"{_NAME} - {heading}"
    if style.name_scale == 1 and len(both) <= columns:
        return [_Group([both], BRIGHT, style.face)]
    name = _Group([_NAME[:columns]], BRIGHT, style.face, style.name_scale)
    return [name] if style.face is COMPACT else [name, _Group([heading], MUTED, style.face)]


def _flow(items: list[str], columns: int) -> list[str]:
    """As many items to a line as fit, two blanks apart."""
    lines: list[str] = []
    for item in filter(None, items):
        if lines and len(lines[-1]) + 2 + len(item) <= columns:
            lines[-1] += "  " + item
        else:
            lines += _wrap(item, columns)
    return lines


def _wrap(text: str, columns: int) -> list[str]:
    """Lines of whole words; a word that is too long is broken, after a hyphen or the like where it has one."""
    columns = min(columns, _MEASURE)
    lines: list[str] = []
    line = ""
    for word in text[: columns * (_PROMPT_MOST + 1) * 2].split():
        joined = f"{line} {word}" if line else word
        if len(joined) <= columns:
            line = joined
            continue
        if line:
            lines.append(line)
        while len(word) > columns:
            cut = max(word.rfind(mark, columns // 2, columns) for mark in _BREAKS) + 1 or columns
            lines.append(word[:cut])
            word = word[cut:]
        line = word
    return [*lines, line] if line else lines


def _cut(lines: list[str], count: int) -> list[str]:
    """The first lines, the last of them marked when something is missing."""
    if count == 0 or len(lines) <= count:
        return lines[:count]
    last = lines[count - 1]
    return [*lines[: count - 1], last[: max(1, len(last) - 2)].rstrip() + ".."]


def _set(groups: list[_Group], style: _Style) -> Caption:
    lines: list[Line] = []
    top = 0
    for group in groups:
        if lines and group.lines:
            top += style.gap * style.scale
        for text in group.lines:
            lines.append(Line(text, group.tone, group.face, group.scale * style.scale, top))
            top = lines[-1].bottom + style.leading * style.scale
    return Caption(tuple(lines))
