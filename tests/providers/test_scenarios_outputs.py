"""Outputs under scenarios: how many and what, links that end, downloads that stop, files that are not as asked."""

from __future__ import annotations

from typing import Any

import pytest

from driving import Answer, Emulator
from providers.movies import frames_of, size_of
from providers.samples import EACH_PROVIDER, HIAPI, RUNFLOW, Sample, job_id, output_url, reading


def ended(emulator: Emulator, sample: Sample, scenario: str) -> str:
    """A job under a scenario, after its end."""
    answer = emulator.post(sample.path, sample.body(), headers={"screentest-scenario": scenario})
    emulator.advance(60)
    return job_id(answer)


def outputs(emulator: Emulator, sample: Sample, job: str) -> list[tuple[str, str]]:
    """Type and link of each output as the provider tells them; RunComfy's types are its keys."""
    shown = emulator.get(reading(sample, job)).json()
    if sample is HIAPI:
        return [(one["type"], one["url"]) for one in shown["data"]["output"]]
    if sample is RUNFLOW:
        return [(one["type"], one["url"]) for one in shown["output"]["outputs"]]
    found: list[tuple[str, str]] = []
    for key, links in shown["output"].items():
        found += [(key.rstrip("s"), link) for link in (links if isinstance(links, list) else [links])]
    return found


@EACH_PROVIDER
@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_number_of_outputs(emulator: Emulator, sample: Sample, count: int) -> None:
    """As many as asked for, every one a file of its own."""
    found = outputs(emulator, sample, ended(emulator, sample, f"many-outputs: {count}"))
    assert [kind for kind, _ in found] == ["video"] * count
    answers = [emulator.get(link) for _, link in found]
    assert [answer.status for answer in answers] == [200] * count
    assert len({answer.headers["etag"] for answer in answers}) == count


@EACH_PROVIDER
@pytest.mark.parametrize(
    ("kind", "media_type"), [("image", "image/png"), ("audio", "audio/wav"), ("video", "video/mp4")]
)
def test_kind_of_output(emulator: Emulator, sample: Sample, kind: str, media_type: str) -> None:
    """Another kind than the model makes, named as such and with a file of that kind behind the link."""
    ((told, link),) = outputs(emulator, sample, ended(emulator, sample, f"wrong-kind: {kind}"))
    answer = emulator.get(link)
    assert (told, answer.status, answer.headers["content-type"]) == (kind, 200, media_type)


def test_measures_of_other_kinds(emulator: Emulator) -> None:
    """Runflow tells the sides of a picture and the seconds of a sound."""
    measures = []
    for kind in ("image", "audio"):
        run = emulator.get(reading(RUNFLOW, ended(emulator, RUNFLOW, f"wrong-kind: {kind}"))).json()
        (output,) = run["output"]["outputs"]
        measures.append({name: value for name, value in output.items() if name != "url"})
    assert measures == [{"type": "image", "width": 1920, "height": 1080}, {"type": "audio", "duration": 5.0}]


@EACH_PROVIDER
def test_a_wrong_length(emulator: Emulator, sample: Sample) -> None:
    """The file has the scenario's seconds."""
    job = ended(emulator, sample, "wrong-duration: 2")
    assert frames_of(emulator.get(output_url(emulator, sample, job)).body) == 48


@EACH_PROVIDER
def test_a_wrong_size(emulator: Emulator, sample: Sample) -> None:
    """The file has the scenario's sides."""
    job = ended(emulator, sample, "wrong-size")
    assert size_of(emulator.get(output_url(emulator, sample, job)).body) == (320, 240)


@EACH_PROVIDER
def test_links_that_have_expired(emulator: Emulator, sample: Sample) -> None:
    """They answer as the provider's do after their time; the job still tells of them."""
    url = output_url(emulator, sample, ended(emulator, sample, "expired-link"))
    assert emulator.get(url).status == {"runcomfy": 404, "runflow": 403, "hiapi": 404}[sample.provider]


@EACH_PROVIDER
def test_links_that_expire_soon(emulator: Emulator, sample: Sample) -> None:
    """After as long as the argument says, counted as the provider counts: from the end, or from the reading."""
    url = output_url(emulator, sample, ended(emulator, sample, "expired-link: 2m"))
    statuses = []
    for _ in range(3):
        statuses.append(emulator.get(url).status)
        emulator.advance(59)
    assert statuses[0] == 200
    assert statuses[-1] == (200 if sample is RUNFLOW else 404)
    emulator.advance(10)
    assert emulator.get(url).status in (403, 404)


def test_hiapi_tells_when_the_link_ends(emulator: Emulator) -> None:
    """expireAt is the time at which it does, a whole number."""
    task = emulator.get(reading(HIAPI, ended(emulator, HIAPI, "expired-link: 90s"))).json()["data"]
    assert task["output"][0]["expireAt"] == task["completed"] + 90
    assert isinstance(task["output"][0]["expireAt"], int)


def fetched(emulator: Emulator, url: str, method: str = "GET", **headers: str) -> Answer:
    return emulator.request(method, url, key=None, headers=headers)


@EACH_PROVIDER
def test_a_download_that_stops(emulator: Emulator, sample: Sample) -> None:
    """The whole length is promised, half of the bytes come, and the answer says that this is on purpose."""
    url = output_url(emulator, sample, ended(emulator, sample, "truncated"))
    cut = fetched(emulator, url)
    assert (cut.status, cut.headers["screentest-fault"]) == (200, "truncated")
    length = int(cut.headers["content-length"])
    assert length == int(fetched(emulator, url, "HEAD").headers["content-length"]) > 1000
    assert len(cut.body) == length // 2


def test_parts_of_a_download_that_stops(emulator: Emulator) -> None:
    """A range stops half-way through it; HEAD, validators and a range that is none have nothing to stop."""
    url = output_url(emulator, HIAPI, ended(emulator, HIAPI, "truncated"))
    part = fetched(emulator, url, range="bytes=100-199")
    assert (part.status, part.headers["content-length"], len(part.body)) == (206, "100", 50)
    assert part.headers["content-range"].startswith("bytes 100-199/")
    head = fetched(emulator, url, "HEAD")
    assert (head.status, head.headers["screentest-fault"]) == (200, "truncated")
    assert fetched(emulator, url, **{"if-none-match": part.headers["etag"]}).status == 304
    assert fetched(emulator, url, range="bytes=99999999-").status == 416


def test_an_unsafe_output(emulator: Emulator) -> None:
    """Runflow delivers it and says so, whether or not the request asked for a check."""
    for body in (RUNFLOW.body(), RUNFLOW.body(enable_safety_checker=False)):
        run = emulator.post(RUNFLOW.path, body, headers={"screentest-scenario": "flagged"}).json()["id"]
        emulator.advance(60)
        shown: dict[str, Any] = emulator.get(reading(RUNFLOW, run)).json()
        assert (shown["status_code"], shown["output"]["nsfw_detected"]) == ("succeeded", True)


def test_the_first_frame_stays_with_a_clip() -> None:
    """Pictures that go with a clip do not go with a sound."""
    emulator = Emulator(switches={"hiapi.first-frame": "always"})
    for text, kinds in (("instant", ["video", "first_frame"]), ("wrong-kind audio", ["audio"])):
        assert [kind for kind, _ in outputs(emulator, HIAPI, ended(emulator, HIAPI, text))] == kinds
