"""Several faults on one request: none is lost behind another, and what the answer says of them."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest
from starlette.responses import Response

from driving import Emulator
from providers.samples import HIAPI
from screentest.faults import ABORT, BadFaultError, Place, read_faults, through

LIST = "/hiapi/v1/tasks"
BODY = b"0123456789" * 4


def played(text: str, body: bytes = BODY) -> tuple[list[bytes], list[bool], dict[str, str]]:
    """An answer behind these faults: the pieces of its body, how the connection was broken, and the headers."""
    pieces, broken, headers = list[bytes](), list[bool](), dict[str, str]()

    async def proceed() -> Response:
        return Response(body)

    async def send(message: Any) -> None:
        headers.update((name.decode(), value.decode()) for name, value in message.get("headers", ()))
        if message["type"] == "http.response.body":
            pieces.append(message["body"])

    async def answer() -> None:
        place = Place(lambda *_: Response(), lambda *_: Response(), random.Random(0))
        response = await through(read_faults(text, frozenset()), proceed, place)
        scope = {"type": "http", "extensions": {ABORT: {"abort": broken.append}}}
        await response(scope, proceed, send)  # type: ignore[arg-type]

    asyncio.run(answer())
    return pieces, broken, headers


@pytest.mark.parametrize(
    "faults",
    [
        "slow-body: 10ms, reset",
        "truncated-json, reset",
        "truncated-json, lost-answer",
        "cut-off, reset",
        "reset, cut-off",
        "wrong-type, reset",
    ],
)
def test_a_reset_stays_one(faults: str) -> None:
    """Whatever stands around it: no byte comes."""
    assert played(faults) == ([], [True], {})


@pytest.mark.parametrize("faults", ["slow-body: 10ms, cut-off", "cut-off, slow-body: 10ms"])
def test_slow_and_cut_off(faults: str) -> None:
    """Piece by piece up to the middle, in either order."""
    pieces, broken, headers = played(faults)
    assert (len(pieces[1:]), b"".join(pieces), broken) == (5, BODY[:20], [False])
    assert headers["content-length"] == "40"


def test_truncated_and_cut_off() -> None:
    """Half of the half that the headers promise."""
    pieces, broken, headers = played("truncated-json, cut-off")
    assert (b"".join(pieces), broken, headers["content-length"]) == (BODY[:10], [False], "20")


def test_truncated_and_slow() -> None:
    """Half of it, complete and in pieces."""
    pieces, broken, headers = played("truncated-json, slow-body: 10ms")
    assert (len(pieces[1:-1]), b"".join(pieces), broken, headers["content-length"]) == (10, BODY[:20], [], "20")


def test_cut_off_alone() -> None:
    """The half comes at once."""
    assert played("cut-off")[:2] == ([b"", BODY[:20]], [False])


def test_nothing_to_cut_off() -> None:
    """Of an empty body the head comes at least, which waits for the first piece, whatever that is."""
    assert played("cut-off", b"")[:2] == ([b""], [False])


@pytest.mark.parametrize("faults", ["slow-body: 10ms", "slow-body: 10ms, cut-off"])
def test_the_head_comes_at_once(faults: str) -> None:
    """Before any pause: an empty piece takes it along."""
    assert played(faults)[0][0] == b""


def test_each_text_is_said_once(emulator: Emulator) -> None:
    """In the answer and in the journal."""
    faults = "wrong-type, truncated-json"
    assert emulator.get(LIST, headers={"screentest-fault": faults}).headers["screentest-fault"] == faults
    assert emulator.get("/_control/requests").json()["requests"][0]["faults"] == faults


def test_a_scenario_and_a_fault_warn_both(emulator: Emulator) -> None:
    """Neither warning pushes the other one out."""
    asked = {"screentest-scenario": "explode", "screentest-fault": "resett"}
    warning = emulator.post(HIAPI.path, HIAPI.body(), headers=asked).headers["screentest-warning"]
    assert warning.startswith("no scenario 'explode'")
    assert "; no fault 'resett'" in warning


def test_two_bad_faults_warn_both(emulator: Emulator) -> None:
    """The header's, and an armed one that is no fault of this provider."""
    emulator.post("/_control/faults", {"fault": "key-in-flight"})
    answer = emulator.get("/runcomfy/v1/models", headers={"screentest-fault": "resett"})
    warning = answer.headers["screentest-warning"]
    assert "no fault 'resett'" in warning
    assert "; no fault 'key-in-flight'" in warning


def test_a_status_without_its_code() -> None:
    """A sentence for people, not Python's."""
    with pytest.raises(BadFaultError, match="'status': expected a status from 400 to 599; it is written status: CODE"):
        read_faults("status", frozenset())
