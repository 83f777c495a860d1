"""The client on real sockets: what a scripted transport cannot show."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from client import answers as say
from client.stand_ins import CLIENTS, KEY, KINDS, Kind
from screentest_client.base import AsyncClient, Client
from screentest_client.drivers import trusted
from screentest_client.errors import ConnectionFailedError, DownloadError
from screentest_client.job import Output

MEDIUM = b"medium" * 100


class Handler(BaseHTTPRequestHandler):
    """Task details under /v1, a medium under /whole, half of it under /half; remembers every Authorization."""

    protocol_version = "HTTP/1.1"
    keys: dict[str, str | None]

    def do_GET(self) -> None:
        self.keys[self.path] = self.headers["authorization"]
        body = MEDIUM if self.path in ("/whole", "/half") else json.dumps(say.SUCCESS).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if self.path == "/half" else body)
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Silence on stderr."""


class Server:
    """One server on a free port of loopback."""

    def __init__(self) -> None:
        self.keys: dict[str, str | None] = {}
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"keys": self.keys}))
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server in a thread, for this module."""
    up = Server()
    thread = Thread(target=up.http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield up
    up.http.shutdown()
    thread.join()
    up.http.server_close()


def do(kind: Kind, base: str, method: str, *args: Any) -> Any:
    """Open a client, call a method, close it again."""
    client: Client | AsyncClient = CLIENTS["HiAPI", kind](base, KEY)
    if isinstance(client, Client):
        with client:
            return getattr(client, method)(*args)

    async def on_a_loop() -> Any:
        async with client:
            done = getattr(client, method)(*args)
            return await done if inspect.isawaitable(done) else done

    return asyncio.run(on_a_loop())


@pytest.mark.parametrize("kind", KINDS)
def test_key_goes_to_the_api_and_not_to_the_media(kind: Kind, server: Server, tmp_path: Path) -> None:
    """The same host answers both; only the API call carries the key."""
    job = do(kind, server.url, "status", say.TASK_ID)
    path = do(kind, server.url, "download", Output(url=f"{server.url}/whole", type="video"), tmp_path / "x")

    assert job.outcome == "succeeded"
    assert path.read_bytes() == MEDIUM
    assert server.keys == {f"/v1/tasks/{say.TASK_ID}": f"Bearer {KEY}", "/whole": None}


@pytest.mark.parametrize("kind", KINDS)
def test_connection_closed_too_soon_is_a_failed_download(kind: Kind, server: Server, tmp_path: Path) -> None:
    """The peer promised more than it sent: no file, and the message counts the bytes."""
    with pytest.raises(DownloadError, match="300 of 600 bytes"):
        do(kind, server.url, "download", Output(url=f"{server.url}/half", type="video"), tmp_path / "x")

    assert list(tmp_path.iterdir()) == []


PROXIES = ("http://127.0.0.1:9", "socks5://127.0.0.1:9", "://", "ftp://user:password@h")


@pytest.fixture
def proxied(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment without any proxy, to be given one."""
    for name in ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    return monkeypatch


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("proxy", PROXIES)
def test_proxies_of_the_environment_do_not_reach_loopback(
    kind: Kind, proxy: str, server: Server, proxied: pytest.MonkeyPatch
) -> None:
    """Where a company's proxy is set, also one that we could not use, the emulator on this machine is still found."""
    proxied.setenv("HTTP_PROXY", proxy)
    proxied.setenv("ALL_PROXY", proxy)

    assert do(kind, server.url, "status", say.TASK_ID).finished


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("proxy", "cause"), list(zip(PROXIES[1:], ("SOCKS", "URL", "ftp"), strict=True)))
def test_proxy_that_cannot_be_used_is_told_by_its_variable(
    kind: Kind, proxy: str, cause: str, proxied: pytest.MonkeyPatch
) -> None:
    """One sentence instead of the HTTP library's traceback, and without the password that such a URL may hold."""
    proxied.setenv("all_proxy", proxy)

    with pytest.raises(ConnectionFailedError, match=rf"through the proxy: .*{cause}.* unset all_proxy\.$") as caught:
        CLIENTS["HiAPI", kind]("http://api.example", KEY)

    assert "password" not in str(caught.value)


@pytest.mark.parametrize("kind", KINDS)
def test_certificate_authorities_that_are_not_there_are_told_by_their_variable(
    kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python's own words, "No such file or directory", do not say which."""
    monkeypatch.setenv("SSL_CERT_FILE", "/none")
    trusted.cache_clear()

    with pytest.raises(ConnectionFailedError, match=r"authorities cannot be read: .*unset SSL_CERT_FILE\.$"):
        CLIENTS["HiAPI", kind]("http://api.example", KEY)


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_at_home_suggests_the_emulator(kind: Kind) -> None:
    """A refused connection on loopback most often means that it was not started."""
    with pytest.raises(ConnectionFailedError, match="Is the emulator running"):
        do(kind, "http://127.0.0.1:9", "status", say.TASK_ID)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("host", ["a..b", f"{'a' * 64}.example", "\u00df..b"])
def test_host_that_cannot_be_looked_up_is_a_connection_failure(kind: Kind, host: str, tmp_path: Path) -> None:
    """A name with an empty or a very long part never reaches the network; a submit to it cannot have cost anything."""
    medium = Output(url=f"http://{host}:9/x.mp4", type="video")
    calls: list[tuple[Any, ...]] = [("status", say.TASK_ID), ("submit", "m", {}), ("download", medium, tmp_path)]
    for call in calls:
        with pytest.raises(ConnectionFailedError, match=r"no answer to .*Check the network and the base URL\.$"):
            do(kind, f"http://{host}:9", *call)


def test_path_that_cannot_be_written_is_not_taken_for_a_host(server: Server) -> None:
    """Half a character in the path to save to is the caller's, and nothing of the network's."""
    with pytest.raises(UnicodeEncodeError):
        do("sync", server.url, "download", Output(url=f"{server.url}/whole", type="video"), "\ud800/x")
