"""Taps that remember: who made what, what was said before, which key came with which request."""

from __future__ import annotations

from collections.abc import Collection

from msgspec.structs import replace

from mutants.asking import with_header
from mutants.editing import Change
from mutants.wire import Spot, Tap, edited, with_body
from screentest_contracts.exchange import Exchange
from screentest_contracts.pointers import GONE, at

IDS = ("/id", "/request_id", "/data/taskId", "/asset_id")
"""Where answers have the id of what was made."""

LISTED = {"list-runs": ("/items", "/id"), "list": ("/data/tasks", "/taskId")}
"""Where the lists of jobs have their items, and items their ids."""


def made(exchange: Exchange) -> str:
    """The id of what an answer made; "" for none."""
    return next((one for one in (at(exchange.answer, place) for place in IDS) if isinstance(one, str)), "")


def _key(exchange: Exchange) -> str:
    return exchange.request_headers.get("authorization", "")


class Owners(Tap):
    """Whoever asks for something with its id is taken for its owner; so are all, in these operations, for the owner of
    what was made last."""

    def __init__(self, operations: Collection[str]) -> None:
        super().__init__()
        self._operations = operations
        self._owners: dict[str, str] = {}

    def ask(self, exchange: Exchange, operation: str) -> Exchange:
        if operation not in self._operations or not _key(exchange):
            return exchange
        named = [owner for name, owner in self._owners.items() if name in exchange.path]
        listed = list(self._owners.values()) if operation in LISTED else []
        owner = (named or listed or [""])[-1]
        if not owner or owner == _key(exchange):
            return exchange
        self.touched += 1
        return with_header(exchange, "authorization", lambda said: owner)

    def answer(self, exchange: Exchange, operation: str) -> Exchange:
        if exchange.method == "POST" and 200 <= exchange.status < 300 and made(exchange):
            self._owners.setdefault(made(exchange), _key(exchange))
        return exchange


class Stale(Tap):
    """The `number`-th answer at `now` says once more what the last one at `before` said."""

    def __init__(self, before: Spot, now: Spot, number: int) -> None:
        super().__init__()
        self._before, self._now, self._number = before, now, number
        self._said: dict[str, bytes] = {}
        self._seen: dict[str, int] = {}

    def answer(self, exchange: Exchange, operation: str) -> Exchange:
        path = exchange.path
        if self._before.covers(exchange, operation):
            self._said[path] = exchange.body
        elif self._now.covers(exchange, operation) and path in self._said:
            self._seen[path] = self._seen.get(path, 0) + 1
            if self._seen[path] == self._number:
                self.touched += 1
                headers = {name: one for name, one in exchange.headers.items() if name != "content-length"}
                return replace(exchange, body=self._said[path], headers=headers)
        return exchange


class Later(Tap):
    """The second and every further answer about the same thing, at this spot, is changed."""

    def __init__(self, spot: Spot, change: Change) -> None:
        super().__init__()
        self._spot, self._change = spot, change
        self._seen: set[str] = set()

    def answer(self, exchange: Exchange, operation: str) -> Exchange:
        if not self._spot.covers(exchange, operation):
            return exchange
        if exchange.path not in self._seen:
            self._seen.add(exchange.path)
            return exchange
        self.touched += 1
        return edited(exchange, self._change)


class FirstBody(Tap):
    """A key that was used stands for the request that it came with first, whatever is in this one."""

    def __init__(self, operation: str) -> None:
        super().__init__()
        self._operation = operation
        self._bodies: dict[tuple[str, str], bytes] = {}

    def ask(self, exchange: Exchange, operation: str) -> Exchange:
        key = exchange.request_headers.get("idempotency-key", "")
        if operation != self._operation or not key:
            return exchange
        first = self._bodies.setdefault((_key(exchange), key), exchange.request_body)
        self.touched += first != exchange.request_body
        return replace(exchange, request_body=first)


class Reworded(Tap):
    """A request whose key was used is never the same again: it has grown by a blank."""

    def __init__(self, operation: str) -> None:
        super().__init__()
        self._operation = operation
        self._seen: dict[tuple[str, str], int] = {}

    def ask(self, exchange: Exchange, operation: str) -> Exchange:
        key = exchange.request_headers.get("idempotency-key", "")
        if operation != self._operation or not key:
            return exchange
        before = self._seen.get((_key(exchange), key), 0)
        self._seen[_key(exchange), key] = before + 1
        self.touched += before > 0
        return replace(exchange, request_body=exchange.request_body + b" " * before)


class Withheld(Tap):
    """RunComfy cancels nothing: it reads the state instead, and says that it is too late."""

    def ask(self, exchange: Exchange, operation: str) -> Exchange:
        if operation != "cancel":
            return exchange
        self.touched += 1
        url = exchange.url.removesuffix("/cancel") + "/status"
        return replace(exchange, method="GET", url=url, request_body=b"")

    def answer(self, exchange: Exchange, operation: str) -> Exchange:
        if operation != "cancel" or exchange.status != 200 or not isinstance(exchange.answer, dict):
            return exchange
        said = {name: exchange.answer[name] for name in ("request_id", "status")}
        return replace(with_body(exchange, said | {"outcome": "not_cancellable"}), status=202)


class SameId(Tap):
    """Every submit is answered with the id of the first."""

    def __init__(self, operation: str) -> None:
        super().__init__()
        self._operation = operation
        self._first = ""

    def answer(self, exchange: Exchange, operation: str) -> Exchange:
        if operation != self._operation or not 200 <= exchange.status < 300:
            return exchange
        self._first = self._first or made(exchange)
        self.touched += made(exchange) != self._first
        return replace(exchange, body=exchange.body.replace(made(exchange).encode(), self._first.encode()))


class Invented(Tap):
    """A job that there is not is shown as another one was."""

    def __init__(self, operation: str) -> None:
        super().__init__()
        self._operation = operation
        self._last: Exchange | None = None

    def answer(self, exchange: Exchange, operation: str) -> Exchange:
        if operation != self._operation or exchange.method != "GET":
            return exchange
        if 200 <= exchange.status < 300:
            self._last = exchange
        elif exchange.status == 404 and self._last:
            self.touched += 1
            last, asked = made(self._last), exchange.path.rstrip("/").split("/")
            new = next((one for one in asked if len(one) >= len(last) - 1 and one != last), last)
            return replace(self._last, body=self._last.body.replace(last.encode(), new.encode()))
        return exchange


class Overlap(Tap):
    """A further page begins with the last item of the page before."""

    def __init__(self, operation: str, further: str) -> None:
        super().__init__()
        self._operation, self._further = operation, further
        self._last: object = GONE

    def answer(self, exchange: Exchange, operation: str) -> Exchange:
        place, _ = LISTED.get(operation, ("", ""))
        items = at(exchange.answer, place) if operation == self._operation and exchange.status == 200 else GONE
        if not isinstance(items, list) or not items:
            return exchange
        before, self._last = self._last, items[-1]
        if exchange.query.get(self._further, "1") == "1" or before is GONE:
            return exchange
        self.touched += 1
        body = exchange.answer
        items[:] = [before, *items[:-1]]
        return with_body(exchange, body)


class Tired(Tap):
    """After so many requests no key is good any more."""

    def __init__(self, operations: str, most: int) -> None:
        super().__init__()
        self._operations, self._most, self._seen = operations.split(), most, 0

    def ask(self, exchange: Exchange, operation: str) -> Exchange:
        self._seen += operation in self._operations
        if operation not in self._operations or self._seen <= self._most:
            return exchange
        self.touched += 1
        return with_header(exchange, "authorization", lambda said: None)
