"""Links to finished media: who may fetch them, how, for how long, and that they are the same bytes each time."""

from __future__ import annotations

import re

import pytest

from driving import Answer, Emulator
from providers.samples import (
    EACH_MODEL,
    EACH_PROVIDER,
    HIAPI,
    R2V,
    RUNFLOW,
    SEEDANCE,
    Sample,
    finished,
    job_id,
    reading,
)

DAY = 86400
NAMES = {"runcomfy": "output.mp4", "runflow": "video.mp4", "hiapi": "video.mp4"}


class Film:
    """One finished video on an emulator of its own, and its whole body."""

    def __init__(self) -> None:
        self.emulator = Emulator()
        self.url = finished(self.emulator, SEEDANCE, resolution="480p", duration=4)
        self.whole = self.get()
        self.etag = self.whole.headers["etag"]

    def get(self, method: str = "GET", **headers: str) -> Answer:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.emulator.request(method, self.url, key=None, headers=sent)


@pytest.fixture(scope="module")
def film() -> Film:
    """Shared by the tests that only look at it."""
    return Film()


def test_the_whole_file(film: Film) -> None:
    """200 with type, exact length, a strong validator, ranges offered, and the job's id."""
    answer = film.whole
    assert answer.status == 200
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["content-length"] == str(len(answer.body))
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["etag"].startswith('"')
    assert answer.headers["screentest-job"] == film.url.split("/")[-2]
    assert answer.body[4:8] == b"ftyp"


@pytest.mark.parametrize(
    ("wish", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-99", 0, 99),
        ("bytes=100-199", 100, 199),
        ("bytes=100-", 100, -1),
        ("bytes=-100", -100, -1),
        ("bytes=0-", 0, -1),
        ("bytes=0-99999999", 0, -1),
        ("bytes=-99999999", 0, -1),
        ("bytes=-1", -1, -1),
        ("BYTES=0-9", 0, 9),
        (" bytes=0-9 ", 0, 9),
    ],
)
def test_a_range(film: Film, wish: str, first: int, last: int) -> None:
    """206 with exactly these bytes: from the start, from the middle, open, or the last so many."""
    answer, size = film.get(range=wish), len(film.whole.body)
    begin, end = first % size, last % size
    assert answer.status == 206
    assert answer.headers["content-range"] == f"bytes {begin}-{end}/{size}"
    assert answer.headers["content-length"] == str(end - begin + 1)
    assert answer.body == film.whole.body[begin : end + 1]
    assert answer.headers["etag"] == film.etag


@pytest.mark.parametrize("wish", ["bytes=99999999-", "bytes=99999999-999999999", "bytes=-0"])
def test_a_range_beyond_the_end(film: Film, wish: str) -> None:
    """416 with the size, and no body."""
    answer = film.get(range=wish)
    assert (answer.status, answer.body) == (416, b"")
    assert answer.headers["content-range"] == f"bytes */{len(film.whole.body)}"


@pytest.mark.parametrize(
    "wish",
    [
        "bytes=0-1,5-6",
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "bytes=0",
        "items=0-5",
        "0-5",
        "",
        "bytes=" + "9" * 5000 + "-",
        "bytes=-" + "9" * 5000,
        "bytes=\xb2-\xb3",
    ],
)
def test_a_range_that_is_not_understood(film: Film, wish: str) -> None:
    """Several ranges, other units and nonsense are ignored, as RFC 9110 allows: the whole file."""
    answer = film.get(range=wish)
    assert (answer.status, answer.body) == (200, film.whole.body)


def test_ranges_put_together_are_the_file(film: Film) -> None:
    """A player that fetches piece by piece has the same bytes in the end."""
    size = len(film.whole.body)
    pieces = [film.get(range=f"bytes={at}-{at + 9999}").body for at in range(0, size, 10_000)]
    assert b"".join(pieces) == film.whole.body


