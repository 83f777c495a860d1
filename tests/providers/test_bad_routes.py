"""Paths, methods, models and ids that do not exist. Never HTML, never plain text, never a redirect."""

from __future__ import annotations

import pytest

from driving import Emulator
from providers.envelopes import message, refused
from providers.samples import EACH_PROVIDER, HIAPI, JSON, ONE_EACH, R2V, RUNFLOW, Sample, job_id, reading

UUID4 = "6b0d52a4-9a55-4c3e-8d52-3f1f0a3b6c11"
UUID7 = "019a3f5e-7c1d-7abc-8def-0123456789ab"
TASK = "tk-hiapi-01KYV4GTDQPDGKR8ZRRXCTF1H8"

NO_PATHS = [
    "/runcomfy",
    "/runcomfy/",
    "/runcomfy/v1",
    "/runcomfy/v1/models/",
    "/runcomfy/v2/models/a/b",
    "/runcomfy/v1/requests",
    f"/runcomfy/v1/requests/{UUID4}",
    f"/runcomfy/v1/requests/{UUID4}/status/",
    f"/runcomfy/v1/requests/{UUID4}/result/",
    f"/runcomfy/v1/requests/{UUID4}/cancel/",
    "/runcomfy//v1/requests/x/status",
    "/runcomfy/V1/requests/x/status",
    "/runcomfy/runcomfy/v1/requests/x/status",
    "/runflow",
    "/runflow/v1/",
    "/runflow/v1/health/",
    "/runflow/v1/runs/",
    f"/runflow/v1/runs/{UUID7}/",
    f"/runflow/v1/runs/{UUID7}/cancel",
    "/runflow/v1/run/",
    "/runflow/v1/models//runs",
    "/runflow/api/v1/runs",
    "/hiapi",
    "/hiapi/v1/tasks/",
    f"/hiapi/v1/tasks/{TASK}/",
    f"/hiapi/v1/tasks/{TASK}/cancel",
    "/hiapi/v1/Tasks",
    "/hiapi/v1/\u00e9\U0001f600",
    '/hiapi/v1/"><script>',
    "/hiapi/v1/{detail}%s",
]


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", NO_PATHS)
def test_an_unknown_path(emulator: Emulator, method: str, path: str) -> None:
    """404 in the provider's envelope, with the path; a slash too many is another path, and nothing redirects."""
    answer = emulator.request(method, path, raw=b"{}", headers=JSON)
    provider = path.split("/")[1]
    body = refused(answer, provider)
    assert answer.status == 404
    assert "no such path" in message(body, provider).lower()
    assert "script" not in path or answer.headers["content-type"] == "application/json"


def test_a_path_of_nobodys(emulator: Emulator) -> None:
    """A base URL without the provider's prefix is told where the providers are, in JSON."""
    answer = emulator.get("/v1/tasks")
    assert (answer.status, answer.headers["content-type"]) == (404, "application/json")
    assert "http://127.0.0.1:8790/hiapi" in answer.json()["error"]


METHODS = {
    "/runcomfy/v1/models": "GET",
    "/runcomfy/v1/models/categories": "GET",
    f"/runcomfy/v1/models/{R2V.model}": "GET, POST",
    f"/runcomfy/v1/requests/{UUID4}/status": "GET",
    f"/runcomfy/v1/requests/{UUID4}/result": "GET",
    f"/runcomfy/v1/requests/{UUID4}/cancel": "POST",
    "/runflow/v1/health": "GET",
    f"/runflow/v1/models/{RUNFLOW.model}/runs": "POST",
    f"/runflow/v1/run/{RUNFLOW.model}": "POST",
    f"/runflow/v1/runs/{UUID7}": "GET",
    "/hiapi/v1/tasks": "GET, POST",
    f"/hiapi/v1/tasks/{TASK}": "GET",
}


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
@pytest.mark.parametrize("path", METHODS)
def test_a_wrong_method(emulator: Emulator, path: str, method: str) -> None:
    """405 with Allow, in the provider's envelope; there is no cancel, delete or update of a HiAPI task."""
    answer = emulator.request(method, path, raw=b"{}", headers=JSON)
    if method in METHODS[path]:
        assert answer.status != 405
        return
    body = refused(answer, path.split("/")[1])
    assert (answer.status, answer.headers["allow"]) == (405, METHODS[path])
    assert METHODS[path] in message(body, path.split("/")[1])


@pytest.mark.parametrize("path", [path for path, methods in METHODS.items() if "GET" in methods])
def test_head_is_get_without_a_body(emulator: Emulator, path: str) -> None:
    """HEAD answers what GET would."""
    assert emulator.request("HEAD", path).status == emulator.get(path).status


