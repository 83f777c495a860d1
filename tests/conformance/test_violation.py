"""What a violation says, how it is shown, and what was exercised at all."""

from __future__ import annotations

import json
import re
import subprocess

import pytest
from msgspec.structs import replace

from conformance.defects import put, when, where
from conformance.journeys import SAMPLES, follow
from conformance.watching import JUDGES, Watched
from driving import KEY
from screentest_contracts.cassette import loads
from screentest_contracts.conformance import KINDS, NOTES, Monitor, Violation
from screentest_contracts.conformance.coverage import CLASSES
from screentest_contracts.exchange import Exchange
from screentest_contracts.load import PROVIDERS
from screentest_contracts.provenance import Provenance


def found(kind: str, seed: int = 0) -> Violation:
    """A violation out of a life in which every later read of a task has another time of creation."""
    emulator = Watched("hiapi", where("/tasks/", put("/data/created", lambda at: at + 5), after=3)(), seed=seed)
    follow(emulator, SAMPLES["hiapi"])
    return next(one for one in emulator.violations if one.kind == kind)


def test_it_names_fact_and_provenance() -> None:
    """Operation, pointer, the fact's address, and whether a fact is contradicted or an assumption answered."""
    one = found("time.changed")
    assert (one.operation, one.pointer) == ("detail", "/data/created")
    assert one.fact == "hiapi/provider.json#/records/Task/created"
    assert str(one.provenance) == "documented: async-api"
    assert one.weight == "contradicts a fact"
    assert replace(one, provenance=Provenance(how="chosen", source="x")).weight == "answers an assumption"
    assert "time.changed: detail /data/created: was" in str(one)


def test_a_wrong_word_is_told_where_it_stands() -> None:
    """The kind of an output is what stands beside its link, and no table of sizes says which it is."""
    change = when("success", put("/data/output/0/type", "image"))
    emulator = Watched("hiapi", where("/tasks/", change)())
    follow(emulator, SAMPLES["hiapi"])
    told = {(one.pointer, one.fact) for one in emulator.violations if "'image'" in one.message}

    assert told == {("/data/output/0/type", "hiapi/provider.json#/records/Task/beside")}


def test_its_fingerprint_is_that_of_the_defect() -> None:
    """Other ids and times give the same fingerprint, another position in a list too, another fact does not."""
    one, other = found("time.changed", 1), found("time.changed", 2)
    assert one.exchanges != other.exchanges
    assert one.fingerprint == other.fingerprint
    assert re.fullmatch("[0-9a-f]{12}", one.fingerprint)
    listed = [replace(one, pointer=f"/data/tasks/{index}/created").fingerprint for index in (0, 7)]
    assert listed[0] == listed[1] != one.fingerprint
    assert replace(one, fact="x").fingerprint != one.fingerprint


def test_its_sequence_is_short_and_shows_it_again() -> None:
    """The submit, what was seen before, and the contradiction; a fresh monitor finds the same in the cassette."""
    one = found("time.changed")
    assert len(one.exchanges) <= 3
    text = one.cassette("hiapi", keys=(KEY,))
    assert KEY not in text
    monitor = Monitor(JUDGES["hiapi"].contract, judge=JUDGES["hiapi"])
    _, events = loads(text)
    again = [each for event in events if isinstance(event, Exchange) for each in monitor.see(event)]
    assert one.fingerprint in {each.fingerprint for each in again}


def test_its_script_is_one_that_a_shell_reads() -> None:
    """The key is a variable, the id comes out of the first answer, and sh finds no fault."""
    script = found("time.changed").curl()
    assert script.startswith("#!/bin/sh\n")
    assert '-H "Authorization: Bearer $KEY"' in script
    assert "ID_1=$(" in script
    assert '/v1/tasks/\'"$ID_1"' in script or '/v1/tasks/"$ID_1"' in script
    assert subprocess.run(["sh", "-n"], input=script.encode(), check=False).returncode == 0


def test_the_vocabulary_is_closed() -> None:
    """A kind that is not in the table cannot be said, and every kind is explained."""
    with pytest.raises(ValueError, match=r"no kind of violation 'field\.odd'"):
        replace(found("time.changed"), kind="field.odd")
    assert set(KINDS) >= NOTES
    assert all(KINDS.values())


@pytest.mark.parametrize("provider", PROVIDERS)
def test_coverage_says_plainly_what_was_not_seen(provider: str) -> None:
    """Every class begins empty, grows with what is seen, and lists the rest."""
    emulator = Watched(provider)
    before = emulator.coverage.shares()
    assert set(before) == set(CLASSES)
    assert all(share.seen == () and share.unseen for share in before.values())
    follow(emulator, SAMPLES[provider])
    emulator.post(SAMPLES[provider].path, SAMPLES[provider].body(prompt=1))
    after = emulator.coverage.shares()
    for name, share in after.items():
        assert share.seen, name
        assert share.unseen, name
        assert sorted(share.seen + share.unseen) == sorted(before[name].unseen)
    assert any("invalid-input" in one for one in after["failures"].seen)
    assert re.fullmatch(r"\d+ of \d+", str(after["facts"]))


def test_judging_is_quick_enough() -> None:
    """A whole life is judged without looking anything up twice: its exchanges are values that keep what was parsed."""
    emulator = Watched("runflow")
    follow(emulator, SAMPLES["runflow"])
    one = emulator.exchanges[-1]
    assert one.answer is one.answer
    assert json.loads(one.body) == one.answer