@pytest.mark.parametrize("headers", [{}, {"range": "bytes=0-9"}])
def test_head(film: Film, headers: dict[str, str]) -> None:
    """The headers of the whole file; a range means nothing to HEAD."""
    answer = film.get("HEAD", **headers)
    assert answer.status == 200
    assert dict(answer.headers) == dict(film.whole.headers)


@pytest.mark.parametrize("form", ["{0}", "W/{0}", '"other", {0}', "*", '"x",W/{0},"y"'])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_not_modified(film: Film, form: str, method: str) -> None:
    """Who has the file already gets 304, without a body, with the validator and how long it may be kept."""
    answer = film.get(method, if_none_match=form.format(film.etag))
    assert (answer.status, answer.body, answer.headers["etag"]) == (304, b"", film.etag)
    assert answer.headers["cache-control"] == film.whole.headers["cache-control"]


@pytest.mark.parametrize("said", ['"other"', "", "x"])
def test_modified(film: Film, said: str) -> None:
    """Who has another file gets this one."""
    assert film.get(if_none_match=said).status == 200


def test_not_modified_wins_over_a_range(film: Film) -> None:
    """If-None-Match is looked at first."""
    assert film.get(if_none_match=film.etag, range="bytes=0-9").status == 304


def test_if_range(film: Film) -> None:
    """A range is served if the file is still the one the client means, else the whole file."""
    assert film.get(range="bytes=0-9", if_range=film.etag).status == 206
    for other in ('"other"', f"W/{film.etag}", "Wed, 21 Oct 2015 07:28:00 GMT"):
        assert film.get(range="bytes=0-9", if_range=other).status == 200


@pytest.mark.parametrize("key", [None, "sk-other", "invalid", "empty", "\xe9"])
def test_no_key_is_asked_for(film: Film, key: str | None) -> None:
    """Anybody with the link may fetch; a stray Authorization of any kind is ignored."""
    assert film.emulator.get(film.url, key=key).body == film.whole.body


@EACH_MODEL
def test_every_model_makes_an_mp4(emulator: Emulator, sample: Sample) -> None:
    """The link in the answer leads to an MP4, under the provider's own file name."""
    url = finished(emulator, sample)
    answer = emulator.get(url, key=None)
    assert (answer.status, answer.headers["content-type"], answer.body[4:8]) == (200, "video/mp4", b"ftyp")
    assert url.partition("?")[0].endswith(NAMES[sample.provider])


@EACH_PROVIDER
def test_before_the_end(emulator: Emulator, sample: Sample) -> None:
    """The link of an unfinished job leads nowhere yet, at any moment before its end."""
    job = job_id(sample.send(emulator))
    url = f"/media/{sample.provider}/{job}/{NAMES[sample.provider]}"
    for _ in range({"runcomfy": 2, "runflow": 3, "hiapi": 3}[sample.provider]):
        assert emulator.get(url).status == 404
        emulator.post("/_control/clock", {"advance_to": "next"})
    assert emulator.get(url).status == 200


@EACH_PROVIDER
def test_of_a_failed_job(emulator: Emulator, sample: Sample) -> None:
    """A failed job made nothing."""
    job = job_id(sample.send(emulator, prompt="[[fail]]"))
    emulator.advance(60)
    assert emulator.get(f"/media/{sample.provider}/{job}/{NAMES[sample.provider]}").status == 404


def test_of_a_cancelled_job(emulator: Emulator) -> None:
    """Nor did a cancelled one, however much later."""
    job = job_id(R2V.send(emulator))
    emulator.post(f"/runcomfy/v1/requests/{job}/cancel")
    emulator.advance(60)
    assert emulator.get(f"/media/runcomfy/{job}/output.mp4").status == 404


