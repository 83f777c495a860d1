"""Connections out of the emulator: to loopback, or to where the policy allows. The importer of httpx2.

A name is resolved once, all its addresses are judged, and the connection goes to one of those: between the look and
the step, no resolver can change its mind. There are no redirects, no proxies, no cookies, and no content encodings.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cache
from typing import TYPE_CHECKING

from screentest.network.egress import Egress, read_address

if TYPE_CHECKING:  # imported when the first connection leaves: a server starts without it
    import httpx2

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a host (name, port); raises OSError when it has none."""

_PORTS = {"http": 80, "https": 443}
_LONGEST = 200


class NotConnectedError(Exception):
    """Nothing was answered. `kind` is one word: url, egress, resolve, connect, timeout, protocol.

    The message goes after the URL, as in "refused the connection".
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message if len(message) <= _LONGEST else message[: _LONGEST - 3] + "...")
        self.kind = kind


async def system_resolver(host: str, port: int) -> Sequence[str]:
    """The machine's own resolver. Names under localhost are loopback by definition (RFC 6761) and not looked up."""
    labels = host.lower().removesuffix(".").split(".")
    name = "localhost" if labels[-1] == "localhost" else host
    found = await asyncio.get_running_loop().getaddrinfo(name, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


@asynccontextmanager
async def opened(
    method: str,
    url: str,
    *,
    egress: Egress,
    timeout: float,
    content: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    resolve: Resolve = system_resolver,
) -> AsyncIterator[httpx2.Response]:
    """The answer to one request, its body not read yet. `timeout` is for everything inside, in seconds.

    Raises NotConnectedError; also out of the body of the ``async with``, when reading it fails.
    """
    import httpx2

    try:
        async with asyncio.timeout(timeout):
            target = _parsed(url)
            addresses = await _permitted(target, egress, resolve)
            async with httpx2.AsyncClient(
                trust_env=False, follow_redirects=False, timeout=timeout, verify=await _trust(target, addresses)
            ) as client:
                answer = await _sent(client, method, target, addresses, content, headers or {})
                try:
                    yield answer
                finally:
                    await answer.aclose()
    except (TimeoutError, httpx2.TimeoutException):
        raise NotConnectedError("timeout", f"gave no whole answer within {timeout:g} s") from None
    except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError) as error:
        raise NotConnectedError("protocol", f"broke off: {str(error) or type(error).__name__}") from None


async def _sent(
    client: httpx2.AsyncClient,
    method: str,
    target: httpx2.URL,
    addresses: Sequence[str],
    content: bytes | None,
    headers: Mapping[str, str],
) -> httpx2.Response:
    """Try the addresses one after the other: localhost is often both ::1 and 127.0.0.1, and served on one of them."""
    import httpx2

    named = {"host": target.netloc.decode("ascii"), "accept-encoding": "identity", **headers}
    reason = ""
    for address in addresses:
        request = client.build_request(
            method,
            target.copy_with(host=address, username=None, password=None),
            content=content,
            headers=named,
            extensions={"sni_hostname": target.raw_host.decode("ascii")},
        )
        try:
            return await client.send(request, stream=True)
        except httpx2.ConnectError as error:
            reason = str(error)
    raise NotConnectedError("connect", f"cannot be connected to at {', '.join(addresses)}: {reason}")


def _parsed(url: str) -> httpx2.URL:
    import httpx2

    try:
        target = httpx2.URL(url)
    except httpx2.InvalidURL as error:
        raise NotConnectedError("url", f"is no URL: {error}") from None
    if target.scheme not in _PORTS or not target.host:
        raise NotConnectedError("url", "is no http or https URL")
    if target.port is not None and target.port not in range(1, 65536):
        raise NotConnectedError("url", f"names no port: {target.port}")
    return target


async def _permitted(target: httpx2.URL, egress: Egress, resolve: Resolve) -> Sequence[str]:
    host = target.raw_host.decode("ascii")
    try:
        addresses = await resolve(host, target.port or _PORTS[target.scheme])
    except (OSError, UnicodeError):
        if egress.names(host):
            raise NotConnectedError("resolve", f"cannot be found: no address of {host}") from None
        addresses = ()  # as where names of the world can be looked up: it is none of this machine
    if not egress.permits(host, addresses):
        raise NotConnectedError("egress", f"is outside this machine; --allow-egress {host} would let it through")
    return addresses


async def _trust(target: httpx2.URL, addresses: Sequence[str]) -> ssl.SSLContext:
    """Whose certificates to believe. A server on this machine signs its own."""
    read = [read_address(address) for address in addresses]
    if target.scheme == "http" or all(address is not None and address.is_loopback for address in read):
        return _no_trust()
    return await asyncio.to_thread(_public_trust)  # a tenth of a second, the first time


@cache
def _no_trust() -> ssl.SSLContext:
    """Made once: httpx2 would make one for every client, in a millisecond."""
    import httpx2

    return httpx2.create_ssl_context(verify=False, trust_env=False)


@cache
def _public_trust() -> ssl.SSLContext:
    import httpx2

    return httpx2.create_ssl_context(trust_env=False)
