"""HiAPI's fields beside the input: route in both spellings, storage, callback; and what a task shows of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from driving import Answer, Emulator
from providers.envelopes import refused
from providers.samples import HIAPI, job_id

MODEL = HIAPI.model


def create(emulator: Emulator, **fields: Any) -> Answer:
    return emulator.post(HIAPI.path, HIAPI.body() | fields)


def task(emulator: Emulator, **fields: Any) -> dict[str, Any]:
    """The detail of a task made with these fields; the list says the same."""
    made = job_id(create(emulator, **fields))
    detail = emulator.get(f"{HIAPI.path}/{made}").json()["data"]
    assert emulator.get(HIAPI.path).json()["data"]["tasks"][0] == detail
    return dict(detail)


@pytest.mark.parametrize(
    ("fields", "model", "route"),
    [
        ({}, MODEL, None),
        ({"route": ""}, MODEL, None),
        ({"route": "default"}, MODEL, None),
        ({"route": "ext"}, f"{MODEL}@ext", "ext"),
        ({"model": f"{MODEL}@ext"}, f"{MODEL}@ext", None),
        ({"model": f"{MODEL}@ext", "route": "ext"}, f"{MODEL}@ext", "ext"),
        ({"model": f"{MODEL}@ext", "route": "default"}, f"{MODEL}@ext", None),
        ({"model": f"{MODEL}@default"}, f"{MODEL}@default", None),
    ],
)
def test_a_route(emulator: Emulator, fields: dict[str, Any], model: str, route: str | None) -> None:
    """The task's model has the route in it; `route` is shown only where the request had one."""
    shown = task(emulator, **fields)
    assert (shown["model"], shown.get("route")) == (model, route)


@pytest.mark.parametrize("fields", [{"route": "scenic"}, {"model": f"{MODEL}@scenic"}])
def test_an_unknown_route(emulator: Emulator, fields: dict[str, Any]) -> None:
    """400, and the message lists the routes that the model has."""
    answer = create(emulator, **fields)
    said = refused(answer, "hiapi")
    assert answer.status == 400
    assert "'scenic'" in said["message"]
    assert "default, ext, beta" in said["message"]


@pytest.mark.parametrize("route", [1, None, ["ext"], {}])
def test_a_route_is_text(emulator: Emulator, route: Any) -> None:
    """Anything else is an invalid request."""
    assert refused(create(emulator, route=route), "hiapi")["error_code"] == "INVALID_REQUEST"


def test_an_unknown_model_with_a_route(emulator: Emulator) -> None:
    """The model is looked for without its route."""
    assert "no-such-model" in refused(create(emulator, model="no-such-model@ext"), "hiapi")["message"]


@pytest.mark.parametrize(("fields", "tier"), [({}, "temp"), ({"storage": "temp"}, "temp")])
def test_storage_is_temporary_by_default(emulator: Emulator, fields: dict[str, Any], tier: str) -> None:
    """Shown in detail and list."""
    assert task(emulator, **fields)["storage"] == tier


def test_persistent_storage(emulator: Emulator) -> None:
    """The tier that was asked for is shown."""
    assert task(emulator, storage="persistent")["storage"] == "persistent"


@pytest.mark.parametrize("storage", ["eternal", "", 1, None])
def test_storage_out_of_its_choices(emulator: Emulator, storage: Any) -> None:
    """Refused, with the field named."""
    said = refused(create(emulator, storage=storage), "hiapi")
    assert (said["code"], "/storage" in said["message"]) == (400, True)


def test_storage_is_no_input(emulator: Emulator) -> None:
    """Inside the input it is an unknown parameter, as are a callback's fields."""
    for name in ("storage", "callback", "callback_url", "webhook"):
        said = refused(emulator.post(HIAPI.path, HIAPI.body(**{name: "x"})), "hiapi")
        assert said["message"] == f"additional properties '{name}' not allowed"


@pytest.mark.parametrize(
    "callback",
    [
        {},
        {"when": "final"},
        {"url": "http://127.0.0.1/hook", "when": "start"},
        {"url": "http://127.0.0.1/hook", "when": None},
        {"url": "/hook"},
        {"url": "ftp://127.0.0.1/hook"},
        {"url": ""},
        {"url": None},
        "http://127.0.0.1/hook",
    ],
    ids=json.dumps,
)
def test_a_callback_that_cannot_be(emulator: Emulator, callback: Any) -> None:
    """A URL is needed, http or https, and nothing but `final` may be waited for."""
    answer = create(emulator, callback=callback)
    said = refused(answer, "hiapi")
    assert (answer.status, said["error_code"]) == (400, "INVALID_REQUEST")
    assert "/callback" in said["message"]


def test_the_callback_tells_of_the_route_but_not_of_the_storage(emulator: Emulator) -> None:
    """Its fields are those of the detail, but for storage."""
    hook = {"url": "http://127.0.0.1:9999/hook", "when": "final"}
    made = job_id(create(emulator, route="ext", storage="persistent", callback=hook))
    emulator.advance(60)

    told = json.loads(emulator.posted[0][1])
    detail = emulator.get(f"{HIAPI.path}/{made}").json()["data"]
    assert detail.pop("storage") == "persistent"
    assert told == detail
    assert (told["model"], told["route"]) == (f"{MODEL}@ext", "ext")


def test_refusals_on_demand(emulator: Emulator) -> None:
    """A directive in the prompt has a create refused, for clients that cannot send headers; other reads go on."""
    answer = HIAPI.send(emulator, prompt="a fox [[model-unavailable]]")
    assert (answer.status, answer.json()["error_code"]) == (400, "MODEL_UNAVAILABLE")
    assert answer.headers["screentest-fault"] == "model-unavailable"
    assert emulator.get(HIAPI.path).json()["data"]["total"] == 0


@pytest.mark.parametrize(("wish", "seconds"), [("rate-limited", "1"), ("rate-limited: 7", "7")])
def test_a_rate_limit_on_demand(emulator: Emulator, wish: str, seconds: str) -> None:
    """The argument is how long to wait."""
    answer = emulator.get(HIAPI.path, headers={"screentest-scenario": wish})
    assert (answer.status, answer.headers["retry-after"]) == (429, seconds)


def test_an_argument_that_no_header_can_hold(emulator: Emulator) -> None:
    """It comes from the prompt and goes into Retry-After: spelt out, on one line."""
    answer = HIAPI.send(emulator, prompt="a fox [[rate-limited: \u2603\nsoon]]")
    assert (answer.status, answer.headers["retry-after"]) == (429, "\\u2603 soon")


def test_a_rate_limit_of_the_account(emulator: Emulator) -> None:
    """Two requests a minute: the third waits for the rest of the minute."""
    emulator.request("PUT", "/_control/account", {"requests_per_minute": 2})
    assert [emulator.get(HIAPI.path).status for _ in range(3)] == [200, 200, 429]
    assert emulator.get(HIAPI.path).headers["retry-after"] == "60"
    emulator.advance(60)
    assert emulator.get(HIAPI.path).status == 200
