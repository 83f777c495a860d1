"""Reads the structure of an MP4 without any library: what ffprobe would say, and more strictly.

``probe(data)`` raises ValueError when boxes do not tile their parents, when sample tables contradict each other, or
when a sample lies outside ``mdat``.
"""

from collections.abc import Iterator
from fractions import Fraction
from struct import unpack_from

from msgspec import Struct

_CONTAINERS = {"moov", "trak", "mdia", "minf", "dinf", "stbl", "edts", "udta", "ilst"}


class Sample(Struct, frozen=True):
    """One picture or audio frame: where its bytes are, and how long it lasts in units of its track."""

    offset: int
    size: int
    duration: int


class Track(Struct, frozen=True):
    """``kind`` is ``vide`` or ``soun``, ``codec`` the name of the sample entry such as ``avc1``."""

    kind: str
    codec: str
    timescale: int
    duration: int
    width: int
    height: int
    samples: tuple[Sample, ...]
    sync: tuple[int, ...] | None
    configuration: bytes

    @property
    def seconds(self) -> Fraction:
        return Fraction(self.duration, self.timescale)


class Movie(Struct, frozen=True):
    """``boxes`` are the names at the top level, in order; ``tags`` the iTunes items, ``media`` the span of ``mdat``."""

    boxes: tuple[str, ...]
    seconds: Fraction
    tracks: tuple[Track, ...]
    tags: dict[str, str]
    media: range

    @property
    def video(self) -> Track:
        """The video track; ValueError unless there is exactly one."""
        (track,) = (track for track in self.tracks if track.kind == "vide")
        return track

    @property
    def audio(self) -> Track | None:
        """The audio track, if there is one."""
        return next((track for track in self.tracks if track.kind == "soun"), None)

    @property
    def is_faststart(self) -> bool:
        """Whether a player can start before it has all of the file."""
        return self.boxes.index("moov") < self.boxes.index("mdat")


class _Box(Struct, frozen=True):
    """A box: its name, where its content begins and ends, and the boxes inside."""

    name: str
    start: int
    end: int
    inside: tuple["_Box", ...]

    def find(self, path: str) -> "_Box":
        box = self
        for name in path.split("/"):
            box = next((child for child in box.inside if child.name == name), None) or _missing(name, box)
        return box

    def has(self, name: str) -> bool:
        return any(child.name == name for child in self.inside)


def probe(data: bytes) -> Movie:
    """The structure of the file; ValueError says what is wrong with it."""
    file = _Box("file", 0, len(data), tuple(_boxes(data, 0, len(data), "file")))
    moov, mdat = file.find("moov"), file.find("mdat")
    scale, duration = _header_times(data, moov.find("mvhd"))
    movie = Movie(
        boxes=tuple(box.name for box in file.inside),
        seconds=Fraction(duration, scale),
        tracks=tuple(_track(data, box) for box in moov.inside if box.name == "trak"),
        tags=_tags(data, moov),
        media=range(mdat.start, mdat.end),
    )
    for track in movie.tracks:
        for sample in track.samples:
            if sample.offset < mdat.start or sample.offset + sample.size > mdat.end:
                raise ValueError(f"a sample of {track.kind} lies outside mdat: {sample}")
    return movie


def _boxes(data: bytes, start: int, end: int, parent: str) -> Iterator[_Box]:
    while start < end:
        if end - start < 8:
            raise ValueError(f"{end - start} stray bytes at the end of {parent}")
        size, kind = unpack_from(">I4s", data, start)
        header = 8
        if size == 1:
            size, header = unpack_from(">Q", data, start + 8)[0], 16
        name = kind.decode("latin-1")
        if size < header or start + size > end:
            raise ValueError(f"{name} at {start} claims {size} bytes, beyond its parent {parent}")
        first = start + header + (4 if name == "meta" else 0)
        is_container = name in _CONTAINERS or name == "meta" or parent == "ilst"
        yield _Box(name, first, start + size, tuple(_boxes(data, first, start + size, name)) if is_container else ())
        start += size


