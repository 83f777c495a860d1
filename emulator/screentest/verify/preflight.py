"""A first look at the server: does anything there speak as this provider does?"""

from __future__ import annotations

from collections.abc import Iterator

from screentest.verify.side import ONE, Ask, DeniedError, Side, UnreachableError
from screentest_contracts.conformance import Judge
from screentest_contracts.document import Operation
from screentest_contracts.exchange import NOBODY, Exchange
from screentest_contracts.load import Contract

_LOOKS = 4
_FOREIGN = frozenset(
    {"body.not-json", "envelope", "field.missing", "field.type", "status.undocumented", "server.error", "error.code"}
)


def look(contract: Contract, side: Side) -> None:
    """Ask a few simple things. UnreachableError when no answer comes, or none has the provider's form."""
    judge = Judge(contract, side.base)
    last: Exchange | None = None
    for ask in _questions(contract):
        try:
            last = side.send(ask)
        except DeniedError:
            continue
        if not any(one.kind in _FOREIGN for one in judge.judge(last)):
            return
    if last is not None:
        kind = last.headers.get("content-type", "no content type").partition(";")[0]
        raise UnreachableError(
            f"what answers at {side.base} is not {contract.provider.title}: "
            f"{last.method} {last.path} came back as HTTP {last.status}, {kind[:60]}; check --base-url"
        )


def _questions(contract: Contract) -> Iterator[Ask]:
    reads: list[Operation] = [
        one for one in contract.provider.operations.values() if one.method == "GET" and "{" not in one.path
    ]
    for operation in reads[:_LOOKS]:
        yield Ask(method="GET", path=operation.path, who=NOBODY)
        if operation.key:
            yield Ask(method="GET", path=operation.path, who=ONE)
