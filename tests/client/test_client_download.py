"""A download is whole or not there, and the key stays at home."""

from __future__ import annotations

import zlib
from pathlib import Path

import httpx2
import pytest

from client import answers as say
from client.stand_ins import KINDS, Actor, Answer, Kind
from client.talks.talk import ELSEWHERE
from screentest_client.errors import ConnectionFailedError, DownloadError
from screentest_client.job import Job, Output
from screentest_client.saving import saving

CLIP = Output(url="https://cdn.example/clip.mp4?sig=1", type="video")
BYTES = b"\x00\x00\x00\x18ftypisom" * 1000


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    return request.param  # type: ignore[no-any-return]


def test_file_holds_the_medium(kind: Kind, tmp_path: Path) -> None:
    """The path comes back, the bytes are there, and nothing else is."""
    actor = Actor(kind, "HiAPI", Answer(content=BYTES))

    path = actor.do("download", CLIP, tmp_path / "mine.mp4")

    assert path == tmp_path / "mine.mp4"
    assert path.read_bytes() == BYTES
    assert list(tmp_path.iterdir()) == [path]


def test_directory_gets_a_file_of_its_own(kind: Kind, tmp_path: Path) -> None:
    """The name is the job's id and the medium's name; the path may be text."""
    job = Job(provider="hiapi", id="tk-1", model=None, state="success", outcome="succeeded", outputs=(CLIP,))

    path = Actor(kind, "HiAPI", Answer(content=BYTES)).do("download", job, str(tmp_path))

    assert path == tmp_path / "tk-1-clip.mp4"


def test_first_video_is_taken(kind: Kind, tmp_path: Path) -> None:
    """A job may show its first frame before its video."""
    frame = Output(url="https://cdn.example/frame.jpg", type="first_frame")
    job = Job(provider="hiapi", id="tk-1", model=None, state="success", outcome="succeeded", outputs=(frame, CLIP))
    actor = Actor(kind, "HiAPI", Answer(content=BYTES))

    actor.do("download", job, tmp_path)

    assert str(actor.requests[0].url) == CLIP.url


@pytest.mark.parametrize("url", [CLIP.url, say.CLIP, "http://127.0.0.1:8790/hiapi/v1/tasks/x"])
def test_key_is_not_sent_to_media(kind: Kind, tmp_path: Path, url: str) -> None:
    """Not to a foreign host, and not to our own either: media URLs need none."""
    actor = Actor(kind, "HiAPI", Answer(content=BYTES))

    actor.do("download", Output(url=url, type="video"), tmp_path)

    assert "authorization" not in actor.requests[0].headers


@pytest.mark.parametrize(
    "answer",
    [
        Answer(content=BYTES, headers={"content-length": str(len(BYTES) + 1)}),
        Answer(content=BYTES, headers={"content-length": "3"}),
        Answer(content=b""),
        Answer(content=BYTES, breaks=True),
        Answer(content=BYTES, breaks=True, headers={"content-length": str(len(BYTES) * 2)}),
    ],
    ids=["too short", "too long", "empty", "breaks off", "breaks off before its length"],
)
def test_incomplete_download_leaves_the_old_file(kind: Kind, tmp_path: Path, answer: Answer) -> None:
    """Truncated media are refused; no part stays behind, and what was there before is untouched."""
    target = tmp_path / "clip.mp4"
    target.write_bytes(b"old")

    with pytest.raises(DownloadError, match="bytes"):
        Actor(kind, "HiAPI", answer).do("download", CLIP, target)

    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("answer", [Answer(404, {}), Answer(302, {}, ELSEWHERE), Answer(206, content=b"part")])
def test_refused_download_writes_nothing(kind: Kind, tmp_path: Path, answer: Answer) -> None:
    """Only a 200 is a medium; a redirect is not followed."""
    actor = Actor(kind, "HiAPI", answer)

    with pytest.raises(DownloadError) as caught:
        actor.do("download", CLIP, tmp_path / "clip.mp4")

    assert caught.value.status == answer.status
    assert (len(actor.requests), list(tmp_path.iterdir())) == (1, [])


def test_compressed_medium_is_stored_plain(kind: Kind, tmp_path: Path) -> None:
    """A server that compresses unasked counts compressed bytes; the file holds plain ones."""
    actor = Actor(kind, "HiAPI", Answer(content=zlib.compress(BYTES), headers={"content-encoding": "deflate"}))

    path = actor.do("download", CLIP, tmp_path / "clip.mp4")

    assert path.read_bytes() == BYTES
    assert actor.requests[0].headers["accept-encoding"] == "identity"


def test_length_of_thousands_of_digits_promises_nothing(kind: Kind, tmp_path: Path) -> None:
    """What cannot be read is as good as absent."""
    actor = Actor(kind, "HiAPI", Answer(content=BYTES, headers={"content-length": "9" * 5000}))

    assert actor.do("download", CLIP, tmp_path / "clip.mp4").read_bytes() == BYTES


def test_unreachable_media_host_is_a_connection_failure(kind: Kind, tmp_path: Path) -> None:
    """The message names the medium without its query, which may be a signature."""
    actor = Actor(kind, "HiAPI", Answer(fails=httpx2.ConnectError))

    with pytest.raises(ConnectionFailedError, match=r"no answer to GET https://cdn\.example/clip\.mp4: "):
        actor.do("download", CLIP, tmp_path / "clip.mp4")


def test_missing_directory_is_the_callers_error(kind: Kind, tmp_path: Path) -> None:
    """Trouble with the disk stays an OSError."""
    with pytest.raises(FileNotFoundError):
        Actor(kind, "HiAPI", Answer(content=BYTES)).do("download", CLIP, tmp_path / "no" / "clip.mp4")


def test_interrupted_writer_cleans_up(tmp_path: Path) -> None:
    """Ctrl-C in the middle leaves no part behind."""
    interrupted = saving(tmp_path / "x", where="GET x", length=None)
    interrupted.__enter__().write(b"half")

    assert len(list(tmp_path.iterdir())) == 1
    assert not interrupted.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)

    assert list(tmp_path.iterdir()) == []