@EACH_PROVIDER
def test_a_link_that_is_nearly_right(emulator: Emulator, sample: Sample) -> None:
    """Another name, another provider, another job, a path too long or too short: 404."""
    path = finished(emulator, sample).partition("?")[0].removeprefix("http://127.0.0.1:8790")
    _, _, provider, job, name = path.split("/")
    other = "hiapi" if provider != "hiapi" else "runflow"
    for wrong in (
        f"/media/{provider}/{job}/x{name}",
        f"/media/{other}/{job}/{name}",
        f"/media/{provider}/{job}x/{name}",
        f"/media/{provider}/{job}/{name}/",
        f"/media/{provider}/{job}/",
        f"/media/{provider}/{job}",
        f"/media/nobody/{job}/{name}",
        "/media/",
    ):
        assert emulator.get(wrong).status == 404, wrong
    assert emulator.get(path).status == 200


def test_runcomfy_links_last(emulator: Emulator) -> None:
    """Nothing is said of an end, so there is none: nine years later the link still works."""
    url = finished(emulator, R2V)
    emulator.advance(9 * 365 * DAY)
    assert emulator.get(url).status == 200


def test_hiapi_links_last_seven_days_after_the_end(emulator: Emulator) -> None:
    """Until expireAt the link works, a moment later it is gone; the task still tells of it."""
    job = job_id(HIAPI.send(emulator))
    emulator.advance(60)
    output = emulator.get(reading(HIAPI, job)).json()["data"]["output"][0]
    now = emulator.get("/_control/clock").json()["now"]
    emulator.advance(output["expireAt"] - now - 1)
    assert emulator.get(output["url"]).status == 200
    emulator.advance(3)
    assert emulator.get(output["url"]).status == 404
    assert emulator.get(reading(HIAPI, job)).json()["data"]["output"] == [output]


def test_runflow_links_last_three_days_after_a_read(emulator: Emulator) -> None:
    """Then 403, as for a presigned URL; reading the run again gives a link that works."""
    job = job_id(RUNFLOW.send(emulator))
    emulator.advance(60)
    first = emulator.get(reading(RUNFLOW, job)).json()["output"]["outputs"][0]["url"]
    emulator.advance(3 * DAY - 1)
    assert emulator.get(first).status == 200
    emulator.advance(2)
    assert emulator.get(first).status == 403
    second = emulator.get(reading(RUNFLOW, job)).json()["output"]["outputs"][0]["url"]
    assert emulator.get(second).status == 200


def test_a_runflow_link_without_its_time(emulator: Emulator) -> None:
    """A link whose expiry was cut off works for as long after the job's end."""
    url = finished(emulator, RUNFLOW).partition("?")[0]
    assert emulator.get(url).status == 200
    emulator.advance(4 * DAY)
    assert emulator.get(url).status == 403


@pytest.mark.parametrize("expires", ["", "x", "-1", "1e99", "9" * 10, "9" * 30])
def test_a_runflow_link_with_another_time(emulator: Emulator, expires: str) -> None:
    """The signature is that of the time which was written, so an altered link works at no time."""
    url = finished(emulator, RUNFLOW)
    assert emulator.get(re.sub(r"expires=\d+", f"expires={expires}", url)).status == 403
    assert emulator.get(url.partition("&")[0]).status == 403
    assert emulator.get(url).status == 200


def test_links_expire_on_their_own_accounts_clock(emulator: Emulator) -> None:
    """A neighbour's advance of a year ages nobody else's links."""
    url = finished(emulator, HIAPI)
    emulator.advance(365 * DAY, key="sk-other")
    assert emulator.get(url).status == 200
    assert emulator.get(url, key="sk-other").status == 200


@pytest.mark.parametrize(("fault", "seconds"), [("rate-limited: 7", "7"), ("rate-limited", "1")])
def test_a_download_that_comes_too_often(emulator: Emulator, fault: str, seconds: str) -> None:
    """The storage says when to try again, as HiAPI's API does."""
    answer = emulator.get(finished(emulator, HIAPI), headers={"screentest-fault": fault})
    assert (answer.status, answer.headers["retry-after"]) == (429, seconds)


def test_media_takes_no_other_method(film: Film) -> None:
    """Media can be read, not written."""
    assert film.get("POST").status == film.get("DELETE").status == 405
