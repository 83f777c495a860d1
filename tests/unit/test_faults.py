"""The text of a fault: what is understood, and how what is not is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screentest.faults import FAULTS, BadFaultError, CutOff, Delay, Refused, Reset, SlowBody, Status, read_faults

FAILURES = frozenset({"rate-limited", "no-balance"})


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("reset", [Reset]),
        ("status: 503", [Status(503)]),
        ("STATUS:503 7", [Status(503, "7")]),
        ("delay: 2s", [Delay(2)]),
        ("delay: 500ms 1s", [Delay(0.5, 1)]),
        ("slow-body: 1m", [SlowBody(60)]),
        ("rate-limited: 7", [Refused("rate-limited", "7")]),
        ("no-balance", [Refused("no-balance", "")]),
        ("delay: 1, cut-off", [Delay(1), CutOff]),
    ],
)
def test_what_is_understood(text: str, faults: list[object]) -> None:
    """Name, colon, arguments; several are separated by commas."""
    read = [type(one) if type(one) in faults else one for one in read_faults(text, FAILURES)]
    assert read == faults


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no fault ''; there is status, delay,"),
        ("resett", "no fault 'resett'"),
        ("status", "it is written status: CODE [RETRY-AFTER]"),
        ("status: 200", "a status from 400 to 599"),
        ("status: 503 7 8", "a status from 400 to 599"),
        ("delay: soon", "a time such as 90s"),
        ("delay: 2h", "at most 3600 seconds"),
        ("delay: 1 2 3", "a time, or two"),
        ("reset: now", "expected no argument"),
        ("status: ٥٠٣", "printable ASCII"),
        ("delay: 1\r\nx: y", "printable ASCII"),
        ("x" * 300, "at most 200"),
    ],
)
def test_what_is_not(text: str, told: str) -> None:
    """One sentence says what is wrong and how it is written."""
    with pytest.raises(BadFaultError) as refused:
        read_faults(text, FAILURES)
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


@given(st.text(max_size=60))
def test_any_text(text: str) -> None:
    """Any text is faults, or refused with a sentence that can stand in a header."""
    told = ""
    try:
        assert read_faults(text, FAILURES)
    except BadFaultError as error:
        told = str(error)
    assert told.isascii()
    assert told.isprintable()


def test_every_fault_says_how_it_is_written() -> None:
    """Each has a sentence and a usage that begins with its name."""
    for name, kind in FAULTS.items():
        assert kind.__doc__
        assert kind.usage.startswith(name)
