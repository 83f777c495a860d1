"""Which operation an exchange belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from screentest_contracts.document import Operation
from screentest_contracts.exchange import Exchange
from screentest_contracts.load import Contract
from screentest_contracts.routes import routes


class Found(Struct, frozen=True):
    """An operation with the parameters in its path. `base` is what stands before the operation's path in the URL."""

    operation: Operation
    params: Mapping[str, str]
    base: str

    @property
    def job(self) -> str | None:
        """The id of the job in the path."""
        name = self.operation.job_parameter
        return self.params[name] if name else None


class Strange(Struct, frozen=True):
    """A path under the provider's base that has no operation; `methods` are those that the path does take."""

    path: str
    methods: tuple[str, ...]


class Operations:
    """The operations of one contract. They are looked for under `base` (a URL or a path), else at the root and under
    the provider's name."""

    def __init__(self, contract: Contract, base: str | None = None) -> None:
        self._routes = routes(contract.provider.operations)
        own = urlsplit(contract.provider.base_url).path
        bases = (own, "", f"/{contract.name}") if base is None else (urlsplit(base).path,)
        self._bases = tuple(dict.fromkeys(one.rstrip("/") for one in bases))
        self._hosts = frozenset(contract.provider.hosts)
        self._everything = base is not None
        self._last: tuple[Exchange | None, Found | Strange | None] = (None, None)

    def find(self, exchange: Exchange) -> Found | Strange | None:
        """The operation; Strange for a path of the provider without one, None for a path that is not the provider's."""
        if self._last[0] is not exchange:  # the rules ask one after the other about the same exchange
            self._last = exchange, self._found(exchange)
        return self._last[1]

    def _found(self, exchange: Exchange) -> Found | Strange | None:
        strange = None
        for base in self._bases:
            path = exchange.path.removeprefix(base)
            if path == exchange.path and base:
                continue
            methods: tuple[str, ...] = ()
            for pattern, operations in self._routes:
                match = pattern.fullmatch(path)
                if not match:
                    continue
                operation = operations.get("GET" if exchange.method == "HEAD" else exchange.method)
                if operation:
                    params = {name: unquote(value) for name, value in match.groupdict().items()}
                    return Found(operation, params, exchange.url.partition("?")[0].removesuffix(path))
                methods = tuple(sorted(operations))
                break
            if methods or self._owns(base, exchange):
                strange = Strange(path, methods)
        return strange

    def _owns(self, base: str, exchange: Exchange) -> bool:
        return bool(base) or self._everything or urlsplit(exchange.url).hostname in self._hosts


def operation_of(contract: Contract, exchange: Exchange, base: str | None = None) -> Operation | None:
    """The operation that an exchange belongs to; None for a URL that is none of the contract's."""
    found = Operations(contract, base).find(exchange)
    return found.operation if isinstance(found, Found) else None
