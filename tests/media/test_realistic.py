"""The optional real encoders."""

import sys
from pathlib import Path

import pytest

from media import ffmpeg
from screentest.media.clip import Clip
from screentest.media.mp4_reader import probe
from screentest.media.realistic import RealisticUnavailable, render

CLIP = Clip(width=640, height=360, seconds=2, prompt="A cat")


@pytest.mark.slow
def test_the_file_is_real_and_the_second_one_comes_from_the_cache(tmp_path: Path) -> None:
    """Right size, frames and length at a realistic bitrate; then the very file is read back."""
    data = render(CLIP, cache=tmp_path / "new")
    movie = probe(data)
    assert (movie.video.width, movie.video.height, len(movie.video.samples)) == (640, 360, 48)
    assert abs(movie.seconds - 2) < 0.1
    assert movie.is_faststart
    assert movie.audio is not None
    assert 0.3e6 < len(data) * 8 / 2 < 3e6
    seen = ffmpeg.decode(data)
    assert (seen.width, seen.height, len(seen.times)) == (640, 360, 48)
    (kept,) = (tmp_path / "new").iterdir()
    kept.write_bytes(b"from the cache")
    assert render(CLIP, cache=tmp_path / "new") == b"from the cache"


@pytest.mark.slow
def test_without_sound_there_is_no_track(tmp_path: Path) -> None:
    """As in the synthetic clip."""
    data = render(Clip(width=320, height=240, seconds=1, audio=False), cache=tmp_path)
    assert probe(data).audio is None


@pytest.mark.slow
def test_where_nothing_can_be_kept_it_is_made_each_time(tmp_path: Path) -> None:
    """A cache folder that cannot be had costs time, not the video."""
    (tmp_path / "file").write_bytes(b"")
    clip = Clip(width=320, height=240, seconds=1, audio=False)
    assert probe(render(clip, cache=tmp_path / "file" / "cache")).video.width == 320


def test_a_missing_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence says what to install; no half-made file is left."""
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)  # what Python does with a module that cannot be imported
    with pytest.raises(RealisticUnavailable, match=r"pip install 'screentest\[realistic\]'"):
        render(CLIP, cache=tmp_path)
    assert list(tmp_path.iterdir()) == []
