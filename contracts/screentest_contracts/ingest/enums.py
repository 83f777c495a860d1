"""Lists of values that a copied page has run together: ``16:99:163:4adaptive`` is 16:9, 9:16, 3:4, adaptive.

A list is cut where the pieces make sense, and only if one way of cutting is better than every other: no value twice, as
few pieces as possible that nobody has seen before. Where two ways are equally good nothing is read.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cache

LONGEST = 400
"""Characters of a list that is cut; longer ones are not values any more."""

_SHAPES = ("16:9", "9:16", "3:4", "4:3", "4:5", "5:4", "1:1", "9:21", "21:9", "2:3", "3:2", "1:2", "2:1")
_TIERS = ("360p", "480p", "540p", "576p", "720p", "768p", "1080p", "1440p", "2160p", "1k", "2k", "4k", "8k")
_WORDS = ("auto", "adaptive", "final", "true", "false", "none", "temp", "persistent", "standard", "pro", "fast")
KNOWN = frozenset({*_SHAPES, *_TIERS, *(tier.upper() for tier in _TIERS), *_WORDS})

_PIECE = re.compile(r"\d{1,2}:\d{1,2}|\d{3,4}[pP]|\d{1,2}[kK]")
_SEPARATED = re.compile(r"\s*[,;|/·•]\s*|\s+or\s+|\s+")


def cut(text: str, known: Collection[str] = ()) -> list[str] | None:
    """The values of `text`, in order; `known` are values seen elsewhere on the page. None where that is not certain."""
    text = text.strip().strip("[]`'\"")
    pieces = [piece.strip("`'\"") for piece in _SEPARATED.split(text) if piece]
    if len(pieces) > 1:
        return pieces if len(set(pieces)) == len(pieces) else None
    if not text or text in known or len(text) > LONGEST:
        return [text] if text and len(text) <= LONGEST else None
    return _best_cut(text, KNOWN | frozenset(known))


def _best_cut(text: str, known: frozenset[str]) -> list[str] | None:
    """The cut with the fewest unseen pieces, if it is the only one with so few."""
    lengths = sorted({len(word) for word in known})

    def pieces(start: int) -> Iterator[tuple[str, int]]:
        seen = {text[start : start + length] for length in lengths} & known
        yield from ((word, 0) for word in sorted(seen))
        for length in range(2, 6):
            word = text[start : start + length]
            if len(word) == length and word not in seen and _PIECE.fullmatch(word) and word[0] != "0":
                yield word, 1

    @cache
    def cuts(start: int) -> tuple[int, tuple[tuple[str, ...], ...]]:
        """Fewest unseen pieces from `start` on, and up to two cuts that have so few."""
        if start == len(text):
            return 0, ((),)
        best = len(text)
        found: tuple[tuple[str, ...], ...] = ()
        for word, unseen in pieces(start):
            rest, tails = cuts(start + len(word))
            tails = tuple((word, *tail) for tail in tails if word not in tail)
            if tails and rest + unseen <= best:
                found = (*(found if rest + unseen == best else ()), *tails)[:2]
                best = rest + unseen
        return best, found

    _, found = cuts(0)
    return list(found[0]) if len(found) == 1 else None
