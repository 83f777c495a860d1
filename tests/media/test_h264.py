"""The codec below the picture: any exact dots, any whole vectors, decoded by ffmpeg to the same samples."""

import random

import pytest

from media import ffmpeg
from screentest.media.h264 import level, nal, picture_parameters, sequence_parameters
from screentest.media.inter import Field, MotionCoder, Vector
from screentest.media.intra import BlockRow, Luma, idr

Planes = tuple[list[bytes], list[bytes], list[bytes]]


def _random_picture(dice: random.Random, columns: int, rows: int) -> list[BlockRow]:
    def block() -> Luma:
        paper = dice.randrange(0, 64, 4)
        if dice.random() < 0.5:
            return paper + dice.choice((0, 64, 128))
        return tuple(paper + 64 * dice.choice((0, 0, 1, 2, 3)) for _ in range(16))

    return [
        BlockRow(
            [block() for _ in range(columns)],
            [(dice.randrange(16, 240, 4), dice.randrange(16, 240, 4)) for _ in range(columns)],
        )
        for _ in range(rows)
    ]


def _samples(picture: list[BlockRow]) -> Planes:
    """The planes as rows of bytes."""
    luma, cb, cr = [], [], []
    for row in picture:
        blocks = [(block,) * 16 if isinstance(block, int) else block for block in row.luma]
        for y in range(4):
            luma += [bytes(dot for block in blocks for dot in block[4 * y : 4 * y + 4] for _ in range(4))] * 4
        cb += [bytes(u for u, _ in row.chroma for _ in range(8))] * 8
        cr += [bytes(v for _, v in row.chroma for _ in range(8))] * 8
    return luma, cb, cr


def _moved(planes: Planes, field: Field) -> Planes:
    """Every macroblock copied from where its vector points; beyond the edge the edge repeats."""
    moved: list[list[bytes]] = []
    for plane, size, scale in zip(planes, (16, 8, 8), (1, 2, 2), strict=True):
        target = [bytearray(row) for row in plane]
        for block_y, row in field.items():
            for block_x, (dx, dy) in row.items():
                for y in range(block_y * size, (block_y + 1) * size):
                    source = plane[min(max(y + dy // scale, 0), len(plane) - 1)]
                    for x in range(block_x * size, (block_x + 1) * size):
                        target[y][x] = source[min(max(x + dx // scale, 0), len(source) - 1)]
        moved.append([bytes(row) for row in target])
    return moved[0], moved[1], moved[2]


def _random_field(dice: random.Random, columns: int, rows: range) -> Field:
    few: list[Vector] = [(2 * dice.randrange(-20, 21), 2 * dice.randrange(-20, 21)) for _ in range(3)]
    density = dice.choice((0.1, 0.5, 0.95))
    return {y: {x: dice.choice(few) for x in range(columns) if dice.random() < density} for y in rows}


def _stream(columns: int, rows: int, *pictures: bytes) -> bytes:
    """A bare stream with start codes."""
    size = (columns * 16, rows * 16)
    units = [sequence_parameters(columns, rows, *size, 24), picture_parameters(), *pictures]
    return b"".join(b"\0\0\0\1" + unit for unit in units)


@pytest.mark.parametrize("seed", range(6))
def test_any_exact_dots_and_any_vectors_decode_to_plain_copies(seed: int) -> None:
    """Random first picture, then random motion: neighbours that move make skipped macroblocks move, or must not."""
    dice = random.Random(seed)
    columns, rows, count = dice.randint(2, 9), dice.randint(2, 7), 12
    picture = _random_picture(dice, columns, rows)
    split = dice.randint(0, rows - 1)
    backdrops = [_random_field(dice, columns, range(split)) for _ in range(2)]
    coder = MotionCoder(columns, rows, backdrops)
    expected, pictures = [_samples(picture)], [idr(picture)]
    for number in range(1, count):
        field, backdrop = _random_field(dice, columns, range(split, rows)), dice.choice((0, 1))
        pictures.append(coder.picture(number, field, backdrop))
        expected.append(_moved(expected[-1], {**backdrops[backdrop], **field}))
    data = _stream(columns, rows, *pictures)
    decoded = ffmpeg.planes(data, [*range(count)], columns * 16, rows * 16, container="h264")
    for number, (wanted, got) in enumerate(zip(expected, decoded, strict=True)):
        assert tuple(b"".join(plane) for plane in wanted) == got, f"picture {number}"


def test_the_number_of_a_picture_wraps_around() -> None:
    """More pictures than the eight bits of frame_num can count."""
    row = BlockRow([20, 100, (20, 84, 148, 212) * 4], [(128, 128)] * 3)
    coder = MotionCoder(3, 1, [])
    pictures = [coder.picture(number, {0: {2: (0, 0)}}) for number in range(1, 600)]
    (last,) = ffmpeg.planes(_stream(3, 1, idr([row]), *pictures), [599], 48, 16, container="h264")
    assert b"".join(_samples([row])[0]) == last[0]


def test_dots_that_cannot_be_coded_exactly_are_refused() -> None:
    """A step that the quantiser does not hit would come out wrong without a word."""
    with pytest.raises(ValueError, match="cannot be coded exactly"):
        idr([BlockRow([(32, *[0] * 15)], [(128, 128)])])


def test_start_codes_inside_a_unit_are_escaped() -> None:
    """Two zero bytes are never followed by one below four."""
    assert nal(0x67, "0" * 39 + "1") == b"\x67\x00\x00\x03\x00\x00\x03\x01\x80"


@pytest.mark.parametrize(
    ("columns", "rows", "fps", "expected"),
    [
        (54, 30, 24, 30),
        (54, 33, 24, 31),
        (120, 68, 24, 40),
        (120, 68, 60, 42),
        (120, 72, 24, 42),
        (138, 60, 24, 42),
        (138, 64, 24, 50),
        (275, 120, 24, 51),
        (275, 120, 60, 52),
        (275, 277, 60, 61),
        (275, 6, 24, 50),
        (4, 277, 24, 50),
    ],
)
def test_the_level_covers_count_rate_and_shape(columns: int, rows: int, fps: int, expected: int) -> None:
    """Table A-1: macroblocks per picture, macroblocks per second, and a side of at most sqrt(8 * per picture)."""
    assert expected == level(columns, rows, fps)


def test_no_level_no_stream() -> None:
    """A picture beyond the highest level is refused."""
    with pytest.raises(ValueError, match=r"no H\.264 level holds 600x600 macroblocks at 24 fps"):
        level(600, 600, 24)