@pytest.mark.parametrize(("sample", "status"), [(R2V, 400), (RUNFLOW, 404), (HIAPI, 400)], ids=lambda value: str(value))
@pytest.mark.parametrize("model", ["no/such/model", "x" * 5000, "a%2Fb", "..", "{detail}", "\u99ac"])
def test_an_unknown_model(emulator: Emulator, sample: Sample, status: int, model: str) -> None:
    """Any name that is no model's is refused, with the name in the message, cut when it is long."""
    path = sample.path.replace(sample.model, model)
    body = sample.body() | ({"model": model} if sample is HIAPI else {})
    answer = emulator.post(path, body)
    said = message(refused(answer, sample.provider), sample.provider)
    assert (answer.status, model[:200] in said, len(said) < 300) == (status, True, True)


@pytest.mark.parametrize(
    "model",
    [
        "happyhorse/happyhorse-1.0/reference-to-video/",
        "happyhorse/happyhorse-1.0",
        "HappyHorse/happyhorse-1.0/reference-to-video",
        "happyhorse/happyhorse-1-0/reference-to-video",
        "happyhorse--happyhorse-1.0--reference-to-video",
    ],
)
def test_a_name_that_is_nearly_a_models(emulator: Emulator, model: str) -> None:
    """Names are taken to the letter."""
    assert emulator.post(f"/runcomfy/v1/models/{model}", R2V.body()).json()["error_code"] == 400001


@EACH_PROVIDER
def test_a_model_of_another_provider(emulator: Emulator, sample: Sample) -> None:
    """A provider knows its own models only."""
    for other in ONE_EACH:
        if other is not sample:
            body = sample.body() | ({"model": other.model} if sample is HIAPI else {})
            answer = emulator.post(sample.path.replace(sample.model, other.model), body)
            assert answer.status == {"runcomfy": 400, "runflow": 404, "hiapi": 400}[sample.provider]


@pytest.mark.parametrize(
    "given", ["x", "0", UUID4, UUID7, TASK, TASK.lower(), "' OR 1=1 --", "\u00e9", "%00", "a" * 9999]
)
@EACH_PROVIDER
def test_an_id_that_is_no_jobs(emulator: Emulator, sample: Sample, given: str) -> None:
    """An id that is unknown, or cannot be one, is 404 everywhere."""
    answer = emulator.get(reading(sample, given))
    refused(answer, sample.provider)
    assert answer.status == 404


@EACH_PROVIDER
def test_an_id_of_another_provider(emulator: Emulator, sample: Sample) -> None:
    """A job is known at its own provider only."""
    job = job_id(sample.send(emulator))
    for other in ONE_EACH:
        assert emulator.get(reading(other, job)).status == (200 if other is sample else 404)


@EACH_PROVIDER
def test_another_accounts_job(emulator: Emulator, sample: Sample) -> None:
    """RunComfy says that it exists and is not yours; Runflow and HiAPI answer as for an unknown one, to the byte."""
    theirs = emulator.get(reading(sample, job_id(sample.send(emulator, key="sk-theirs"))))
    unknown = emulator.get(reading(sample, {"runcomfy": UUID4, "runflow": UUID7, "hiapi": TASK}[sample.provider]))
    refused(theirs, sample.provider)
    if sample.provider == "runcomfy":
        assert (theirs.status, theirs.json()["error_code"]) == (403, 403001)
    else:
        assert (theirs.status, theirs.body) == (404, unknown.body)


def test_another_accounts_request_cannot_be_cancelled(emulator: Emulator) -> None:
    """403001, and the request goes on."""
    theirs = job_id(R2V.send(emulator, key="sk-theirs"))
    assert emulator.post(f"/runcomfy/v1/requests/{theirs}/cancel").json()["error_code"] == 403001
    status = emulator.get(f"/runcomfy/v1/requests/{theirs}/status", key="sk-theirs")
    assert status.json()["status"] == "in_queue"


@EACH_PROVIDER
def test_a_job_is_its_accounts_whatever_the_provider_of_the_key(emulator: Emulator, sample: Sample) -> None:
    """A bearer token is one account at all providers; an administrator's key reads its owner's jobs."""
    job = job_id(sample.send(emulator, key="rf_live_x"))
    assert emulator.get(reading(sample, job), key="rf_svc_x").status == 200
    assert emulator.get(reading(sample, job), key="rf_live_y").status in (403, 404)


def test_a_fault_of_the_emulator_is_enveloped(emulator: Emulator, caplog: pytest.LogCaptureFixture) -> None:
    """Should the emulator itself break, the answer is a 500 in the provider's envelope, and the log has the cause."""
    emulator.store.shut()
    answers = {sample.provider: sample.send(emulator) for sample in ONE_EACH}
    assert {provider: (answer.status, answer.json()) for provider, answer in answers.items()} == {
        "runcomfy": (500, {"error_code": 500001, "error_message": "InternalError"}),
        "runflow": (500, {"code": "INTERNAL_ERROR", "message": "Internal error", "errors": None}),
        "hiapi": (500, {"code": 500, "message": "internal error", "data": None}),
    }
    assert "a fault of the emulator" in caplog.text
