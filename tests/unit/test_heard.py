"""A request as it is heard: headers by any case, and a body that is taken once and within a bound."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.requests import ClientDisconnect

from screentest.heard import HeardRequest
from unit.stepping import stepped


def heard(*pieces: bytes, headers: tuple[tuple[bytes, bytes], ...] = ()) -> HeardRequest:
    """A request whose body comes in these pieces; whoever asks for more finds nobody there."""
    left = list(pieces)

    async def receive() -> dict[str, Any]:
        if not left:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}

    return HeardRequest({"type": "http", "method": "POST", "path": "/", "headers": list(headers)}, receive)


def test_headers_are_found_in_any_case_and_the_first_counts() -> None:
    request = heard(headers=((b"x-one", b"a"), (b"x-one", b"b")))
    assert (request.headers["X-One"], request.headers.get("x-ONE"), request.headers.get("x-two")) == ("a", "a", None)


@pytest.mark.parametrize("pieces", [(b"",), (b"abc",), (b"a", b"", b"bc")])
def test_a_body_is_taken_once_and_told_as_often_as_one_likes(pieces: tuple[bytes, ...]) -> None:
    request = heard(*pieces)
    assert [stepped(request.body_within(3)) for _ in range(2)] == [b"".join(pieces)] * 2


@pytest.mark.parametrize("pieces", [(b"abcd",), (b"ab", b"cd"), (b"abcd", b"e")])
def test_a_body_that_is_too_long_stays_so(pieces: tuple[bytes, ...]) -> None:
    """Also for whoever asks again: what came is gone, and waiting for more would be for ever."""
    request = heard(*pieces)
    assert [stepped(request.body_within(3)) for _ in range(2)] == [None, None]


def test_a_length_that_is_too_long_is_believed() -> None:
    """Nothing is taken then."""
    assert stepped(heard(headers=((b"content-length", b"4"),)).body_within(3)) is None


def test_who_hangs_up_is_told_of() -> None:
    with pytest.raises(ClientDisconnect):
        stepped(heard().body_within(3))
