"""Limits out of a description: what it states, and the sentences with numbers that were not understood."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from msgspec import Struct

from screentest_contracts.ingest.phrases import (
    COUNTS,
    FORMATS,
    HARMLESS,
    LENGTHS,
    MEDIA,
    NUMBERS,
    SKIPPED,
    TRUNCATED,
    Phrase,
)
from screentest_contracts.reading import Json

LONGEST = 2_000
"""Characters of a description that are read."""

_DIGITS = re.compile(r"\d+(?:[.,:]\d+)*")
_SENTENCE = re.compile(r"(?<=[.;!?])\s+")
_SAME_FORMAT = {"jpg": "jpeg", "tif": "tiff"}
_QUOTED = 80


class Stated(Struct, frozen=True, kw_only=True):
    """What a description says: keywords of the property and of its ``media`` rule; and sentences not understood."""

    keywords: Mapping[str, Json]
    media: Mapping[str, Json]
    unread: tuple[str, ...]


def read_prose(text: str, kind: str, *, media: bool, known: Collection[str] = ()) -> Stated:
    """What `text` says of a property of JSON type `kind`; `media` if it names files. `known` are values that the page
    states elsewhere (of the enum, the default), so that naming them again is no riddle."""
    rest = _Rest(text[:LONGEST])
    rules: dict[str, Json] = rest.take(MEDIA) if media else {}
    formats = [word.lower() for word in rest.words(FORMATS)] if media else []
    if formats:
        rules["formats"] = list(dict.fromkeys(_SAME_FORMAT.get(word, word) for word in formats))
    keywords = rest.take({"string": LENGTHS, "array": COUNTS, "integer": NUMBERS, "number": NUMBERS}.get(kind, ()))
    if kind == "string" and TRUNCATED.search(text):
        keywords["overflow"] = "truncate"
    if kind == "string" and SKIPPED.search(text):
        keywords["empty"] = "absent"
    if "advice" in keywords:
        keywords["advice"] = {"maxLength": keywords["advice"]}
    return Stated(keywords=keywords, media=rules, unread=rest.riddles(known))


class _Rest:
    """A text of which phrases are taken away as they are understood."""

    def __init__(self, text: str) -> None:
        self._text = text

    def take(self, phrases: Iterable[Phrase]) -> dict[str, Json]:
        """The keywords that these phrases state; the first phrase that states a keyword has it."""
        found: dict[str, Json] = {}
        for phrase in phrases:
            for match in list(phrase.pattern.finditer(self._text)):
                said = {
                    name: number(match[side]) for side, name in (("low", phrase.low), ("high", phrase.high)) if name
                }
                if any(found.get(name, value) != value for name, value in said.items()):
                    continue
                found |= _strict(said, phrase, found)
                self._blank(match)
        return found

    def words(self, pattern: re.Pattern[str]) -> list[str]:
        """Every match of `pattern`."""
        matches = list(pattern.finditer(self._text))
        for match in matches:
            self._blank(match)
        return [match[0] for match in matches]

    def riddles(self, known: Collection[str]) -> tuple[str, ...]:
        """The sentences that still hold a number which is neither `known` nor part of a name."""
        text = HARMLESS.sub(lambda found: found[0] if found[0] in known else " " * len(found[0]), self._text)
        spoken = {word.lower() for word in known}
        found = []
        for sentence in _SENTENCE.split(text):
            tiers = re.sub(r"\d+[pPkK]\b", lambda tier: "" if tier[0].lower() in spoken else tier[0], sentence)
            if any(digits not in spoken for digits in _DIGITS.findall(tiers)):
                found.append(" ".join(sentence.split())[:_QUOTED])
        return tuple(found)

    def _blank(self, match: re.Match[str]) -> None:
        start, end = match.span()
        self._text = self._text[:start] + " " * (end - start) + self._text[end:]


def _strict(said: dict[str, Json], phrase: Phrase, found: Mapping[str, Json]) -> dict[str, Json]:
    """A strict limit: of a length the largest that is allowed, of a file by name."""
    for name in phrase.exclusive:
        if name in ("advice", "maxLength"):
            said[name] -= 1
        else:
            said["exclusive"] = [*found.get("exclusive", []), name]
    return said


def number(text: str) -> int | float:
    """``2 500``, ``2,500``, ``0,4``, ``1:2.5`` as a number."""
    if ":" in text:
        over, _, under = text.partition(":")
        divisor = number(under)
        return plain(number(over) / divisor) if divisor else 0
    if re.fullmatch(r"\d+(?:[ ,]\d{3})+", text):
        return int(re.sub(r"[ ,]", "", text))
    return plain(float(text.replace(",", ".").replace(" ", "")))


def plain(value: float) -> int | float:
    """A whole number as an integer."""
    return int(value) if value == int(value) else value