def _track(data: bytes, trak: _Box) -> Track:
    tables = trak.find("mdia/minf/stbl")
    header, handler, description = trak.find("tkhd"), trak.find("mdia/hdlr"), tables.find("stsd")
    width, height = unpack_from(">II", data, header.end - 8)
    scale, duration = _header_times(data, trak.find("mdia/mdhd"))
    samples = tuple(_samples(data, tables))
    if sum(sample.duration for sample in samples) != duration:
        raise ValueError(f"stts adds up to {sum(sample.duration for sample in samples)}, mdhd says {duration}")
    return Track(
        kind=data[handler.start + 8 : handler.start + 12].decode(),
        codec=data[description.start + 12 : description.start + 16].decode(),
        timescale=scale,
        duration=duration,
        width=width >> 16,
        height=height >> 16,
        samples=samples,
        sync=tuple(number for (number,) in _rows(data, tables.find("stss"), "I")) if tables.has("stss") else None,
        configuration=data[description.start : description.end],
    )


def _samples(data: bytes, tables: _Box) -> Iterator[Sample]:
    sizes, offsets = _sizes(data, tables.find("stsz")), _offsets(data, tables)
    durations = [delta for count, delta in _rows(data, tables.find("stts"), "II") for _ in range(count)]
    per_chunk = list(_samples_per_chunk(data, tables.find("stsc"), len(offsets)))
    if not len(sizes) == len(durations) == sum(per_chunk):
        raise ValueError(f"stsz has {len(sizes)} samples, stts {len(durations)}, stsc {sum(per_chunk)}")
    number = 0
    for offset, count in zip(offsets, per_chunk, strict=True):
        for _ in range(count):
            yield Sample(offset, sizes[number], durations[number])
            offset += sizes[number]
            number += 1


def _sizes(data: bytes, stsz: _Box) -> list[int]:
    fixed, count = unpack_from(">II", data, stsz.start + 4)
    if fixed:
        return [fixed] * count
    if stsz.end - stsz.start != 12 + 4 * count:
        raise ValueError(f"stsz announces {count} samples and holds {(stsz.end - stsz.start - 12) / 4:g}")
    return list(unpack_from(f">{count}I", data, stsz.start + 12))


def _offsets(data: bytes, tables: _Box) -> list[int]:
    box, kind = (tables.find("stco"), "I") if tables.has("stco") else (tables.find("co64"), "Q")
    return [offset for (offset,) in _rows(data, box, kind)]


def _samples_per_chunk(data: bytes, stsc: _Box, chunks: int) -> Iterator[int]:
    runs = _rows(data, stsc, "III")
    for i, (first, count, _) in enumerate(runs):
        following = runs[i + 1][0] if i + 1 < len(runs) else chunks + 1
        for _ in range(following - first):
            yield count


def _rows(data: bytes, box: _Box, row: str) -> list[tuple[int, ...]]:
    """The rows of a full box that holds a count and then so many rows."""
    (count,) = unpack_from(">I", data, box.start + 4)
    width = {"I": 4, "Q": 8}[row[0]] * len(row)
    if box.end - box.start != 8 + count * width:
        raise ValueError(f"{box.name} announces {count} rows and holds {(box.end - box.start - 8) / width:g}")
    return [unpack_from(f">{row}", data, box.start + 8 + i * width) for i in range(count)]


def _header_times(data: bytes, box: _Box) -> tuple[int, int]:
    """Time scale and duration of an mvhd or mdhd."""
    if data[box.start] == 1:
        scale, duration = unpack_from(">IQ", data, box.start + 20)
    else:
        scale, duration = unpack_from(">II", data, box.start + 12)
    return scale, duration


def _tags(data: bytes, moov: _Box) -> dict[str, str]:
    if not moov.has("udta") or not moov.find("udta").has("meta"):
        return {}
    items = moov.find("udta/meta/ilst").inside
    return {item.name: data[item.find("data").start + 8 : item.end].decode() for item in items}


def _missing(name: str, box: _Box) -> _Box:
    raise ValueError(f"there is no {name} in {box.name}")
