"""Files for the tests, made by other people's code: Pillow, ffmpeg."""

from __future__ import annotations

import functools
import io
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import imageio_ffmpeg
from PIL import Image, features

PILLOW = {"png": "PNG", "jpeg": "JPEG", "webp": "WEBP", "gif": "GIF", "bmp": "BMP", "tiff": "TIFF"}
PILLOW |= {"avif": "AVIF"} if features.check("avif") else {}


def picture(name: str, width: int, height: int, mode: str = "RGB", **options: Any) -> bytes:
    """A noisy picture in one of the formats of `PILLOW`."""
    file = io.BytesIO()
    image = Image.effect_noise((width, height), 60).convert(mode)
    image.save(file, PILLOW[name], **options)
    return file.getvalue()


@functools.cache
def encoded(extension: str, *arguments: str, seconds: str = "2") -> bytes:
    """A file out of ffmpeg: its test picture, 320x240 at 25 a second, and a tone, or one of them by `arguments`."""
    sources = ["-f", "lavfi", "-i", "testsrc=size=320x240:rate=25", "-f", "lavfi", "-i", "sine=sample_rate=32000"]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *sources, "-t", seconds, *arguments, "-y"]
    # A file and not a pipe: an ordinary MP4 has its index written last.
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder, f"file.{extension}")
        subprocess.run([*command, str(target)], check=True)
        return target.read_bytes()


def pillow_sees(data: bytes) -> tuple[str, tuple[int, int]]:
    """Format and size, after a full decode."""
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        return str(image.format).lower(), image.size


def ffmpeg_decodes(data: bytes, *arguments: str) -> bytes:
    """What comes out of a strict decode; AssertionError with ffmpeg's words when there is any error in the file."""
    strict = ("-v", "error", "-xerror", "-err_detect", "explode")
    command = [imageio_ffmpeg.get_ffmpeg_exe(), *strict, "-i", "pipe:0", *arguments, "-"]
    done = subprocess.run(command, input=data, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b""), done.stderr.decode(errors="replace")[:2000]
    return done.stdout
