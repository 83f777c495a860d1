"""By which name the emulator is called, and which addresses its answers therefore name."""

from __future__ import annotations

import re

import pytest

from driving import Emulator
from providers.samples import EACH_PROVIDER, HIAPI, R2V, RUNFLOW, Sample, finished, job_id

BOUND = "http://127.0.0.1:8790"
HOSTS = [
    ("model-api.runcomfy.net", R2V),
    ("model-api-int.runcomfy.net", R2V),
    ("api.runflow.io", RUNFLOW),
    ("api.hiapi.ai", HIAPI),
]


def urls(emulator: Emulator, sample: Sample, host: str, path: str | None = None) -> list[str]:
    """Every URL in the answers to a submit and to the reading of the finished job, when called under this host."""
    prefix = f"/{sample.provider}" if path is None else ""
    path = sample.path if path is None else path
    submitted = emulator.post(path, sample.body(), headers={"host": host})
    job = job_id(submitted)
    emulator.advance(60)
    tail = {"runcomfy": f"requests/{job}/result", "runflow": f"runs/{job}", "hiapi": f"tasks/{job}"}[sample.provider]
    shown = emulator.get(f"{prefix}/v1/{tail}", headers={"host": host})
    assert shown.status == 200, shown.body
    own = (submitted.body + shown.body).decode().replace("https://images.example", "")
    return re.findall(r"https?://[^\"]+", own)


@pytest.mark.parametrize(("host", "sample"), HOSTS, ids=str)
def test_a_providers_own_name_needs_no_prefix(emulator: Emulator, host: str, sample: Sample) -> None:
    """A client whose host is hardcoded, led here by a hosts entry, finds the provider where it expects it."""
    found = urls(emulator, sample, host, sample.path.removeprefix(f"/{sample.provider}"))
    assert found
    assert all(url.startswith(f"http://{host}/") for url in found)
    assert not [url for url in found if url.startswith(f"http://{host}/{sample.provider}/")]


@pytest.mark.parametrize(("host", "sample"), HOSTS, ids=str)
def test_media_under_a_providers_own_name(emulator: Emulator, host: str, sample: Sample) -> None:
    """The links in those answers lead to the film, under that name."""
    *_, link = urls(emulator, sample, host, sample.path.removeprefix(f"/{sample.provider}"))
    assert emulator.get(link, headers={"host": host}, key=None).headers["content-type"] == "video/mp4"


def test_runcomfys_links_under_its_own_name(emulator: Emulator) -> None:
    """The three URLs of a submit are those that the real service would print, but for https."""
    answer = emulator.post(f"/v1/models/{R2V.model}", R2V.body(), headers={"host": "model-api.runcomfy.net"}).json()
    assert answer["status_url"] == f"http://model-api.runcomfy.net/v1/requests/{answer['request_id']}/status"


@pytest.mark.parametrize("host", ["API.HIAPI.AI", "api.hiapi.ai:80", "Api.HiApi.ai:8790"])
def test_letter_case_and_port_do_not_matter(emulator: Emulator, host: str) -> None:
    """A name is a name in any case, at any port; the links repeat what was called."""
    answer = emulator.post("/v1/tasks", HIAPI.body(), headers={"host": host})
    assert answer.status == 200
    assert all(url.startswith(f"http://{host}/") for url in urls(emulator, HIAPI, host, "/v1/tasks"))


def test_errors_under_a_providers_own_name(emulator: Emulator) -> None:
    """What does not exist there answers in that provider's envelope."""
    answer = emulator.get("/v1/nothing", headers={"host": "api.runflow.io"})
    assert (answer.status, answer.json()["code"]) == (404, "NOT_FOUND")


def test_a_prefix_wins_over_the_name(emulator: Emulator) -> None:
    """A path that names a provider is that provider's under any host."""
    assert emulator.get("/hiapi/v1/tasks", headers={"host": "api.runflow.io"}).json()["code"] == 200


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8790", "localhost:8790", "localhost", "[::1]:8790", "127.0.0.5", "x.localhost:1"]
)
@EACH_PROVIDER
def test_loopback_names_are_repeated(emulator: Emulator, sample: Sample, host: str) -> None:
    """Whatever the machine calls itself, links come back under that name and lead to the same server."""
    found = urls(emulator, sample, host)
    assert found
    assert all(url.startswith(f"http://{host}/") for url in found)


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "", "hiapi.ai", "x.api.hiapi.ai", "[::1", "a b", "10.0.0.1:8790"]
)
@EACH_PROVIDER
def test_other_names_are_not_repeated(emulator: Emulator, sample: Sample, host: str) -> None:
    """An unknown Host is answered, but links name the bound address: nobody is led elsewhere."""
    found = urls(emulator, sample, host)
    assert found
    assert all(url.startswith(f"{BOUND}/") for url in found)


def test_an_allowed_name_is_repeated() -> None:
    """A name given with --allow-host is good for links too."""
    emulator = Emulator(allow_hosts=("emulator.ci",))
    assert all(url.startswith("http://emulator.ci:8790/") for url in urls(emulator, HIAPI, "emulator.ci:8790"))
    assert all(url.startswith(f"{BOUND}/") for url in urls(emulator, HIAPI, "other.ci:8790"))


@pytest.mark.parametrize("public", ["https://emulator.example", "https://emulator.example/"])
@pytest.mark.parametrize("host", ["127.0.0.1:8790", "api.hiapi.ai", "evil.example"])
@EACH_PROVIDER
def test_a_public_url_wins(sample: Sample, host: str, public: str) -> None:
    """With --public-url every link begins with it, whatever the request was sent to."""
    found = urls(Emulator(public_url=public), sample, host)
    assert found
    assert all(url.startswith("https://emulator.example/") for url in found)
    assert all("example//" not in url for url in found)


def test_a_job_keeps_the_name_it_was_submitted_under(emulator: Emulator) -> None:
    """Links are of the submit, not of the reading."""
    job = job_id(emulator.post(HIAPI.path, HIAPI.body(), headers={"host": "localhost:8790"}))
    emulator.advance(60)
    task = emulator.get(f"/hiapi/v1/tasks/{job}", headers={"host": "127.0.0.1:8790"}).json()["data"]
    assert task["output"][0]["url"].startswith("http://localhost:8790/")


def test_media_under_any_name(emulator: Emulator) -> None:
    """A film is served under whatever name its link was reached by."""
    url = finished(emulator, HIAPI)
    for host in ("evil.example", "api.runflow.io", "", "localhost"):
        assert emulator.get(url, headers={"host": host}).status == 200


@pytest.mark.parametrize(
    ("host", "base"),
    [("127.0.0.1:8790", BOUND), ("localhost:8790", "http://localhost:8790"), ("evil.example", BOUND)],
)
def test_the_front_page(emulator: Emulator, host: str, base: str) -> None:
    """Where everything is, as JSON."""
    answer = emulator.get("/", headers={"host": host})
    assert answer.json()["base_urls"] == {name: f"{base}/{name}" for name in ("runcomfy", "runflow", "hiapi")}
