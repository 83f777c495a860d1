"""The frame around the pictures of an H.264 stream: NAL units, parameter sets, levels (ITU-T H.264, clause 7, annex A).

The stream is Constrained Baseline: CAVLC, one reference picture, no deblocking. Its quantisers are chosen so that the
inverse transforms are exact for what we draw (see ``intra``), so decoder and encoder agree to the bit without the
encoder ever decoding.
"""

import re
from typing import NamedTuple

from screentest.media.cavlc import se, ue

BLOCK = 16
"""Pixels along the side of a macroblock."""

PARAMETER_SETS = (0x67, 0x68)  # NAL unit headers: sequence, picture
IDR = 0x65
PREDICTED = 0x41

FRAME_NUMBER_BITS = 8
_LUMA_QP = 40
_CHROMA_QP_OFFSET = -4  # 36, which table 8-15 maps to a chroma QP of 34

_ZERO_ZERO = re.compile(rb"\x00\x00(?=[\x00-\x03])")


class Level(NamedTuple):
    """A row of table A-1: ten times the level, macroblocks per second, macroblocks per picture."""

    number: int
    per_second: int
    per_picture: int


# From 3.0 up: what lies below only has tighter limits on motion vectors and saves nothing.
_LEVELS = (
    Level(30, 40_500, 1_620),
    Level(31, 108_000, 3_600),
    Level(32, 216_000, 5_120),
    Level(40, 245_760, 8_192),
    Level(42, 522_240, 8_704),
    Level(50, 589_824, 22_080),
    Level(51, 983_040, 36_864),
    Level(52, 2_073_600, 36_864),
    Level(60, 4_177_920, 139_264),
    Level(61, 8_355_840, 139_264),
)


def level(columns: int, rows: int, fps: int) -> int:
    """The lowest level whose limits hold a picture of that many macroblocks; ValueError when there is none."""
    count = columns * rows
    for candidate in _LEVELS:
        fits = count <= candidate.per_picture and max(columns, rows) ** 2 <= 8 * candidate.per_picture
        if fits and count * fps <= candidate.per_second:
            return candidate.number
    raise ValueError(f"no H.264 level holds {columns}x{rows} macroblocks at {fps} fps")


def nal(header: int, bits: str) -> bytes:
    """A NAL unit: the bits, the stop bit, and emulation prevention (7.4.1)."""
    bits += "1"
    bits += "0" * (-len(bits) % 8)
    return bytes((header,)) + _ZERO_ZERO.sub(b"\x00\x00\x03", int(bits, 2).to_bytes(len(bits) // 8, "big"))


def sequence_parameters(columns: int, rows: int, width: int, height: int, fps: int) -> bytes:
    """The sequence parameter set of ``columns`` x ``rows`` macroblocks, cropped at right and bottom to the size."""
    constrained_baseline = format(66, "08b") + "11000000"
    size = ue(columns - 1) + ue(rows - 1) + "11"  # frames only, direct_8x8_inference
    crop_right = (columns * BLOCK - width) // 2  # in chroma samples
    crop_bottom = (rows * BLOCK - height) // 2
    return nal(
        PARAMETER_SETS[0],
        constrained_baseline
        + format(level(columns, rows, fps), "08b")
        + ue(0)  # its id
        + ue(FRAME_NUMBER_BITS - 4)
        + ue(2)  # pictures are shown in the order of decoding
        + ue(1)  # reference frames
        + "0"  # no gaps in frame numbers
        + size
        + "1" + ue(0) + ue(crop_right) + ue(0) + ue(crop_bottom)
        + "1" + _usability(fps),
    )  # fmt: skip


def picture_parameters() -> bytes:
    """The picture parameter set, the same for every clip."""
    return nal(
        PARAMETER_SETS[1],
        ue(0) + ue(0)  # ids
        + "00" + ue(0)  # CAVLC, one slice group
        + ue(0) + ue(0) + "000"  # one reference in each list, no weighting
        + se(_LUMA_QP - 26) + se(0) + se(_CHROMA_QP_OFFSET)
        + "100",  # deblocking is controlled per slice; ordinary intra prediction
    )  # fmt: skip


def _usability(fps: int) -> str:
    """VUI parameters (annex E): square pixels, BT.709 in video range, constant rate, no reordering."""
    aspect = "1" + format(1, "08b")
    signal = "1" + "101" + "0" + "1" + format(1, "08b") * 3
    timing = "1" + format(1, "032b") + format(2 * fps, "032b") + "1"
    longest_vector = ue(13) + ue(11)  # powers of two in quarter pixels, across and down
    restriction = "1" + "1" + ue(0) + ue(0) + longest_vector + ue(0) + ue(1)
    return aspect + "0" + signal + "0" + timing + "00" + "0" + restriction
