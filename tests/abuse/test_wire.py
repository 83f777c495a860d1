"""Bytes that are hardly HTTP, over real sockets: always an answer below 500 or a closed connection, never a hang."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from abuse.raw import answer, request, statuses
from screentest.http11.connection import LONGEST_HEAD
from screentest.server import Running

TASKS = "/hiapi/v1/tasks"


def port(server: Running) -> int:
    found = urlsplit(server.url).port
    assert found
    return found


def alive(server: Running) -> bool:
    """Whether a usual request is still answered."""
    return statuses(answer(port(server), request("GET", TASKS))) == [200]


PATHS = [
    "/hiapi/v1/tasks/%2e%2e/%2e%2e/etc/passwd",
    "/hiapi/../_control/clock",
    "//hiapi/v1/tasks",
    "/hiapi/v1/tasks%2Fx",
    "/hiapi/v1/tasks/%00",
    "/hiapi/v1/tasks/%ff%fe",
    "/media/hiapi/%00/%00.mp4",
    "/media/../../../etc/passwd",
    "/inputs/99999999999x1.png",
    "/_control/jobs/%00",
    "/_control/requests/99999999999999999999999",
    "/_control/jobs?before=99999999999999999999999999",
    "/_control/requests?limit=nan",
    "/hiapi/v1/tasks?page=99999999999999&size=50",
    "/runflow/v1/runs?limit=99999999999999999999",
    "/runcomfy/v1/requests/%ED%A0%80/status",
    "*",
    "http://127.0.0.1:1/hiapi/v1/tasks",
    "http://api.hiapi.ai/v1/tasks",
    "http://[::1/hiapi",
    "/" + "a" * 60_000,
]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path[:40])
def test_a_tricky_target_is_answered(server: Running, path: str) -> None:
    """Encoded slashes, dots, NUL, bytes that are no text, absolute forms: one answer, below 500."""
    found = statuses(answer(port(server), request("GET", path)))

    assert len(found) == 1
    assert found[0] < 500


FRAMES = {
    "negative-length": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
    "endless-length": request("POST", TASKS, b"", "Content-Length: 99999999999999"),
    "length-beyond-64-bits": request("POST", TASKS, b"", "Content-Length: 99999999999999999999999"),
    "both-framings": request("POST", TASKS, b"", "Transfer-Encoding: chunked", "Content-Length: 5") + b"0\r\n\r\n",
    "a-chunk-of-no-size": request("POST", TASKS, b"", "Transfer-Encoding: chunked") + b"ZZ\r\n",
    "every-byte": bytes(range(256)) * 10,
    "bytes-in-headers": request("GET", TASKS, b"", "Screentest-Scenario: \xff\xfe", "Screentest-Fault: \xff"),
    "an-odd-host": b"GET /hiapi/v1/tasks HTTP/1.1\r\nHost: [::1\r\nConnection: close\r\n\r\n",
    "five-thousand-headers": request("GET", TASKS, b"", *(f"x-{number}: y" for number in range(5000))),
    "tls": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500),
}


@pytest.mark.parametrize("data", FRAMES.values(), ids=FRAMES)
def test_odd_frames_do_no_harm(server: Running, data: bytes) -> None:
    """The connection ends, nothing says 5xx, and others are served."""
    assert all(status < 500 for status in statuses(answer(port(server), data)))
    assert alive(server)


@given(st.binary(max_size=300), st.sampled_from([b"", b"GET /", b"POST /hiapi/v1/tasks HTTP/1.1\r\nHost: x\r\n"]))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_bytes_do_no_harm(server: Running, data: bytes, begun: bytes) -> None:
    """Whatever comes, also behind a good beginning."""
    assert all(status < 500 for status in statuses(answer(port(server), begun + data + b"\r\n\r\n")))


def test_a_head_without_end_is_refused(server: Running) -> None:
    """A flood of headers is not kept until memory is full."""
    data = b"GET / HTTP/1.1\r\nHost: x\r\n" + b"x-flood: " + b"y" * (3 * LONGEST_HEAD)

    said = answer(port(server), data)

    assert statuses(said) in ([400], [])  # none when the answer was lost with what is still being sent
    assert alive(server)


def test_slow_clients_hold_nobody_up(server: Running) -> None:
    """While hundreds of connections never finish their head, others are answered."""
    slow = [socket.create_connection(("127.0.0.1", port(server))) for _ in range(200)]
    for one in slow:
        one.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nx-slow: ")

    assert alive(server)

    for one in slow:
        one.close()
