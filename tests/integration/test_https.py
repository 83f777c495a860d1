"""`serve --https-port`: the same emulator over TLS, for clients that insist on it."""

from __future__ import annotations

import socket
import ssl
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from screentest.http11.connection import Connection
from screentest.server import running
from screentest.settings import Settings

TASK = {
    "model": "happyhorse-1.1/reference-to-video",
    "input": {"prompt": "a fox", "reference_image": ["https://example.com/fox.jpg"]},
}


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state directory of the test's own."""
    monkeypatch.setenv("SCREENTEST_STATE_DIR", str(tmp_path))
    return tmp_path


def test_a_client_that_trusts_the_authority_gets_https_links(state: Path) -> None:
    """Both sockets answer; the URLs in an answer have the scheme and port that were called."""
    with running(Settings(port=0, https_port=0)) as server:
        assert server.https_url
        assert server.authority == state / "screentest-ca.pem"
        key = {"authorization": "Bearer sk-tls"}
        trust = ssl.create_default_context(cafile=str(server.authority))
        with httpx2.Client(verify=trust, headers=key, base_url=server.https_url) as client:
            task = client.post("/hiapi/v1/tasks", json=TASK).json()["data"]["taskId"]
            client.post("/_control/clock", json={"advance": 60})
            link = client.get(f"/hiapi/v1/tasks/{task}").json()["data"]["output"][0]["url"]
            assert link.startswith(f"{server.https_url}/media/")
            assert client.get(link).content[4:8] == b"ftyp"
        assert httpx2.get(f"{server.url}/hiapi/v1/tasks", headers=key).json()["data"]["total"] == 1


def test_the_authority_is_kept(state: Path) -> None:
    """A restart shows a certificate of the same authority, so that it is trusted once."""
    certificates = []
    for _ in range(2):
        with running(Settings(port=0, https_port=0)) as server:
            assert server.authority
            certificates.append(server.authority.read_bytes())

    assert certificates[0] == certificates[1]
    assert (state / "screentest-ca.key").stat().st_mode & 0o077 == 0


def test_a_client_that_does_not_trust_it_is_not_served(state: Path) -> None:
    """No trust, no answer; nothing falls back to plain http."""
    with running(Settings(port=0, https_port=0)) as server:
        assert server.https_url
        with pytest.raises(httpx2.ConnectError):
            httpx2.get(f"{server.https_url}/hiapi/v1/tasks")


def connect(url: str) -> socket.socket:
    return socket.create_connection((urlsplit(url).hostname, urlsplit(url).port or 0), timeout=10)


@pytest.mark.slow
def test_a_client_that_never_closes_is_not_waited_for(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though it was told to twice: when it had been idle for too long, and when the server ended."""
    monkeypatch.setattr(Connection, "patience", 0.01)
    with running(Settings(port=0, https_port=0)) as server:
        assert server.https_url
        trust = ssl.create_default_context(cafile=str(server.authority))
        idle = trust.wrap_socket(connect(server.https_url), server_hostname="127.0.0.1")
        assert idle.recv(1) == b""
        begun = time.perf_counter()
    assert time.perf_counter() - begun < 8
    idle.close()


def test_who_connects_as_the_server_ends_does_not_hold_it_up(state: Path) -> None:
    """It is told like everybody else, a little later: here a client whose handshake lasts until the end has begun."""

    def seconds(told: socket.socket, late: ssl.SSLSocket) -> float:
        with told, late:
            assert told.recv(1) == b""
            begun = time.perf_counter()
            late.do_handshake()
            assert late.recv(1) == b""
            return time.perf_counter() - begun

    with ThreadPoolExecutor() as threads:
        with running(Settings(port=0, https_port=0)) as server:
            assert server.https_url
            trust = ssl.create_default_context(cafile=str(server.authority))
            late = trust.wrap_socket(
                connect(server.https_url), server_hostname="127.0.0.1", do_handshake_on_connect=False
            )
            told = connect(server.url)
            told.sendall(b"HEAD /_control/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert told.recv(2**16).startswith(b"HTTP/1.1 200 ")  # by now both have been accepted
            waited = threads.submit(seconds, told, late)
        assert waited.result(timeout=10) < 3
