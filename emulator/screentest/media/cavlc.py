"""Variable-length codes of H.264 (ITU-T H.264, clause 9): bits are strings of ``0`` and ``1``.

Only what a stream without AC coefficients needs: one block of sixteen luma DC levels whose neighbours hold no
coefficients (nC = 0), and chroma DC blocks with at most one level.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

ZIGZAG = (0, 1, 4, 8, 5, 2, 3, 6, 9, 12, 13, 10, 7, 11, 14, 15)
"""Scan order of a 4x4 block: position in raster order for each place in the scan (figure 6-6)."""

# Table 9-5, column 0 <= nC < 2. Row: TotalCoeff 0..16. Place in the row: TrailingOnes 0..3.
_COEFF_TOKEN = [
    row.split()
    for row in """
    1
    000101 01
    00000111 000100 001
    000000111 00000110 0000101 00011
    0000000111 000000110 00000101 000011
    00000000111 0000000110 000000101 0000100
    0000000001111 00000000110 0000000101 00000100
    0000000001011 0000000001110 00000000101 000000100
    0000000001000 0000000001010 0000000001101 0000000100
    00000000001111 00000000001110 0000000001001 00000000100
    00000000001011 00000000001010 00000000001101 0000000001100
    000000000001111 000000000001110 00000000001001 00000000001100
    000000000001011 000000000001010 000000000001101 00000000001000
    0000000000001111 000000000000001 000000000001001 000000000001100
    0000000000001011 0000000000001110 0000000000001101 000000000001000
    0000000000000111 0000000000001010 0000000000001001 0000000000001100
    0000000000000100 0000000000000110 0000000000000101 0000000000001000
    """.strip().splitlines()
]

# Tables 9-7 and 9-8. Row: TotalCoeff 1..15. Place in the row: total_zeros 0, 1, ...
_TOTAL_ZEROS = [
    row.split()
    for row in """
    1 011 010 0011 0010 00011 00010 000011 000010 0000011 0000010 00000011 00000010 000000011 000000010 000000001
    111 110 101 100 011 0101 0100 0011 0010 00011 00010 000011 000010 000001 000000
    0101 111 110 101 0100 0011 100 011 0010 00011 00010 000001 00001 000000
    00011 111 0101 0100 110 101 100 0011 011 0010 00010 00001 00000
    0101 0100 0011 111 110 101 100 011 0010 00001 0001 00000
    000001 00001 111 110 101 100 011 010 0001 001 000000
    000001 00001 101 100 011 11 010 0001 001 000000
    000001 0001 00001 011 11 10 010 001 000000
    000001 000000 0001 11 10 001 01 00001
    00001 00000 001 11 10 01 0001
    0000 0001 001 010 1 011
    0000 0001 01 1 001
    000 001 1 01
    00 01 1
    0 1
    """.strip().splitlines()
]

# Table 9-10. Row: zerosLeft 1..7, the last row serving every larger one. Place in the row: run_before 0, 1, ...
_RUN_BEFORE = [
    row.split()
    for row in """
    1 0
    1 01 00
    11 10 01 00
    11 10 01 001 000
    11 10 011 010 001 000
    11 000 001 011 010 101 100
    111 110 101 100 011 010 001 0001 00001 000001 0000001 00000001 000000001 0000000001 00000000001
    """.strip().splitlines()
]


@lru_cache(8192)
def ue(value: int) -> str:
    """Exp-Golomb code of an unsigned number (9.1)."""
    bits = format(value + 1, "b")
    return "0" * (len(bits) - 1) + bits


@lru_cache(8192)
def se(value: int) -> str:
    """Exp-Golomb code of a signed number (9.1.1)."""
    return ue(2 * value - 1 if value > 0 else -2 * value)


def luma_dc(levels: Sequence[int]) -> str:
    """One block of sixteen levels in scan order, with nC = 0 (9.2)."""
    places = [i for i in range(15, -1, -1) if levels[i]]  # highest frequency first: the order of coding
    if not places:
        return _COEFF_TOKEN[0][0]
    values = [levels[i] for i in places]
    ones = _trailing_ones(values)
    bits = _COEFF_TOKEN[len(values)][ones] + "".join("1" if v < 0 else "0" for v in values[:ones])
    return bits + _levels(values[ones:], len(values), ones) + _runs(places)


def chroma_dc(level: int) -> str:
    """A chroma DC block of 4:2:0 in which only the first of the four levels may differ from zero (nC = -1)."""
    if level == 0:
        return "01"
    every_zero_before = "1"  # table 9-9 (a), TotalCoeff 1, total_zeros 0
    if abs(level) == 1:
        return "1" + ("1" if level < 0 else "0") + every_zero_before
    return "000111" + _levels([level], 1, 0) + every_zero_before


def _trailing_ones(values: Sequence[int]) -> int:
    ones = 0
    while ones < min(3, len(values)) and abs(values[ones]) == 1:
        ones += 1
    return ones


def _levels(values: Sequence[int], total: int, ones: int) -> str:
    """The levels after the trailing ones, with their suffixes growing as the levels grow (9.2.2.1)."""
    bits = ""
    suffix_length = 1 if total > 10 and ones < 3 else 0
    for place, value in enumerate(values):
        code = 2 * abs(value) - (1 if value < 0 else 2)
        if place == 0 and ones < 3:
            code -= 2  # it cannot be a one: that would have been a trailing one
        bits += _level(code, suffix_length)
        suffix_length = max(suffix_length, 1)
        if abs(value) > 3 << (suffix_length - 1) and suffix_length < 6:
            suffix_length += 1
    return bits


@lru_cache(4096)
def _level(code: int, suffix_length: int) -> str:
    """level_prefix and level_suffix of one levelCode; the escape holds 12 bits, more than an 8-bit picture needs."""
    if suffix_length == 0:
        if code < 14:
            return "0" * code + "1"
        if code < 30:
            return "0" * 14 + "1" + format(code - 14, "04b")
        return "0" * 15 + "1" + format(code - 30, "012b")
    escape = 15 << suffix_length
    if code < escape:
        return "0" * (code >> suffix_length) + "1" + format(code & (1 << suffix_length) - 1, f"0{suffix_length}b")
    return "0" * 15 + "1" + format(code - escape, "012b")


def _runs(places: Sequence[int]) -> str:
    """total_zeros and run_before (9.2.3), for scan places in falling order."""
    total = len(places)
    zeros = places[0] + 1 - total
    bits = _TOTAL_ZEROS[total - 1][zeros] if total < 16 else ""
    for place, following in pairwise(places):
        if not zeros:
            break
        run = place - following - 1
        bits += _RUN_BEFORE[min(zeros, 7) - 1][run]
        zeros -= run
    return bits
