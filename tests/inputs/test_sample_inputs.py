"""``/inputs`` through real sockets: files, ranges, and every way to misbehave."""

from __future__ import annotations

from collections.abc import Iterator

import httpx2
import pytest

from inputs.answering import samples_served
from inputs.files import pillow_sees
from screentest.input_files.file import examine
from screentest.samples.names import MEDIA_TYPES, STILLS

SLEPT: list[float] = []


async def noted(seconds: float) -> None:
    """Instead of waiting."""
    SLEPT.append(seconds)


@pytest.fixture(scope="module")
def served() -> Iterator[httpx2.Client]:
    with samples_served(noted) as origin, httpx2.Client(base_url=origin) as client:
        yield client


@pytest.mark.parametrize("extension", sorted(MEDIA_TYPES))
def test_a_sample_is_served_with_its_type(served: httpx2.Client, extension: str) -> None:
    """GET and HEAD answer alike, with the right type and length."""
    name = f"/inputs/640x480.{extension}" if extension in STILLS else f"/inputs/2s.{extension}"
    answer, head = served.get(name), served.head(name)
    assert answer.status_code == head.status_code == 200
    assert answer.headers["content-type"] == MEDIA_TYPES[extension]
    assert answer.headers == head.headers | {"date": answer.headers["date"]}
    assert examine(answer.content).format == {"jpg": "jpeg"}.get(extension, extension)


def test_a_range_of_a_sample(served: httpx2.Client) -> None:
    """Ranges and validators work as for a file."""
    whole = served.get("/inputs/640x480.png")
    part = served.get("/inputs/640x480.png", headers={"range": "bytes=10-19", "if-range": whole.headers["etag"]})
    assert (part.status_code, part.content) == (206, whole.content[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(whole.content)}"


def test_a_weight_to_the_byte(served: httpx2.Client) -> None:
    """``bytes`` gives a valid file just over a limit, and files of another weight are other files."""
    answer = served.get("/inputs/640x480.jpg?bytes=10000001")
    assert len(answer.content) == 10_000_001
    assert pillow_sees(answer.content) == ("jpeg", (640, 480))
    assert answer.headers["etag"] != served.get("/inputs/640x480.jpg").headers["etag"]


@pytest.mark.parametrize("extension", ["png", "jpg", "webp", "mp4", "wav"])
def test_a_truncated_file(served: httpx2.Client, extension: str) -> None:
    """``truncate`` sends the first part of the file as a whole answer."""
    name = f"/inputs/640x480.{extension}" if extension in STILLS else f"/inputs/2s.{extension}"
    whole, cut = served.get(name).content, served.get(f"{name}?truncate=0.5").content
    assert cut == whole[: len(whole) // 2]
    assert not examine(cut).whole
    assert served.get(f"{name}?truncate=0").content == b""


def test_another_type(served: httpx2.Client) -> None:
    """``type`` lies about the content."""
    answer = served.get("/inputs/64x48.png?type=text/html")
    assert answer.headers["content-type"].startswith("text/html")
    assert examine(answer.content).format == "png"


@pytest.mark.parametrize("status", [204, 304, 401, 403, 404, 410, 429, 500, 503])
def test_another_status(served: httpx2.Client, status: int) -> None:
    """``status`` answers that instead of the file."""
    answer = served.get(f"/inputs/64x48.png?status={status}")
    assert answer.status_code == status
    assert answer.content in (b"", f'{{"error":"status={status}, as asked"}}'.encode())


def test_a_redirect(served: httpx2.Client) -> None:
    """A status of redirection leads to the file itself."""
    answer = served.get("/inputs/64x48.png?status=302")
    assert (answer.status_code, answer.headers["location"]) == (302, f"{served.base_url}/inputs/64x48.png")


def test_a_delay(served: httpx2.Client) -> None:
    """``delay`` waits that many real seconds first, also before a refusal."""
    SLEPT.clear()
    assert served.get("/inputs/64x48.png?delay=2.5").status_code == 200
    assert served.get("/inputs/64x48.png?delay=7&status=404").status_code == 404
    assert served.get("/inputs/64x48.png").status_code == 200
    assert SLEPT == [2.5, 7.0]


@pytest.mark.parametrize("name", ["0x5.png", "9000x5.png", "640x480.svg", "x.png", "3s.png", "100s.mp4", "640x480"])
def test_no_such_sample(served: httpx2.Client, name: str) -> None:
    """404 and one sentence that shows how samples are called."""
    answer = served.get(f"/inputs/{name}")
    assert answer.status_code == 404
    assert "called like" in answer.json()["error"]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("delay=121", "delay is a number from 0 to 120, not '121'"),
        ("delay=nan", "delay is a number"),
        ("delay=-1", "delay is a number"),
        ("status=99", "status is a whole number from 200 to 599, not '99'"),
        ("status=200.5", "status is a whole number"),
        ("type=html", "type is a media type"),
        ("type=text/html%0d%0ax:y", "type is a media type"),
        ("truncate=1.5", "truncate is a number from 0 to 1"),
        ("bytes=1", "bytes by itself; it can have"),
        ("bytes=999999999", "bytes is a whole number from 1 to 134217728"),
        ("fps=61", "fps is a whole number from 1 to 60"),
        ("trucate=0.5", "no switch 'trucate'; there are delay, status, type, truncate, bytes, fps"),
        ("delay=1&delay=2", "given twice"),
    ],
)
def test_a_switch_that_means_nothing(served: httpx2.Client, query: str, said: str) -> None:
    """400 and one sentence: a misspelt switch that did nothing would mislead a test."""
    answer = served.get(f"/inputs/64x48.png?{query}")
    assert answer.status_code == 400
    assert said in answer.json()["error"]


def test_pictures_per_second_of_a_film(served: httpx2.Client) -> None:
    """``fps`` makes a film as slow as a rule about it needs; what no film has is refused."""
    assert examine(served.get("/inputs/1s.mp4?fps=8").content).fps == pytest.approx(8)
    assert served.get("/inputs/1s.mp4?fps=2").status_code == 400
