"""Bytes to a real server over a raw socket, and whatever comes back."""

from __future__ import annotations

import contextlib
import re
import socket

KEY = "sk-abuse"
_PATIENCE = 20


def answer(port: int, data: bytes) -> bytes:
    """All that the server says to these bytes until it closes the connection."""
    said = b""
    with socket.create_connection(("127.0.0.1", port), _PATIENCE) as connection, contextlib.suppress(ConnectionError):
        connection.sendall(data)
        with contextlib.suppress(OSError):  # the server has hung up already
            connection.shutdown(socket.SHUT_WR)
        while received := connection.recv(65536):
            said += received
    return said


def statuses(said: bytes) -> list[int]:
    """The status of every answer in these bytes."""
    return [int(found) for found in re.findall(rb"(?:^|\n)HTTP/1\.1 (\d{3}) ", said)]


def request(method: str, target: str, body: bytes = b"", *headers: str) -> bytes:
    """One request as bytes; the connection closes after it."""
    lines = [f"{method} {target} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {KEY}", "Connection: close"]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, *headers]).encode("latin-1") + b"\r\n\r\n" + body
