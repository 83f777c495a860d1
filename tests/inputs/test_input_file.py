"""What a file is, by its bytes: judged by files of Pillow and ffmpeg."""

from __future__ import annotations

import struct
import time
import zlib
from functools import cache, partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inputs.files import PILLOW, encoded, picture
from screentest.input_files.file import InputFile, examine
from screentest.media.clip import Clip
from screentest.media.mp4_reader import probe
from screentest.media.render import render

sides = st.integers(1, 90)
WAYS = {name: partial(picture, name, 64, 48) for name in PILLOW} | {
    "webp lossless": partial(picture, "webp", 64, 48, lossless=True),
    "jpeg progressive": partial(picture, "jpeg", 64, 48, progressive=True),
    "fragmented": partial(encoded, "mp4", "-movflags", "frag_keyframe+empty_moov"),
    "webm": partial(encoded, "webm", "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8"),
}
WAYS |= {name: partial(encoded, name) for name in ("mp4", "mov", "mkv", "avi")}
WAYS |= {name: partial(encoded, name, "-map", "1:a") for name in ("wav", "mp3", "flac", "m4a", "opus", "ogg", "aac")}


@cache
def made(name: str) -> bytes:
    """One of the files of `WAYS`, made when it is first needed."""
    return WAYS[name]()


@settings(max_examples=60)
@given(st.sampled_from(sorted(PILLOW)), sides, sides)
def test_images_are_what_pillow_wrote(name: str, width: int, height: int) -> None:
    """Format and size of seven formats agree with who wrote them, and the file is known to be whole."""
    file = examine(picture(name, width, height))
    assert (file.kind, file.format, file.width, file.height) == ("image", name, width, height)
    assert file.whole is (None if name in ("tiff", "avif") else True)


@pytest.mark.parametrize(
    ("name", "mode", "options"),
    [
        ("jpeg", "L", {}),
        ("jpeg", "CMYK", {}),
        ("jpeg", "RGB", {"progressive": True}),
        ("jpeg", "RGB", {"icc_profile": bytes(200_000)}),
        ("jpeg", "RGB", {"exif": b"Exif\0\0" + picture("jpeg", 20, 10)}),
        ("png", "P", {}),
        ("png", "1", {}),
        ("png", "LA", {}),
        ("webp", "RGBA", {"lossless": True}),
        ("webp", "RGB", {"exif": b"Exif\0\0" + bytes(50)}),
        ("bmp", "1", {}),
        ("tiff", "RGB", {"compression": "tiff_deflate"}),
    ],
)
def test_unusual_images(name: str, mode: str, options: dict[str, object]) -> None:
    """Modes, metadata in front of the picture and pictures within pictures do not mislead."""
    file = examine(picture(name, 321, 123, mode, **options))
    assert (file.format, file.width, file.height) == (name, 321, 123)


def test_a_bitmap_of_os2_and_one_from_the_top() -> None:
    """The short header of old bitmaps has sides of 16 bits; a negative height means rows from the top."""
    old = b"BM" + struct.pack("<IHHI", 26, 0, 0, 26) + struct.pack("<IHHHH", 12, 321, 123, 1, 24)
    new = b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + struct.pack("<IiiHH", 40, 321, -123, 1, 24) + bytes(24)
    assert [(examine(file).width, examine(file).height) for file in (old, new)] == [(321, 123)] * 2


@given(st.sampled_from(["png", "jpeg", "webp", "bmp", "webp lossless", "jpeg progressive"]), st.data())
def test_a_cut_image_is_not_whole(name: str, data: st.DataObject) -> None:
    """Whatever part of the end is missing is missed, down to a single byte."""
    still = made(name)
    cut = still[: data.draw(st.integers(0, len(still) - 1))]
    assert not examine(cut).whole


