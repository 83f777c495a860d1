"""The MP4 around the samples (ISO/IEC 14496-12, -14, -15): ``ftyp``, ``moov``, ``mdat``, in this order.

Times of creation are zero and there are no edit lists: the file depends on its arguments alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, groupby, pairwise
from struct import pack

from msgspec import Struct

from screentest.media import aac

_MOVIE_SCALE = 1000  # units per second; durations are whole seconds
_TICKS = 1000  # units of the video track's time per picture
_MATRIX = pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_UNDETERMINED = 0x55C4  # language "und", 5 bits a letter


class Video(Struct, frozen=True):
    """H.264: parameter sets and one NAL unit per picture, the first of them an IDR picture. Whole seconds of it."""

    width: int
    height: int
    fps: int
    sequence: bytes
    picture: bytes
    pictures: Sequence[bytes]


class Sound(Struct, frozen=True):
    """AAC frames as ``aac.CONFIG`` says, and the length of the track in audio samples."""

    frames: Sequence[bytes]
    length: int


class _Track(Struct, frozen=True):
    """What the sample tables of one track need. ``chunks`` groups the samples by second, for interleaving."""

    number: int
    handler: bytes
    name: bytes
    scale: int
    durations: Sequence[int]
    media_header: bytes
    description: bytes
    chunks: Sequence[Sequence[bytes]]
    every_sample_is_sync: bool
    volume: int = 0
    width: int = 0
    height: int = 0


def movie(video: Video, sound: Sound | None, tags: Mapping[bytes, str]) -> bytes:
    """The bytes of the file. ``tags`` are four-letter item names (``\\xa9nam``: title) and their texts."""
    tracks = [_video_track(video)]
    if sound:
        tracks.append(_sound_track(sound))
    seconds = len(tracks[0].chunks)
    chunks = [track.chunks[second] for second in range(seconds) for track in tracks]
    lengths = [sum(map(len, chunk)) for chunk in chunks]
    start = len(_head(tracks, tags, seconds, [0] * len(chunks))) + 8
    offsets = [start + before for before in accumulate(lengths[:-1], initial=0)]
    media = (sample for chunk in chunks for sample in chunk)
    return _head(tracks, tags, seconds, offsets) + _box(b"mdat", *media)


def _video_track(video: Video) -> _Track:
    samples = [pack(">I", len(picture)) + picture for picture in video.pictures]
    return _Track(
        number=1,
        handler=b"vide",
        name=b"VideoHandler",
        scale=video.fps * _TICKS,
        durations=[_TICKS] * len(samples),
        media_header=_full(b"vmhd", 1, bytes(8)),
        description=_avc1(video, samples),
        chunks=[samples[i : i + video.fps] for i in range(0, len(samples), video.fps)],
        every_sample_is_sync=False,
        width=video.width,
        height=video.height,
    )


def _sound_track(sound: Sound) -> _Track:
    seconds, count = sound.length // aac.RATE, len(sound.frames)
    # A second of sound is not a whole number of frames: a chunk starts with the frame that its second begins in.
    starts = [second * aac.RATE // aac.FRAME for second in range(seconds)] + [count]
    return _Track(
        number=2,
        handler=b"soun",
        name=b"SoundHandler",
        scale=aac.RATE,
        durations=[aac.FRAME] * (count - 1) + [sound.length - aac.FRAME * (count - 1)],
        media_header=_full(b"smhd", 0, bytes(4)),
        description=_mp4a(sound),
        chunks=[sound.frames[a:b] for a, b in pairwise(starts)],
        every_sample_is_sync=True,
        volume=0x100,
    )


def _head(tracks: Sequence[_Track], tags: Mapping[bytes, str], seconds: int, offsets: Sequence[int]) -> bytes:
    """``ftyp`` and ``moov``; the offsets are those of the interleaved chunks. Its length does not depend on them."""
    duration = seconds * _MOVIE_SCALE
    header = _full(
        b"mvhd",
        0,
        pack(">IIII", 0, 0, _MOVIE_SCALE, duration),
        pack(">IH10x", 0x10000, 0x100) + _MATRIX + bytes(24),
        pack(">I", len(tracks) + 1),
    )
    traks = [_trak(track, duration, offsets[i :: len(tracks)]) for i, track in enumerate(tracks)]
    return _box(b"ftyp", b"isom", pack(">I", 512), b"isomiso2avc1mp41") + _box(b"moov", header, *traks, _udta(tags))


def _trak(track: _Track, duration: int, offsets: Sequence[int]) -> bytes:
    length = sum(track.durations)
    header = _full(
        b"tkhd",
        3,  # enabled, in the movie
        pack(">IIIII", 0, 0, track.number, 0, duration) + bytes(8),
        pack(">HHHH", 0, 1 if track.volume else 0, track.volume, 0) + _MATRIX,  # sound: an alternate group
        pack(">II", track.width << 16, track.height << 16),
    )
    media = _box(
        b"mdia",
        _full(b"mdhd", 0, pack(">IIIIHH", 0, 0, track.scale, length, _UNDETERMINED, 0)),
        _full(b"hdlr", 0, pack(">I4s12x", 0, track.handler), track.name + b"\0"),
        _box(
            b"minf",
            track.media_header,
            _box(b"dinf", _full(b"dref", 0, pack(">I", 1), _full(b"url ", 1))),
            _sample_tables(track, offsets),
        ),
    )
    return _box(b"trak", header, media)


def _sample_tables(track: _Track, offsets: Sequence[int]) -> bytes:
    sizes = [len(sample) for chunk in track.chunks for sample in chunk]
    times = [(len(list(run)), duration) for duration, run in groupby(track.durations)]
    # Only where the number of samples per chunk changes does this table want a row.
    counts = [len(chunk) for chunk in track.chunks]
    changes = [(i + 1, count, 1) for i, count in enumerate(counts) if i == 0 or count != counts[i - 1]]
    sync = b"" if track.every_sample_is_sync else _table(b"stss", "I", [(1,)])
    return _box(
        b"stbl",
        _full(b"stsd", 0, pack(">I", 1), track.description),
        _table(b"stts", "II", times),
        sync,
        _table(b"stsc", "III", changes),
        _full(b"stsz", 0, pack(f">II{len(sizes)}I", 0, len(sizes), *sizes)),
        _full(b"stco", 0, pack(f">I{len(offsets)}I", len(offsets), *offsets)),
    )


def _avc1(video: Video, samples: Sequence[bytes]) -> bytes:
    total, largest = sum(map(len, samples)), max(map(len, samples))
    configuration = (
        bytes((1, *video.sequence[1:4], 0xFF, 0xE1))  # profile and level; four-byte lengths; one sequence set
        + pack(">H", len(video.sequence))
        + video.sequence
        + pack(">BH", 1, len(video.picture))
        + video.picture
    )
    dots_per_inch = 0x480000
    return _box(
        b"avc1",
        bytes(6) + pack(">H", 1) + bytes(16),
        pack(">HHIIIH", video.width, video.height, dots_per_inch, dots_per_inch, 0, 1),
        bytes(32) + pack(">HH", 24, 0xFFFF),
        _box(b"avcC", configuration),
        _box(b"colr", b"nclx", pack(">HHHB", 1, 1, 1, 0)),  # BT.709, video range
        _box(b"pasp", pack(">II", 1, 1)),
        _box(b"btrt", pack(">III", 0, largest * 8 * video.fps, total * 8 * video.fps // len(samples))),
    )


def _mp4a(sound: Sound) -> bytes:
    rate = sum(map(len, sound.frames)) * 8 * aac.RATE // sound.length
    decoder = pack(">BBBHII", 0x40, 0x15, 0, 0, rate, rate) + _descriptor(5, aac.CONFIG)
    elementary = pack(">HB", 2, 0) + _descriptor(4, decoder) + _descriptor(6, b"\x02")
    return _box(
        b"mp4a",
        bytes(6) + pack(">H", 1) + bytes(8),
        pack(">HHHHI", 1, 16, 0, 0, aac.RATE << 16),
        _full(b"esds", 0, _descriptor(3, elementary)),
    )


def _udta(tags: Mapping[bytes, str]) -> bytes:
    utf8 = pack(">II", 1, 0)
    items = [
        _box(name, _box(b"data", utf8, text.encode(errors="replace")))  # a lone surrogate has no UTF-8
        for name, text in tags.items()
    ]
    handler = _full(b"hdlr", 0, pack(">I4s4s9x", 0, b"mdir", b"appl"))
    return _box(b"udta", _full(b"meta", 0, handler, _box(b"ilst", *items)))


def _descriptor(tag: int, payload: bytes) -> bytes:
    return bytes((tag, 0x80, 0x80, 0x80, len(payload))) + payload


def _table(kind: bytes, row: str, rows: Iterable[tuple[int, ...]]) -> bytes:
    packed = [pack(f">{row}", *values) for values in rows]
    return _full(kind, 0, pack(">I", len(packed)), *packed)


def _full(kind: bytes, flags: int, *parts: bytes) -> bytes:
    return _box(kind, pack(">I", flags), *parts)


def _box(kind: bytes, *parts: bytes) -> bytes:
    content = b"".join(parts)
    return pack(">I", len(content) + 8) + kind + content
