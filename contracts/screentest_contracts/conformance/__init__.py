"""The one ruler for the emulator and the live provider: exchanges and callbacks against a contract.

    for violation in judge(load("hiapi"), exchange):
        print(violation)

    monitor = Monitor(load("hiapi"))
    violations = [*monitor.see(exchange), *monitor.heard(callback), *monitor.finish()]

The judge looks at one exchange; the monitor also remembers, and finds what only a sequence shows. Both are passive and
know nothing but what a client can see.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

from screentest_contracts.conformance.coverage import Coverage as Coverage
from screentest_contracts.conformance.judging import Judge as Judge
from screentest_contracts.conformance.media import Film as Film
from screentest_contracts.conformance.monitor import Monitor as Monitor
from screentest_contracts.conformance.operations import operation_of as operation_of
from screentest_contracts.conformance.violation import KINDS as KINDS
from screentest_contracts.conformance.violation import NOTES as NOTES
from screentest_contracts.conformance.violation import Violation as Violation
from screentest_contracts.exchange import Exchange
from screentest_contracts.load import Contract

_judges: WeakKeyDictionary[Contract, Judge] = WeakKeyDictionary()
"""The compiled judge of each contract; it lives as long as the contract."""


def judge(contract: Contract, exchange: Exchange) -> list[Violation]:
    """Everything that is wrong with one exchange."""
    if contract not in _judges:
        _judges[contract] = Judge(contract)
    return _judges[contract].judge(exchange)
