"""The file around the samples, read back without any library."""

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from screentest.media.clip import Clip
from screentest.media.mp4_reader import Movie, probe
from screentest.media.render import render

ANY_TEXT = st.text(st.characters(), max_size=400)  # control characters and lone surrogates as well
CLIPS = st.builds(
    Clip,
    width=st.integers(32, 1200).map(lambda n: 2 * n),
    height=st.integers(32, 1200).map(lambda n: 2 * n),
    seconds=st.integers(1, 41),
    fps=st.sampled_from([8, 16, 24, 25, 30, 60]),
    audio=st.booleans(),
    watermark=st.none() | ANY_TEXT,
    seed=st.integers(),
    camera_fixed=st.booleans(),
    provider=ANY_TEXT,
    model=ANY_TEXT,
    prompt=ANY_TEXT,
    label=ANY_TEXT,
    fingerprint=ANY_TEXT,
)


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(clip=CLIPS)
def test_any_clip_is_a_whole_file(clip: Clip) -> None:
    """moov comes first, the tables agree with the request, and the samples fill mdat without gap or overlap."""
    movie = probe(render(clip))
    assert movie.boxes == ("ftyp", "moov", "mdat")
    assert movie.is_faststart
    assert clip.seconds == movie.seconds
    _judge_video(clip, movie)
    _judge_audio(clip, movie)
    spans = sorted((sample.offset, sample.offset + sample.size) for track in movie.tracks for sample in track.samples)
    assert (movie.media.start, movie.media.stop) == (spans[0][0], spans[-1][1])
    assert all(end == start for (_, end), (start, _) in pairwise(spans))


def _judge_video(clip: Clip, movie: Movie) -> None:
    video = movie.video
    assert ("avc1", clip.width, clip.height) == (video.codec, video.width, video.height)
    assert clip.frames == len(video.samples)
    assert clip.seconds == video.seconds
    assert video.sync == (1,)
    assert len({sample.duration for sample in video.samples}) == 1


def _judge_audio(clip: Clip, movie: Movie) -> None:
    if not clip.audio:
        assert [movie.video] == list(movie.tracks)
        return
    assert movie.audio is not None
    assert (movie.audio.codec, movie.audio.timescale) == ("mp4a", 48_000)
    assert clip.seconds * 48_000 == movie.audio.duration
    assert all(0 < sample.duration <= 1024 for sample in movie.audio.samples)


def test_the_tags_carry_the_request() -> None:
    """Title and comment hold what was asked, the prompt whole and in its own script."""
    clip = Clip(
        width=864,
        height=496,
        seconds=5,
        audio=False,
        watermark="AI Generated",
        seed=7,
        camera_fixed=True,
        provider="runcomfy",
        model="happyhorse-1.1",
        prompt="一只猫 " * 200,
        label="480p 16:9",
        fingerprint="0123456789ab",
    )
    tags = probe(render(clip)).tags
    assert tags["\xa9nam"] == "screentest synthetic video - runcomfy / happyhorse-1.1"
    assert (
        "864x496 | 480p 16:9 | 5 s | 24 fps | audio off | camera fixed | seed 7 | 0123456789ab"
        f" | watermark: AI Generated | prompt: {clip.prompt}" == tags["\xa9cmt"]
    )


def test_sound_and_picture_are_interleaved_by_the_second() -> None:
    """A player that reads from the front never waits for the other track for more than a second."""
    movie = probe(render(Clip(width=320, height=240, seconds=10)))
    assert movie.audio is not None
    for second in range(10):
        picture = movie.video.samples[24 * second].offset
        sound = movie.audio.samples[second * 48_000 // 1024].offset
        following = movie.video.samples[24 * (second + 1)].offset if second < 9 else movie.media.stop
        assert picture < sound < following


@pytest.mark.parametrize("cut", [1, 9, 400, 5_000])
def test_the_reader_notices_a_cut_file(cut: int) -> None:
    """The judge of this page is no soft one: a file that lost its end is not whole."""
    data = render(Clip(width=320, height=240, seconds=2))
    with pytest.raises(ValueError, match="beyond its parent"):
        probe(data[:-cut])


def test_the_reader_notices_stray_bytes() -> None:
    """Nor is one with something behind its last box."""
    with pytest.raises(ValueError, match="3 stray bytes at the end of file"):
        probe(render(Clip(width=320, height=240, seconds=2)) + b"abc")
