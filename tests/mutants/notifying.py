"""Callbacks: whether they come, when, how often, and what they say."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from msgspec.structs import replace

from mutants.editing import Change, drop, put
from mutants.planting import Mutant, Planting, Retelling, Retold, table
from screentest.settings import Settings
from screentest_contracts.exchange import Callback
from screentest_contracts.signing import sign

_SOMEBODY = {"runflow": "01990000-9a55-7c3e-8d52-3f1f0a3b6c11", "hiapi": "tk-hiapi-01KYV4GTDQPDGKR8ZRRXCTF1H8"}
_PROVIDERS = ("runflow", "hiapi")


def signed(retold: Retold, callback: Callback, body: bytes, before: float = 0.0) -> Callback:
    """The callback with another body, signed as it should be; `before` is how old its time stamp is, in seconds."""
    policy = retold.contract.provider.callbacks
    assert policy is not None, "only providers that notify have callbacks"
    fresh = sign(policy.signature, retold.secret or "", body, int(retold.wall() - before))
    return replace(
        callback, body=body, headers={**callback.headers, **{name.lower(): one for name, one in fresh.items()}}
    )


def _told(retelling: Retelling) -> Planting:
    return Planting(heard=lambda: retelling)


def edited_callback(change: Change) -> Planting:
    """Callbacks with another body, signed as they should be."""

    def retelling(retold: Retold, callback: Callback) -> Sequence[Callback]:
        body = json.loads(callback.body)
        change(body)
        return [signed(retold, callback, json.dumps(body).encode())]

    return _told(retelling)


def _headed(**headers: str | None) -> Planting:
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    def retelling(retold: Retold, callback: Callback) -> Sequence[Callback]:
        changed = {**callback.headers, **named}
        return [replace(callback, headers={name: one for name, one in changed.items() if one is not None})]

    return _told(retelling)


def _scenario(name: str) -> Planting:
    return Planting(settings=Settings(scenario=name))


def _all(planting: Callable[[str], Planting]) -> dict[str, Planting]:
    return {name: planting(name) for name in _PROVIDERS}


def _not_of(*words: str) -> Planting:
    return _told(lambda retold, callback: [] if json.loads(callback.body)["status"] in words else [callback])


def _once() -> Retelling:
    """Of each job only the first attempt."""
    known: set[str] = set()

    def retelling(retold: Retold, callback: Callback) -> Sequence[Callback]:
        body = json.loads(callback.body)
        job = str(body.get("run_id") or body.get("taskId"))
        if job in known:
            return []
        known.add(job)
        return [callback]

    return retelling


def _again_when_refused(retold: Retold, callback: Callback) -> Sequence[Callback]:
    return [callback] if 200 <= callback.answered < 300 else [callback, callback]


def _respaced(retold: Retold, callback: Callback) -> Sequence[Callback]:
    return [replace(callback, body=json.dumps(json.loads(callback.body), indent=1).encode())]


def _elsewhere(url: Any) -> Any:
    return str(url).replace("127.0.0.1", "cdn.example.com")


def _one_later(value: Any) -> Any:
    return value + 5 if isinstance(value, int) else value.replace("+00:00", "1+00:00").replace("Z", "1Z")


def _to_nobody(retold: Retold, callback: Callback) -> Sequence[Callback]:
    """The callback, and one more for the address without anything after its host."""
    return [callback, replace(callback, url=callback.url.rpartition("/")[0] + "/")]


ROWS: list[list[Mutant]] = [
    table("callback", "W01", "signed with another secret", **_all(lambda name: _scenario("wrong-secret-callback"))),
    table("callback", "W02", "it lacks the output", **_all(lambda name: edited_callback(drop("/output")))),
    table("callback", "W03", "none for a job that failed", **_all(lambda name: _not_of("failed", "fail"))),
    table("callback", "W04", "sent twice", **_all(lambda name: _told(lambda retold, callback: [callback, callback]))),
    table(
        "callback",
        "W05",
        "it says that the job still runs",
        runflow=edited_callback(put("/status", "running")),
        hiapi=edited_callback(put("/status", "handling")),
    ),
    table("callback", "W06", "no further attempt after one that failed", **_all(lambda name: Planting(heard=_once))),
    table(
        "callback", "W07", "not signed, although there is a secret", **_all(lambda name: _scenario("unsigned-callback"))
    ),
    table(
        "callback",
        "W08",
        "the time stamp of the signature is an hour old",
        hiapi=_told(lambda retold, callback: [signed(retold, callback, callback.body, before=3600)]),
    ),
    table("callback", "W09", "declared as text", **_all(lambda name: _headed(content_type="text/plain"))),
    table("callback", "W10", "without the header that names the request", runflow=_headed(runflow_request_id=None)),
    table(
        "callback",
        "W11",
        "another time of the end than the job has",
        runflow=edited_callback(put("/completed_at", "2027-01-15T08:59:59Z")),
        hiapi=edited_callback(put("/completed", _one_later)),
    ),
    table(
        "callback",
        "W12",
        "sent to another address",
        **_all(lambda name: _told(lambda retold, callback: [replace(callback, url=callback.url + "/other")])),
    ),
    table(
        "callback",
        "W13",
        "about a job that nobody submitted",
        runflow=edited_callback(put("/run_id", _SOMEBODY["runflow"])),
        hiapi=edited_callback(put("/taskId", _SOMEBODY["hiapi"])),
    ),
    table("callback", "W14", "twice as many attempts as documented", **_all(lambda name: _told(_again_when_refused))),
    table(
        "callback",
        "W15",
        "no JSON",
        **_all(lambda name: _told(lambda retold, callback: [signed(retold, callback, callback.body[:-1])])),
    ),
    table("callback", "W16", "written anew after it was signed", **_all(lambda name: _told(_respaced))),
    table("callback", "W17", "another event", runflow=edited_callback(put("/event", "run.failed"))),
    table("callback", "W18", "none at all", **_all(lambda name: _scenario("no-callback"))),
    table(
        "callback",
        "W19",
        "its links lead elsewhere",
        runflow=edited_callback(put("/output/outputs/*/url", _elsewhere)),
        hiapi=edited_callback(put("/output/*/url", _elsewhere)),
    ),
    table(
        "callback",
        "W20",
        "the caller's metadata are not in it",
        runflow=edited_callback(put("/metadata", {"other": 1})),
    ),
    table(
        "callback",
        "W21",
        "another word for success",
        **_all(lambda name: edited_callback(put("/status", lambda word: "done" if word.startswith("succe") else word))),
    ),
    table(
        "callback",
        "W22",
        "the time of the submit is text in another form",
        runflow=edited_callback(put("/created_at", "15/01/2027")),
        hiapi=edited_callback(put("/created", str)),
    ),
    table("callback", "W23", "for jobs that asked for none", **_all(lambda name: _told(_to_nobody))),
]
