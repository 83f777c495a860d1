"""Every route of the server, of the providers, of control and of the console, with whatever can stand in a request."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.routing import Route

from abuse.test_bodies import ROUTES as SUBMITS
from driving import Emulator, step
from screentest.providers.body import parse_json
from screentest_contracts.load import PROVIDERS

WAITING = ("/_control/events", "/runflow/v1/run/{model_id...}")
"""They answer when something has happened, which is the business of other tests."""

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PURGE")


def emulator_with_jobs() -> Emulator:
    """With a job of each provider, so that ids in paths can be real ones."""
    made = Emulator()
    for provider in PROVIDERS:
        made.post(SUBMITS[provider], {"prompt": "x"})
    made.post(SUBMITS["hiapi"], {"model": "happyhorse-1.1/text-to-video", "input": {"prompt": "x"}})
    return made


EMULATOR = emulator_with_jobs()
SERVED = list(
    dict.fromkeys(
        [
            *(route.path for route in EMULATOR.app.routes if isinstance(route, Route)),
            *(
                f"/{name}{one.path}"
                for name, contract in EMULATOR.engine.contracts.items()
                for one in contract.provider.operations.values()
            ),
        ]
    )
)
_SAID = " ".join(entry.answer.decode() for entry in EMULATOR.engine.journal.entries())
KNOWN = [
    *re.findall(r'"(?:id|request_id|taskId)":"([^"]+)"', _SAID),
    *PROVIDERS,
    *(path.split("/v1/models/")[-1] for path in SUBMITS.values()),
]

words = st.text(max_size=12) | st.sampled_from(["", ".", "..", "0", "-1", "9" * 40, "nan", "%", "\x00", "é😀", *KNOWN])
queries = st.dictionaries(
    st.sampled_from(["page", "size", "limit", "cursor", "status", "since", "before", "include_cost", "expires", "q"])
    | words,
    words,
    max_size=3,
).map(lambda pairs: "&".join(f"{name}={value}" for name, value in pairs.items()))
NAMES = (
    *("content-type", "content-length", "accept", "range", "if-none-match", "idempotency-key", "origin", "host"),
    *("screentest-scenario", "screentest-fault", "x-callback-url", "transfer-encoding", "cookie"),
)
values = st.text(st.characters(codec="latin-1", exclude_characters="\r\n\0"), max_size=20)
headers = st.dictionaries(
    st.sampled_from(NAMES),
    values | st.sampled_from(["application/json", "text/html", "bytes=0-", "bytes=9-1", "nan", "*", "1e9"]),
    max_size=3,
)
bodies = st.binary(max_size=60) | st.sampled_from([b"", b"{}", b"[]", b"null", b'{"input": {}}', b'{"prompt": "x"}'])


def test_there_are_routes_to_try() -> None:
    """Those of three providers, control and console; and jobs whose ids are known."""
    assert len(SERVED) > 80
    assert len(KNOWN) > 3 + len(SUBMITS)


@pytest.mark.parametrize("route", [one for one in SERVED if one not in WAITING])
@given(data=st.data())
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_request_is_a_fault_of_the_server(route: str, data: st.DataObject) -> None:
    """Any method, ids, query, headers and body: an answer below 500, or one that was asked for, in the right shape."""
    path = re.sub(r"\{[^}]*\}", lambda _: data.draw(words).replace("/", "~"), route)
    sent = {"host": "127.0.0.1:8790", "authorization": "Bearer sk-test"} | data.draw(headers)

    answer = step(EMULATOR.app, data.draw(st.sampled_from(METHODS)), path, data.draw(queries), sent, data.draw(bodies))

    asked = answer.headers.get("screentest-fault")
    assert answer.status < 500 or asked, answer.body
    if answer.headers.get("content-type", "").startswith("application/json") and answer.body and not asked:
        parse_json(answer.body)
