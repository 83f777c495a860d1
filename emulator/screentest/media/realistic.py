"""Optional: the same clip through real encoders, at the bitrates that real services have.

For clients whose time goes into transfer or decoding. It takes seconds and a 100 MB package instead of milliseconds,
so nothing else here depends on it. Results are kept on disk, one file per clip; whoever owns the directory cleans it.
"""

import contextlib
import os
import subprocess
import tempfile
from pathlib import Path

from screentest.errors import SetupError
from screentest.media import aac
from screentest.media import render as synthetic
from screentest.media.clip import Clip

_RECIPE = 1  # raised when what is below changes the files
_BITS_PER_PIXEL = 0.15  # 7.5 Mbit/s at 1920x1080 and 24 fps
_AUDIO_RATE = 128_000
_GRAIN = "noise=alls=12:allf=t"  # flat colour would compress to nothing
_HISS = "anoisesrc=color=pink:amplitude=0.05:seed=1"


class RealisticUnavailable(SetupError):
    """Realistic video cannot be made here; the message is one sentence for the user."""


def render(clip: Clip, *, cache: Path) -> bytes:
    """The complete MP4 (x264, AAC), made once and then read from the directory ``cache``, if that can be written.

    Raises RealisticUnavailable when imageio-ffmpeg is not installed or its ffmpeg fails, ValueError like the
    ordinary ``render``.
    """
    kept = cache / f"{clip.digest()}-{_RECIPE}.mp4"
    if kept.exists():
        return kept.read_bytes()
    ffmpeg = require()
    with _scratch(cache) as scratch:
        made = Path(scratch, "clip.mp4")
        _encode(ffmpeg, clip, made)
        content = made.read_bytes()
        with contextlib.suppress(OSError):  # then it is made again
            made.replace(kept)  # at once: nobody reads half a file
    return content


def _scratch(cache: Path) -> tempfile.TemporaryDirectory[str]:
    """A folder to work in: beside what is kept, or anywhere when that folder cannot be had."""
    try:
        cache.mkdir(parents=True, exist_ok=True)
        return tempfile.TemporaryDirectory(dir=cache)
    except OSError:
        return tempfile.TemporaryDirectory()


def require() -> str:
    """The path of the ffmpeg to use; raises RealisticUnavailable when there is none."""
    try:
        import imageio_ffmpeg
    except ImportError:
        raise RealisticUnavailable(
            "realistic video needs the imageio-ffmpeg package: pip install 'screentest[realistic]'"
        ) from None
    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as problem:
        raise RealisticUnavailable(f"realistic video needs an ffmpeg, and there is none: {problem}") from None


def _encode(ffmpeg: str, clip: Clip, target: Path) -> None:
    rate = round(clip.width * clip.height * clip.fps * _BITS_PER_PIXEL)
    video = ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-b:v", f"{rate}", "-threads", "2"]
    video += ["-maxrate", f"{rate * 3 // 2}", "-bufsize", f"{rate * 2}"]
    inputs, graph = ["-i", "pipe:0"], f"[0:v]{_GRAIN}[v]"
    audio = ["-an"]
    if clip.audio:
        inputs += ["-f", "lavfi", "-i", f"{_HISS}:sample_rate={aac.RATE}:duration={clip.seconds}"]
        graph += ";[0:a][1:a]amix=inputs=2:duration=first:normalize=0[a]"
        audio = ["-map", "[a]", "-c:a", "aac", "-b:a", f"{_AUDIO_RATE}"]
    command = [ffmpeg, "-v", "error", "-y", *inputs, "-filter_complex", graph, "-map", "[v]", *video, *audio]
    command += ["-map_metadata", "0", "-fflags", "+bitexact", "-movflags", "+faststart", os.fspath(target)]
    done = subprocess.run(command, input=synthetic.render(clip), capture_output=True, check=False)  # noqa: S603
    if done.returncode:
        reason = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["no message"]
        raise RealisticUnavailable(f"ffmpeg could not encode the video: {reason[0]}")
