"""Judge a cassette: the same judge and monitor, offline, with no server."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from screentest.errors import SetupError
from screentest.verify.findings import Findings
from screentest.verify.runner import Outcome
from screentest.verify.submits import Submits
from screentest_contracts.cassette import CassetteError, read
from screentest_contracts.conformance import Coverage, Judge, Monitor
from screentest_contracts.conformance.operations import Found
from screentest_contracts.exchange import Callback, Exchange
from screentest_contracts.load import Contract
from screentest_contracts.plain_text import printable

ENGINE = "replay"
_CUT = "the cassette has no end line: its run was cut off, or it is none of --record, or of an older version"


def replay(contract: Contract, path: Path) -> Outcome:
    """What the events of a cassette show. SetupError when it cannot be read, or is another provider's.

    Nobody knows what else happened to the accounts, nor the secret of the callbacks: what hangs on that is not judged.
    """
    try:
        cassette = read(path)
    except CassetteError as error:
        raise SetupError(f"--replay {error}") from None
    provider, events = cassette.provider, cassette.events
    if provider != contract.name:
        raise SetupError(f"--replay {path}: it was recorded from {provider}; run `screentest verify {provider}`")
    for event in events:
        _refuse_unreadable(path, event.url)
    judge = Judge(contract)
    monitor, coverage, findings = Monitor(contract, judge=judge), Coverage(contract, judge), Findings()
    submits = Submits(judge)
    for event in events:
        if isinstance(event, Exchange):
            coverage.see(event)
            submits.see(event)
            findings.add([*submits.before(judge.judge(event)), *monitor.see(event)], ENGINE)
        else:
            coverage.heard(event)
            findings.add([*submits.before(judge.callback(event)), *monitor.heard(event)], ENGINE)
    exchanges = [event for event in events if isinstance(event, Exchange)]
    nothing = f"{path} has no exchange with {contract.provider.title}, so that nothing was judged"
    judged = any(isinstance(event, Callback) or judge.operations.find(event) for event in events)
    return Outcome(
        findings=findings,
        coverage=coverage.shares(),
        requests=len(exchanges),
        accepted=sum(_made_a_job(judge, one) for one in exchanges),
        seconds={},
        remarks=() if cassette.whole else (_CUT,),
        unreachable="" if judged else nothing,
    )


def _refuse_unreadable(path: Path, url: str) -> None:
    try:
        urlsplit(url)
    except ValueError as error:
        raise SetupError(f"--replay {path}: {printable(url[:80])!r} is no URL: {error}") from None


def _made_a_job(judge: Judge, exchange: Exchange) -> bool:
    found = judge.operations.find(exchange)
    return isinstance(found, Found) and found.operation.billable and exchange.status in found.operation.answers