def test_a_cut_image_with_a_preview_inside() -> None:
    """The end of an embedded preview is not the end of the picture."""
    still = picture("jpeg", 321, 123, exif=b"Exif\0\0" + picture("jpeg", 20, 10))
    assert examine(still).whole
    assert examine(still[:-2]).whole is examine(still[: len(still) // 2]).whole is False


@pytest.mark.parametrize("name", sorted(set(PILLOW) - {"tiff", "avif"}))
def test_something_behind_the_end_is_no_fault(name: str) -> None:
    """Phones put films behind their pictures."""
    assert examine(made(name) + bytes(100)).whole


@pytest.mark.parametrize("name", ["mp4", "mov"])
def test_films(name: str) -> None:
    """Sides, length and rate of ffmpeg's films, with their index at the end of the file."""
    file = examine(made(name))
    assert (file.kind, file.format, file.width, file.height, file.whole) == ("video", name, 320, 240, True)
    assert file.seconds == pytest.approx(2, abs=0.05)
    assert file.fps == pytest.approx(25)
    assert examine(made(name)[:-1]).whole is False


def test_large_films_and_damaged_ones() -> None:
    """Sizes and times of 64 bits are read as well; a header that is cut or knows no length tells none."""
    ten_seconds = struct.pack(">IQQIQ", 1 << 24, 0, 0, 1000, 10_000)
    large = struct.pack(">I4sQ", 1, b"mdat", 16 + 4) + b"film"
    told = [
        examine(moov(box(b"mvhd", header)) + large).seconds
        for header in (ten_seconds, ten_seconds[:20], b"", ten_seconds[:-8] + b"\xff" * 8, bytes(32))
    ]
    assert told == [10, None, None, None, None]
    assert examine(moov(box(b"mvhd", ten_seconds)) + large).whole is True
    assert examine(moov(box(b"mvhd", ten_seconds)) + large[:-1]).whole is False


@pytest.mark.parametrize(("seconds", "fps", "audio"), [(1, 8, False), (3, 24, True), (2, 60, True)])
def test_our_own_films(seconds: int, fps: int, audio: bool) -> None:
    """The lenient reader agrees with the strict one."""
    film = render(Clip(width=200, height=100, seconds=seconds, fps=fps, audio=audio))
    file, movie = examine(film), probe(film)
    assert (file.width, file.height, file.whole) == (movie.video.width, movie.video.height, True)
    assert file.seconds == pytest.approx(float(movie.seconds))
    assert file.fps == pytest.approx(fps)


def test_films_that_are_known_by_name_only() -> None:
    """Of these the container is told and nothing else; a fragmented MP4 does not know its length."""
    assert [(examine(made(name)).kind, examine(made(name)).format) for name in ("webm", "mkv", "avi")] == [
        ("video", "webm"),
        ("video", "mkv"),
        ("video", "avi"),
    ]
    fragmented = examine(made("fragmented"))
    assert (fragmented.width, fragmented.height, fragmented.seconds, fragmented.whole) == (320, 240, None, True)


@pytest.mark.parametrize(
    ("name", "said"),
    [("wav", "wav"), ("mp3", "mp3"), ("flac", "flac"), ("m4a", "m4a"), ("opus", "ogg_opus"), ("ogg", "ogg")],
)
def test_sounds(name: str, said: str) -> None:
    """Format and length of ffmpeg's sounds."""
    file = examine(made(name))
    assert (file.kind, file.format) == ("audio", said)
    assert file.seconds == pytest.approx(2, abs=0.06)
    assert file.whole in (True, None)


def test_mp3_without_a_tag_is_counted() -> None:
    """Without the encoder's note of their number, frames are walked; an ID3 tag in front is stepped over."""
    bare = encoded("mp3", "-map", "1:a", "-write_xing", "0", "-id3v2_version", "0")
    assert bare[:2] in (b"\xff\xfb", b"\xff\xf3")
    tagged = b"ID3\x04\0\0\0\0\x01\x00" + bytes(128) + bare
    for file in (examine(bare), examine(tagged)):
        assert (file.format, round(file.seconds or 0, 1)) == ("mp3", 2.1)


def test_a_sound_whose_length_nobody_knows() -> None:
    """AAC frames by themselves tell none."""
    assert examine(made("aac")) == InputFile(kind="audio", format="aac", size=len(made("aac")))


def test_a_streamed_wav() -> None:
    """A writer that cannot go back leaves its sizes at the largest number: the length is what is there."""
    wav = made("wav")
    at = wav.index(b"data") + 4
    streamed = wav[:4] + b"\xff" * 4 + wav[8:at] + b"\xff" * 4 + wav[at + 4 :]
    assert examine(streamed).whole
    assert examine(streamed).seconds == pytest.approx(2, abs=0.01)
    assert examine(wav[:-1000]).whole is False


@pytest.mark.parametrize(
    ("data", "described"),
    [
        (b"", "empty"),
        (b"\0" * 1000, "of no known format"),
        (b"hello, this is a text", "of no known format"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' width='400' height='400'/>", "SVG"),
        (b"\xef\xbb\xbf <?xml version='1.0'?>\n<!-- drawn -->\n<svg/>", "SVG"),
        (b"<?xml version='1.0'?><rss/>", "XML"),
        (b"\n<!DOCTYPE html><title>404</title>", "HTML"),
        (b"<HTML><body>", "HTML"),
        (b'{"error": "expired"}', "JSON"),
        (b"%PDF-1.7", "PDF"),
        (b"PK\x03\x04", "ZIP"),
        (b"\x1f\x8b\x08", "GZIP"),
        (b"BM but no picture", "of no known format"),
    ],
)
def test_what_people_send_by_mistake(data: bytes, described: str) -> None:
    """The description fits after "the file is"."""
    assert examine(data).described == described


@pytest.mark.parametrize(
    ("name", "described"), [("gif", "image (GIF)"), ("mp4", "video (MP4)"), ("wav", "sound (WAV)")]
)
def test_a_file_of_another_kind(name: str, described: str) -> None:
    """Described as fits after "the file is"."""
    assert examine(made(name)).described == described


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(width: int, height: int, *chunks: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(chunks) + chunk(b"IEND", b"")


def moov(*boxes: bytes) -> bytes:
    return box(b"ftyp", b"isom" + bytes(4)) + box(b"moov", b"".join(boxes)) + box(b"mdat", b"")


def box(name: bytes, content: bytes, size: int | None = None) -> bytes:
    return struct.pack(">I4s", len(content) + 8 if size is None else size, name) + content


HOSTILE = {
    "bomb": png(50_000, 50_000, chunk(b"IDAT", zlib.compress(bytes(10**6), 9))),
    "text bomb": png(400, 400, chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(6 * 10**7), 1))),
    "no area": png(0, 0),
    "ff": b"\xff" * 5_000_000,
    "jpeg of fill": b"\xff\xd8" + b"\xff" * 5_000_000,
    "jpeg of ends": b"\xff\xd8\xff\xda" + b"\xff" * 100_000_000,
    "jpeg of segments": b"\xff\xd8" + b"\xff\xfe\0\x02" * 10**6,
    "gif of nothing": b"GIF89a" + bytes(50_000_000),
    "tiff far away": b"II*\0" + b"\xff" * 100,
    "heic of extents": b"\0\0\0\x18ftypheic" + b"ispe" * 100_000,
    "boxes": moov(*[box(b"trak", b"")] * 100_000),
    "boxes in boxes": moov(*[box(b"trak", box(b"mdia", b"") * 1000)] * 1000),
    "box of nothing": moov(box(b"mvhd", b"", 0) * 1000),
    "box beyond": moov(box(b"mvhd", b"", 1)),
    "count of samples": moov(
        box(
            b"trak",
            box(b"mdia", box(b"hdlr", bytes(8) + b"vide") + box(b"minf", box(b"stbl", box(b"stsz", b"\xff" * 12)))),
        )
    ),
    "wav chunks": b"RIFF\xff\xff\xff\xffWAVE" + b"junk\0\0\0\0" * 500_000,
    "wav at no rate": b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0" + bytes(16) + b"data\xff\xff\xff\xff",
    "mp3 frames": bytes.fromhex("fffb18c0") * 10**6,
    "id3 far away": b"ID3\x04\0\0\x7f\x7f\x7f\x7f",
    "svg of space": b"<?xml " + b" " * 10**6,
    "comments": b"<!--" * 10**6,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_take_no_time(name: str) -> None:
    """Neither what a header claims nor how a file is built makes it cost more than a moment."""
    started = time.process_time()
    file = examine(HOSTILE[name])
    assert time.process_time() - started < 0.5
    assert file.size == len(HOSTILE[name])


def test_a_bomb_tells_its_size() -> None:
    """The header is believed, so that limits of side and area refuse it."""
    file = examine(HOSTILE["bomb"])
    assert (file.width, file.height) == (50_000, 50_000)
    assert examine(HOSTILE["no area"]).width == examine(HOSTILE["jpeg of fill"]).width == 0


@given(
    st.sampled_from(sorted(WAYS)).map(made),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=8),
    st.data(),
)
def test_a_damaged_file_is_something(sample: bytes, damage: list[tuple[int, int]], data: st.DataObject) -> None:
    """Changed bytes near either end, and cuts, never raise; what is told stays within reason."""
    raw = bytearray(sample)
    for at, value in damage:
        raw[at % len(raw) if value % 2 else -1 - at % len(raw)] = value
    for file in (examine(bytes(raw)), examine(bytes(raw[: data.draw(st.integers(0, len(raw)))]))):
        assert min(file.width, file.height) >= 0
        assert file.seconds is None or file.seconds >= 0
        assert file.described


@given(
    st.sampled_from([b"", b"RIFF\0\0\0\0WAVE", b"ID3", b"OggS", b"fLaC", b"\0\0\0\x10ftyp", b"\xff\xfb"]),
    st.binary(max_size=200),
)
def test_any_bytes_are_something(magic: bytes, raw: bytes) -> None:
    """No bytes behind any magic make the reader raise."""
    assert examine(magic + raw).size == len(magic) + len(raw)
