"""Keep calls from real providers: an audit hook that refuses to look up or to connect to their names.

It sees what this process does through Python's socket module, which is nearly every client, and through the event loop
of uvloop, which connects in C and is made to tell. It does not see subprocesses, what goes through a proxy, other C
libraries with sockets of their own, or connections to an address that was looked up before.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, wraps
from typing import Any

from msgspec import Struct, field

from screentest_contracts.load import PROVIDERS, load


class RealHostError(AssertionError):
    """A real provider was about to be called; nothing was sent."""


class Guard(Struct):
    """The names that must not be called, and which of them were, in order."""

    hosts: frozenset[str]
    tried: list[str] = field(default_factory=list)

    def look(self, event: str, args: tuple[Any, ...]) -> None:
        """Refuse the audit event if it is about one of the hosts."""
        host = _host(event, args)
        if host in self.hosts:
            self.tried.append(host)
            raise RealHostError(f"a connection to the real host {host} was attempted; it was not made")


@cache
def real_hosts() -> frozenset[str]:
    """The names under which the real providers answer."""
    return frozenset(host for name in PROVIDERS for host in load(name).provider.hosts)


@contextmanager
def guarding(hosts: frozenset[str]) -> Iterator[Guard]:
    """Refuse connections of the whole process to these hosts, until the block ends. Blocks may nest."""
    guard = Guard(hosts)
    if not _hooked:
        sys.addaudithook(_hear)
        _hooked.append(True)
    _on_duty.append(guard)
    _watch_uvloop()
    try:
        yield guard
    finally:
        _on_duty.remove(guard)


# A hook cannot be taken away again: one is added for ever, and listens while a guard is on duty.
_hooked: list[bool] = []
_on_duty: list[Guard] = []

_watched: list[type] = []

_HOST_AT = {"socket.getaddrinfo": 0, "socket.gethostbyname": 0, "http.client.connect": 1, "socket.connect": 1}
_LOOP_RUNS = "sys.set_asyncgen_hook_firstiter"
_OF_UVLOOP = {"getaddrinfo": 0, "create_connection": 1}
"""The methods of its event loop that take a host, and at which place."""


def _hear(event: str, args: tuple[Any, ...]) -> None:
    if not _on_duty:
        return
    if event in _HOST_AT:
        _on_duty[-1].look(event, args)
    elif event == _LOOP_RUNS:
        _watch_uvloop()  # it may have been imported since the guard came


def _watch_uvloop() -> None:
    """Let the event loops of uvloop, if it is there, tell what the socket module would."""
    loop = getattr(sys.modules.get("uvloop"), "Loop", None)
    if loop is None or loop in _watched:
        return
    _watched.append(loop)
    for name, place in _OF_UVLOOP.items():
        setattr(loop, name, _telling(getattr(loop, name), place))


def _telling(method: Callable[..., Any], place: int) -> Callable[..., Any]:
    @wraps(method)
    def told(loop: Any, *args: Any, **named: Any) -> Any:
        _hear("socket.getaddrinfo", (args[place] if len(args) > place else named.get("host"),))
        return method(loop, *args, **named)

    return told


def _host(event: str, args: tuple[Any, ...]) -> str:
    """The name that an event is about, in lower case; "" if there is none."""
    told = args[_HOST_AT[event]]
    if event == "socket.connect":
        told = told[0] if isinstance(told, tuple) and told else ""
    if isinstance(told, bytes | bytearray):
        told = bytes(told).decode("ascii", "replace")
    return told.lower().rstrip(".") if isinstance(told, str) else ""
