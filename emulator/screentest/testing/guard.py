"""Keep calls from real providers: an audit hook that refuses to look up or to connect to their names.

It sees what this process does through Python's socket module, which is nearly every client. It does not see
subprocesses, what goes through a proxy, C libraries with sockets of their own, or connections to an address that was
looked up before.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from screentest_contracts.load import PROVIDERS, load


class RealHostError(AssertionError):
    """A real provider was about to be called; nothing was sent."""


@dataclass(slots=True)
class Guard:
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
    try:
        yield guard
    finally:
        _on_duty.remove(guard)


# A hook cannot be taken away again: one is added for ever, and listens while a guard is on duty.
_hooked: list[bool] = []
_on_duty: list[Guard] = []

_HOST_AT = {"socket.getaddrinfo": 0, "socket.gethostbyname": 0, "http.client.connect": 1, "socket.connect": 1}


def _hear(event: str, args: tuple[Any, ...]) -> None:
    if _on_duty and event in _HOST_AT:
        _on_duty[-1].look(event, args)


def _host(event: str, args: tuple[Any, ...]) -> str:
    """The name that an event is about, in lower case; "" if there is none."""
    told = args[_HOST_AT[event]]
    if event == "socket.connect":
        told = told[0] if isinstance(told, tuple) and told else ""
    if isinstance(told, bytes | bytearray):
        told = bytes(told).decode("ascii", "replace")
    return told.lower().rstrip(".") if isinstance(told, str) else ""
