"""ffmpeg as the judge: it reads a file from a pipe, strictly, and says what it saw."""

import re
import subprocess
from dataclasses import dataclass

import imageio_ffmpeg

_STRICT = ("-v", "warning", "-xerror", "-err_detect", "explode")


@dataclass(frozen=True, slots=True)
class Decoded:
    """What came out of a full decode. ``times`` are those of the frames, in frames; ``audio`` counts samples."""

    width: int
    height: int
    times: list[int]
    audio: int | None


def decode(data: bytes) -> Decoded:
    """Decode everything. AssertionError with ffmpeg's words when it has anything to complain about."""
    lines = _run(data, "-fps_mode", "passthrough", "-f", "framecrc").decode().splitlines()
    header = dict(line[1:].split(": ", 1) for line in lines if line.startswith("#"))
    width, height = map(int, header["dimensions 0"].split("x"))
    packets = [[int(part, 0) for part in line.split(",")] for line in lines if not line.startswith("#")]
    return Decoded(
        width=width,
        height=height,
        times=[pts for stream, _, pts, *_ in packets if stream == 0],
        audio=sum(duration for stream, _, _, duration, *_ in packets if stream == 1) if "tb 1" in header else None,
    )


def planes(
    data: bytes, frames: list[int], width: int, height: int, container: str = "mp4"
) -> list[tuple[bytes, bytes, bytes]]:
    """Luma, Cb and Cr of those frames, as decoded. ``container`` is ``h264`` for a bare stream."""
    chosen = "+".join(f"eq(n\\,{n})" for n in frames)
    selected = ("-map", "0:v", "-vf", f"select={chosen}", "-fps_mode", "passthrough", "-f", "rawvideo")
    raw = _run(data, *selected, container=container)
    luma, chroma = width * height, width * height // 4
    size = luma + 2 * chroma
    assert len(raw) == size * len(frames)
    starts = [size * i for i in range(len(frames))]
    cuts = [(s, s + luma, s + luma + chroma, s + size) for s in starts]
    return [(raw[a:b], raw[b:c], raw[c:d]) for a, b, c, d in cuts]


def has_decoder(name: str) -> bool:
    """Whether this ffmpeg was built with it."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-decoders"]
    return f" {name} " in subprocess.run(command, capture_output=True, check=True, text=True).stdout


def fingerprints(data: bytes, decoder: str) -> list[bytes]:
    """A hash of every picture, as that decoder makes it."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), *_STRICT, "-c:v", decoder, "-i", "pipe:0", "-map", "0:v"]
    command += ["-fps_mode", "passthrough", "-f", "framemd5", "-"]
    lines = subprocess.run(command, input=data, capture_output=True, check=True).stdout.splitlines()
    return [line.split()[-1] for line in lines if not line.startswith(b"#")]


def rgb(data: bytes) -> bytes:
    """The first frame, three bytes a pixel."""
    return _run(data, "-map", "0:v", "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "rgb24")


def sound(data: bytes) -> memoryview:
    """The decoded audio as signed 16-bit samples."""
    return memoryview(_run(data, "-map", "0:a", "-f", "s16le")).cast("h")


def description(data: bytes) -> str:
    """What ``ffmpeg -i`` prints about the file: codecs, rates, tags."""
    done = subprocess.run(
        [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-i", "pipe:0"], input=data, capture_output=True, check=False
    )
    return re.sub(r"\s+", " ", done.stderr.decode())


def _run(data: bytes, *arguments: str, container: str = "mp4") -> bytes:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), *_STRICT, "-f", container, "-i", "pipe:0", *arguments, "-"]
    done = subprocess.run(command, input=data, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b""), done.stderr.decode(errors="replace")[:2000]
    return done.stdout
