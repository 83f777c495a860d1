"""URLs that try to leave this machine, as callbacks and as input files: nothing is ever connected to."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from screentest.network.egress import Egress
from screentest.network.fetching import Unreachable, fetch
from screentest.network.outbound import NotConnectedError, opened, system_resolver
from screentest.posting import HttpPost
from screentest.sender import NotPostedError

OUTSIDE = {
    "a-name": "http://example.com/",
    "a-name-with-a-dot": "http://example.com./",
    "an-address": "http://93.184.216.34/",
    "decimal": "http://1572395042/",
    "hexadecimal": "http://0x5db8d822/",
    "octal": "http://0135.0270.0330.042/",
    "short": "http://93.1/",
    "v6": "http://[2606:2800:220:1::1]/",
    "v4-in-v6": "http://[::ffff:93.184.216.34]/",
    "unspecified": "http://0.0.0.0/",
    "unspecified-v6": "http://[::]/",
    "the-cloud-s-metadata": "http://169.254.169.254/latest/meta-data/",
    "a-private-range": "http://10.0.0.1/",
    "a-user-named-loopback": "http://127.0.0.1@example.com/",
    "a-fragment": "http://example.com#@127.0.0.1/",
    "a-backslash": "http://example.com\\@127.0.0.1/",
    "full-width": "http://ｅｘａｍｐｌｅ.com/",
}
NO_HTTP = {
    "file": "file:///etc/passwd",
    "gopher": "gopher://127.0.0.1/",
    "ftp": "ftp://127.0.0.1/",
    "no-scheme": "//127.0.0.1/",
    "nul": "http://127.0.0.1\x00.example.com/",
    "line-break": "http://127.0.0.1/\r\nx: y",
    "a-port-too-high": "http://127.0.0.1:99999/",
    "nothing": "",
}


async def stranger(host: str, port: int) -> Sequence[str]:
    """A resolver that knows one address for every name, outside."""
    return ("93.184.216.34",)


async def two_faced(host: str, port: int) -> Sequence[str]:
    """A resolver whose second address is outside."""
    return ("127.0.0.1", "93.184.216.34")


@pytest.mark.parametrize("url", OUTSIDE.values(), ids=OUTSIDE)
def test_no_spelling_leaves(url: str) -> None:
    """A name that resolves outside, or an address in any disguise, is refused before anything is connected to."""

    async def attempt() -> None:
        resolve = system_resolver if url.removeprefix("http://")[:1] in "0123456789[" else stranger
        async with opened("GET", url, egress=Egress(), timeout=5, resolve=resolve):
            raise AssertionError("connected")

    with pytest.raises(NotConnectedError) as refused:
        asyncio.run(attempt())

    assert refused.value.kind in ("egress", "url", "resolve")


@pytest.mark.parametrize("url", NO_HTTP.values(), ids=NO_HTTP)
def test_nothing_but_http_is_spoken(url: str) -> None:
    """No file is read, and a URL that cannot be one is an attempt that failed."""
    found = asyncio.run(fetch(url, egress=Egress(), limit_bytes=100, timeout=5))

    assert isinstance(found, Unreachable)
    with pytest.raises(NotPostedError):
        asyncio.run(HttpPost(Egress())(url, b"{}", {}, 5))


def test_one_address_outside_is_enough() -> None:
    """A name with an address here and one there may not be connected to."""
    found = asyncio.run(fetch("http://both.example/", egress=Egress(), limit_bytes=100, resolve=two_faced))

    assert isinstance(found, Unreachable)
    assert found.kind == "egress"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    """A receiver here that points there is an answer like any other, and an input file that is not there."""

    async def both() -> tuple[int, object]:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(
                f"HTTP/1.1 {status} X\r\nLocation: http://93.184.216.34/\r\nContent-Length: 0\r\n\r\n".encode()
            )
            await writer.drain()
            writer.close()

        receiver = await asyncio.start_server(answer, "127.0.0.1", 0)
        async with receiver:
            url = f"http://127.0.0.1:{receiver.sockets[0].getsockname()[1]}/"
            posted = await HttpPost(Egress())(url, b"", {}, 5)
            return posted.status, await fetch(url, egress=Egress(), limit_bytes=100, timeout=5)

    told, found = asyncio.run(both())

    assert told == status
    assert isinstance(found, Unreachable)
