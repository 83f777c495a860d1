"""Dots to a lossless WEBP (VP8L): runs of one colour along a line, then copies of whole lines.

All codes are of nearly the same length: what is coded is little, and building better ones would take longer.
"""

from collections.abc import Iterable, Iterator
from struct import pack

from screentest.media.raster import DOT, Raster

_LONGEST = 4096  # pixels in one copy
_NEAREST = 120  # distances up to this mean neighbours in the plane; a plain distance is this much more
_SIZES = (256 + 24, 256, 256, 256, 40)  # alphabets: green and lengths of copies, red, blue, alpha, distances
_LENGTH_ORDER = (17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)

Token = tuple[int, ...]
"""A pixel (green, red, blue, alpha), or a copy (length, distance)."""


def webp(picture: Raster) -> bytes:
    """The complete file."""
    tokens = list(_tokens(picture))
    codes = [_code(symbols) for symbols in _used(tokens)]
    bits = _Bits()
    bits.put(0x2F, 8)
    bits.put(picture.width - 1, 14)
    bits.put(picture.height - 1, 14)
    bits.put(len(picture.colours[0]) == len("RGBA"), 1)
    bits.put(0, 3 + 1 + 1 + 1)  # version; no transforms, no cache of colours, one group of codes
    for code, size in zip(codes, _SIZES, strict=True):
        _put_code(bits, code, size)
    words = {token: _word(token, codes) for token in set(tokens)}
    bits.parts += [words[token] for token in tokens]
    content = bits.bytes()
    content += b"\0" * (len(content) % 2)
    chunk = b"VP8L" + pack("<I", len(content)) + content
    return b"RIFF" + pack("<I", len(chunk) + 4) + b"WEBP" + chunk


class _Bits:
    """Bits, the lowest of each number first."""

    def __init__(self) -> None:
        self.parts: list[str] = []

    def put(self, value: int, count: int) -> None:
        if count:
            self.parts.append(f"{value:0{count}b}"[::-1])

    def bytes(self) -> bytes:
        text = "".join(self.parts)
        return int(text[::-1], 2).to_bytes(-(-len(text) // 8), "little")


def _tokens(picture: Raster) -> Iterator[Token]:
    pixels = [(green, red, blue, *(alpha or (255,))) for red, green, blue, *alpha in picture.colours]
    lines, above = 0, None
    for row in picture.rows:
        left = min(DOT, picture.height - lines)
        if left <= 0:
            return
        copied = left
        if row is not above:
            yield from _line(row, picture.width, pixels)
            copied -= 1
        yield from _copies(copied * picture.width, picture.width)
        lines, above = lines + left, row


def _line(row: Iterable[int], width: int, pixels: list[Token]) -> Iterator[Token]:
    """One line: the first pixel of each run, and copies of it."""
    run, last = 0, -1
    for number in row:
        if number != last:
            yield from _copies(run - 1, 1)
            if width <= 0:
                return
            yield pixels[number]
            run, last = 0, number
        step = min(DOT, width)
        run, width = run + step, width - step
    yield from _copies(run - 1, 1)


def _copies(count: int, distance: int) -> Iterator[Token]:
    """So many pixels, each the one ``distance`` before it."""
    while count > 0:
        yield min(count, _LONGEST), distance
        count -= _LONGEST


def _symbols(token: Token) -> Iterator[tuple[int, int, int, int]]:
    """Alphabet, symbol, further bits and their number."""
    if len(token) == len("RGBA"):
        yield from ((place, symbol, 0, 0) for place, symbol in enumerate(token))
        return
    length, distance = token
    symbol, extra, count = _prefix(length)
    yield 0, 256 + symbol, extra, count
    symbol, extra, count = _prefix(distance + _NEAREST)
    yield 4, symbol, extra, count


def _word(token: Token, codes: list[dict[int, tuple[int, int]]]) -> str:
    """All bits of a token."""
    bits = _Bits()
    for place, symbol, extra, count in _symbols(token):
        bits.put(*codes[place][symbol])
        bits.put(extra, count)
    return "".join(bits.parts)


def _prefix(value: int) -> tuple[int, int, int]:
    """Symbol, further bits and their number of a length or a distance."""
    value -= 1
    if value < len(_SIZES) - 1:
        return value, 0, 0
    high = value.bit_length() - 1
    count = high - 1
    return 2 * high + (value >> count & 1), value & ((1 << count) - 1), count


def _used(tokens: Iterable[Token]) -> list[list[int]]:
    """The symbols of each alphabet that occur."""
    found: list[set[int]] = [set() for _ in _SIZES]
    for token in set(tokens):
        for place, symbol, _, _ in _symbols(token):
            found[place].add(symbol)
    return [sorted(symbols) or [0] for symbols in found]


def _code(symbols: list[int]) -> dict[int, tuple[int, int]]:
    """A complete prefix code: each symbol's bits in the order they are written, and their number."""
    longest = (len(symbols) - 1).bit_length()
    short = (1 << longest) - len(symbols)
    code: dict[int, tuple[int, int]] = {}
    for rank, symbol in enumerate(symbols):
        count = longest - (rank < short)
        value = rank if rank < short else rank + short
        code[symbol] = (int(f"{value:0{count}b}"[::-1], 2) if count else 0, count)
    return code


def _put_code(bits: _Bits, code: dict[int, tuple[int, int]], size: int) -> None:
    """The lengths of a code's symbols; a code of one symbol is written as that symbol."""
    if len(code) == 1:
        bits.put(0b101, 3)  # simple, one symbol, of eight bits
        bits.put(next(iter(code)), 8)
        return
    lengths = [code[symbol][1] if symbol in code else 0 for symbol in range(size)]
    inner = _code(sorted(set(lengths)) if len(set(lengths)) > 1 else [*set(lengths), 18])
    used = [place for place, length in enumerate(_LENGTH_ORDER) if length in inner]
    count = max(used[-1] + 1, 4)
    bits.put(0, 1)
    bits.put(count - 4, 4)
    for length in _LENGTH_ORDER[:count]:
        bits.put(inner[length][1] if length in inner else 0, 3)
    bits.put(0, 1)  # no limit: lengths of the whole alphabet follow
    for length in lengths:
        bits.put(*inner[length])
