"""Clients that offer HTTP/2 by upgrade, as the JDK's HttpClient does with every first request on plain http."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest

from screentest.server import Running

UPGRADE = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQB\r\n"
TASK = {
    "model": "happyhorse-1.1/reference-to-video",
    "input": {"prompt": "a fox", "reference_image": ["https://example.com/fox.jpg"]},
}


class Connection:
    """A raw keep-alive connection that reads whole answers."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self._left = b""

    def send(self, *segments: bytes) -> None:
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for segment in segments:
            self.sock.sendall(segment)

    def answer(self) -> tuple[int, Any]:
        while b"\r\n\r\n" not in self._left:
            self._receive()
        head, self._left = self._left.split(b"\r\n\r\n", 1)
        length = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
        while len(self._left) < length:
            self._receive()
        body, self._left = self._left[:length], self._left[length:]
        return int(head.split()[1]), json.loads(body)

    def _receive(self) -> None:
        data = self.sock.recv(65536)
        assert data, "the server closed the connection"
        self._left += data


@contextmanager
def connected(server: Running) -> Iterator[Connection]:
    where = urlsplit(server.url)
    with socket.create_connection((where.hostname, where.port), timeout=10) as sock:
        yield Connection(sock)


def request(method: str, path: str, body: bytes, extra: str) -> bytes:
    framing = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer sk-jdk\r\n{extra}{framing}\r\n"
    return head.encode() + body


def chunked(path: str, body: bytes) -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer sk-jdk\r\n{UPGRADE}"
        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    half = len(body) // 2
    parts = (body[:half], body[half:])
    return head.encode() + b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


BODY = json.dumps(TASK).encode()


def test_post_with_an_upgrade_arrives_whole(server: Running) -> None:
    """The body is read and the request answered as usual: the offer of HTTP/2 is declined by ignoring it."""
    with connected(server) as connection:
        connection.send(request("POST", "/hiapi/v1/tasks", BODY, UPGRADE))

        status, answer = connection.answer()

    assert status == 200
    assert answer["data"]["taskId"].startswith("tk-hiapi-")


@pytest.mark.parametrize("size", [1, 7, 60])
def test_segments_of_any_size_make_no_difference(server: Running, size: int) -> None:
    """However the network cuts the bytes, head and body arrive."""
    whole = request("POST", "/hiapi/v1/tasks", BODY, UPGRADE)
    with connected(server) as connection:
        connection.send(*(whole[at : at + size] for at in range(0, len(whole), size)))

        status, _ = connection.answer()

    assert status == 200


def test_a_chunked_body_arrives_too(server: Running) -> None:
    """The framing that the client announced is kept."""
    with connected(server) as connection:
        connection.send(chunked("/hiapi/v1/tasks", BODY))

        status, _ = connection.answer()

    assert status == 200


def test_the_connection_stays_usable(server: Running) -> None:
    """Requests with and without an offer alternate on one connection, each with its own answer."""
    with connected(server) as connection:
        for extra in (UPGRADE, "", UPGRADE, UPGRADE, ""):
            connection.send(request("POST", "/hiapi/v1/tasks", BODY, extra))
            assert connection.answer()[0] == 200
            connection.send(request("GET", "/hiapi/v1/tasks", b"", extra))
            assert connection.answer()[0] == 200


def test_two_requests_in_one_segment_are_both_answered(server: Running) -> None:
    """A pipelined request behind one with an offer is not swallowed."""
    with connected(server) as connection:
        first = request("POST", "/hiapi/v1/tasks", BODY, UPGRADE)
        connection.send(first + request("GET", "/hiapi/v1/tasks?size=1", b"", ""))

        created, listed = connection.answer(), connection.answer()

    assert created[0] == listed[0] == 200
    assert listed[1]["data"]["size"] == 1


def test_close_is_honoured(server: Running) -> None:
    """Connection: close beside the offer closes after the answer."""
    extra = UPGRADE.replace("Connection: ", "Connection: close, ")
    with connected(server) as connection:
        connection.send(request("POST", "/hiapi/v1/tasks", BODY, extra))

        assert connection.answer()[0] == 200
        assert connection.sock.recv(1) == b""


def test_an_absolute_target_is_understood(server: Running) -> None:
    """A client that takes us for its http proxy names the whole URL in the request line."""
    with connected(server) as connection:
        connection.send(request("GET", "http://api.hiapi.ai/v1/tasks", b"", "").replace(b"127.0.0.1", b"api.hiapi.ai"))

        status, answer = connection.answer()

    assert status == 200
    assert answer["data"]["page"] == 1
