"""Dots to a baseline JPEG.

A block of 8x8 pixels is four dots of one value each, so of its 64 coefficients only 25 can differ from zero, and each
is a sum or difference of the four values times a constant. Blocks repeat, hence the cache. The codes are our own: one
bit says "no difference" or "nothing more", all other symbols are alike.
"""

from collections.abc import Sequence
from functools import lru_cache
from struct import pack

from screentest.media.raster import Raster

Dots = tuple[int, int, int, int]
"""The values of a block's four dots: upper left, upper right, lower left, lower right."""

_STEP = 2  # every coefficient is a multiple of this: nearly lossless
_UNIT = 1024
_HALF = {1: 1856, 3: -652, 5: 435, 7: -369}  # _UNIT * sum(cos((2 x + 1) u pi / 16) for x in 0..3) / sqrt(2)
_ZIGZAG = sorted(
    ((row, column) for row in range(8) for column in range(8)),
    key=lambda at: (sum(at), at[0] if sum(at) % 2 else at[1]),
)
_DC_SIZES = range(1, 12)
_AC_SYMBOLS = (0xF0, *(run << 4 | size for run in range(16) for size in range(1, 11)))


def _codes(plain: int, others: Sequence[int], length: int) -> dict[int, str]:
    """One bit for the symbol ``plain``, a one and ``length - 1`` bits more for each other: canonical, no all-ones."""
    return {plain: "0"} | {symbol: f"1{number:0{length - 1}b}" for number, symbol in enumerate(others)}


_DC_LENGTH, _AC_LENGTH = 5, 9
_DC = _codes(0, _DC_SIZES, _DC_LENGTH)
_AC = _codes(0, _AC_SYMBOLS, _AC_LENGTH)


def jpeg(picture: Raster, comment: str) -> bytes:
    """The complete file, without subsampling of colour."""
    frame = pack(">BHHB", 8, picture.height, picture.width, 3) + b"".join(bytes([i, 0x11, 0]) for i in (1, 2, 3))
    scan = b"\x03\x01\x00\x02\x00\x03\x00\x00\x3f\x00"
    segments = (
        (0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
        (0xFE, comment.encode("utf-8", "replace")[:60000]),
        (0xDB, b"\0" + bytes([_STEP]) * 64),
        (0xC0, frame),
        (0xC4, _table(0x00, _DC, _DC_LENGTH) + _table(0x10, _AC, _AC_LENGTH)),
        (0xDA, scan),
    )
    head = b"".join(pack(">BBH", 0xFF, marker, len(content) + 2) + content for marker, content in segments)
    return b"\xff\xd8" + head + _stuffed(_scan(picture)) + b"\xff\xd9"


def _scan(picture: Raster) -> str:
    """The coded blocks as bits, left to right and top to bottom."""
    colours = [_ycc(*colour[:3]) for colour in picture.colours]
    across = -(-picture.width // 8) * 2
    parts: list[str] = []
    known: dict[tuple[Dots, Dots | None], str] = {}
    last: Dots | None = None
    for y in range(0, -(-picture.height // 8) * 2, 2):
        upper, lower = picture.rows[y], picture.rows[y + 1]
        for x in range(0, across, 2):
            dots = (upper[x], upper[x + 1], lower[x], lower[x + 1])
            bits = known.get((dots, last))
            if bits is None:
                bits = known[dots, last] = _blocks(dots, last, colours)
            parts.append(bits)
            last = dots
    return "".join(parts)


def _blocks(dots: Dots, last: Dots | None, colours: Sequence[tuple[int, int, int]]) -> str:
    """The bits of one block in each of the three planes; ``last`` are the dots of the block before it."""
    bits = ""
    for plane in range(3):
        here = _coded(_plane(dots, plane, colours))
        before = _coded(_plane(last, plane, colours))[0] if last else 0
        bits += _number(_DC, 0, here[0] - before) + here[1]
    return bits


def _plane(dots: Dots, plane: int, colours: Sequence[tuple[int, int, int]]) -> Dots:
    a, b, c, d = (colours[dot][plane] for dot in dots)
    return a, b, c, d


@lru_cache(16384)
def _coded(values: Dots) -> tuple[int, str]:
    """The mean of a block, in steps, and the bits of everything else in it."""
    a, b, c, d = values
    across, down, both = a + c - b - d, a + b - c - d, a + d - b - c
    levels = dict.fromkeys(_ZIGZAG, 0)
    for u, half in _HALF.items():
        levels[0, u], levels[u, 0] = _rounded(across * half), _rounded(down * half)
        for v, other in _HALF.items():
            levels[v, u] = _rounded(both * half * other, 2 * _UNIT * _UNIT)
    bits, run = "", 0
    for at in _ZIGZAG[1:]:
        if not levels[at]:
            run += 1
            continue
        bits += _AC[0xF0] * (run // 16) + _number(_AC, run % 16, levels[at])
        run = 0
    return _rounded(2 * sum(values), 1), bits + (_AC[0] if run else "")


def _rounded(amount: int, unit: int = _UNIT) -> int:
    """``amount / unit`` in steps, to the nearest."""
    whole = unit * _STEP
    return (2 * amount + whole) // (2 * whole)


def _number(codes: dict[int, str], run: int, value: int) -> str:
    """A value behind ``run`` zeros: the code of its size, and its bits."""
    size = abs(value).bit_length()
    if not size:
        return codes[0]
    return codes[run << 4 | size] + f"{value if value > 0 else value + (1 << size) - 1:0{size}b}"


def _ycc(red: int, green: int, blue: int) -> tuple[int, int, int]:
    """BT.601, full range, as JFIF has it; all three around zero."""
    luma = (19595 * red + 38470 * green + 7471 * blue + 32768) >> 16
    cb = (-11059 * red - 21709 * green + 32768 * blue + 32768) >> 16
    cr = (32768 * red - 27439 * green - 5329 * blue + 32768) >> 16
    return luma - 128, cb, cr


def _table(name: int, codes: dict[int, str], length: int) -> bytes:
    counts = bytearray(16)
    counts[0], counts[length - 1] = 1, len(codes) - 1
    return bytes([name]) + counts + bytes(codes)


def _stuffed(bits: str) -> bytes:
    """Whole bytes, filled up with ones; a byte of ones is followed by a zero, so that it is no marker."""
    bits += "1" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\0")
