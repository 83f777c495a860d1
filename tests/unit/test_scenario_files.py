"""Scenarios in TOML and JSON files: what users may write, and one line about what they may not."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import fields

from screentest.clock import ManualClock
from screentest.engine import Engine
from screentest.errors import SetupError
from screentest.paces import PACES
from screentest.scenario import Scenario, library, shipped
from screentest.scenario.value import CALLBACKS, KEYS
from screentest.store.sqlite import SqliteStore
from screentest_contracts.document import OUTCOMES


def kept(folder: Path, scenarios: Any, name: str = "mine.json") -> str:
    path = folder / name
    path.write_text(scenarios if isinstance(scenarios, str) else json.dumps(scenarios), encoding="utf-8")
    return str(path)


def test_a_toml_file(tmp_path: Path) -> None:
    """A table a scenario; what is not said is as usual; shipped ones stay beside it."""
    path = kept(tmp_path, '[night]\nqueue = "2m"\nrun = 90\nargument = "run"\noutputs = 2\n', "mine.toml")
    found = library([path])
    assert found["night"] == Scenario(name="night", queue=120, run=90, argument="run", outputs=2)
    assert set(found) == {*shipped(), "night"}


def test_a_json_file_says_the_same(tmp_path: Path) -> None:
    """JSON holds the same keys."""
    toml = kept(tmp_path, '[night]\nrun = "forever"\ncode = "X"\noutcome = "failed"\n', "mine.toml")
    found = library([kept(tmp_path, {"night": {"run": "forever", "code": "X", "outcome": "failed"}})])
    assert (
        found["night"] == library([toml])["night"] == Scenario(name="night", run=math.inf, code="X", outcome="failed")
    )


def test_a_later_file_overrides(tmp_path: Path) -> None:
    """A user's scenario may have a shipped one's name, and the last file wins."""
    one = kept(tmp_path, {"slow": {"run": 5}, "mine": {}}, "one.json")
    two = kept(tmp_path, {"slow": {"run": 6}}, "two.json")
    found = library([one, two])
    assert (found["slow"], found["mine"]) == (Scenario(name="slow", run=6), Scenario(name="mine"))


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"rum": 3}, '#/x: unknown key "rum" (did you mean "run"?)'),
        ({"run": True}, "#/x/run: expected str or int or float, got bool"),
        ({"run": "soon"}, "#/x/run: expected a time such as 90s, 2m or 1h of at most ten years, got 'soon'"),
        ({"run": -1}, "#/x/run: expected a time such as"),
        ({"run": 1e300}, "#/x/run: expected a time such as"),
        ({"run": 10**400}, "#/x/run: expected a time such as"),
        ({"link_seconds": "forever"}, "#/x/link_seconds: expected a time such as"),
        ({"outputs": 11}, "#/x/outputs: expected a whole number from 0 to 10, got 11"),
        ({"outputs": 1.5}, "#/x/outputs: expected int, got float"),
        ({"queue_position": 0}, "#/x/queue_position: expected a whole number from 1"),
        ({"outcome": "lost"}, "#/x/outcome: expected one of succeeded, partial, failed, cancelled, got 'lost'"),
        ({"kind": "film"}, "#/x/kind: expected one of video, image, audio"),
        ({"callback": "twice"}, f"#/x/callback: expected one of {', '.join(CALLBACKS)}"),
        ({"width": 321}, "#/x/width: expected an even number from 64 to 5120, got 321"),
        ({"seconds": 0}, "#/x/seconds: expected a whole number from 1 to 41"),
        ({"truncated": "yes"}, "#/x/truncated: expected bool, got str"),
        ({"outcome": "failed", "code": ""}, "#/x/code: expected a text of at most 500 bytes"),
        ({"outcome": "failed", "message": "\ud800"}, "#/x/message: expected a text"),
        ({"code": "X"}, '#/x: code and message are those of a failure: add outcome = "failed"'),
        ({"delay": 3}, '#/x/delay: only a late callback has one: add callback = "late"'),
        ({"argument": "truncated"}, "#/x/argument: 'truncated' is none of queue, run"),
        ("slow", "#/x: expected an object, got str"),
    ],
    ids=str,
)
def test_what_is_not_understood(table: Any, said: str, tmp_path: Path) -> None:
    """One line names the file, the scenario, the key and what it should be."""
    path = kept(tmp_path, {"x": table})
    with pytest.raises(SetupError) as refused:
        library([path])
    assert str(refused.value).startswith(path + said)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["Slow", "1st", "a b", "", "x" * 41])
def test_a_bad_name(name: str, tmp_path: Path) -> None:
    """Names have to fit into a header and a directive."""
    with pytest.raises(SetupError, match="a name is up to 40 lower-case letters"):
        library([kept(tmp_path, {name: {}})])


def test_the_name_of_a_refusal(tmp_path: Path) -> None:
    """A name that has the request refused cannot mean a job as well."""
    with pytest.raises(SetupError, match="this name asks for a refused request"):
        library([kept(tmp_path, {"rate-limited": {}})])


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("none.toml", None, "cannot read it: No such file"),
        ("bad.toml", "[x", "not TOML: "),
        ("bad.json", "{", "not JSON: "),
        ("deep.json", "[" * 100_000, "not JSON: "),
        ("list.json", "[]", "expected an object with a scenario under each name"),
        ("mine.yaml", "x:", "the file's name has to end in .toml or .json"),
        ("latin.toml", b"\xff", "cannot read it: it is not UTF-8"),
    ],
)
def test_a_file_that_is_none(name: str, text: str | bytes | None, said: str, tmp_path: Path) -> None:
    """One line says which file and what is wrong."""
    path = tmp_path / name
    if text is not None:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(SetupError) as refused:
        library([str(path)])
    assert str(path) in str(refused.value)
    assert said in str(refused.value)


def test_the_shipped_ones_say_what_they_are_about() -> None:
    """Each has a sentence, and together they show every outcome and every way of a callback."""
    found = shipped().values()
    assert all(one.about.endswith(".") for one in found)
    assert {one.outcome for one in found} == set(OUTCOMES)
    assert {one.callback for one in found} == set(CALLBACKS)


def test_every_field_is_in_use() -> None:
    """Each field that a file may set is set by a shipped scenario, but for the message of a failure."""
    usual = Scenario()
    names = [one.name for one in fields(Scenario)]
    used = {name for name in names for one in shipped().values() if getattr(one, name) != getattr(usual, name)}
    assert set(names) - used == {"message"}
    assert set(KEYS) == set(names) - {"name"}


@pytest.mark.parametrize("default", ["sloow", "slow: soon", "rate-limited"])
def test_the_default_is_checked_at_the_start(default: str) -> None:
    """A default that is none, or has a bad argument, stops the server before it serves."""
    with pytest.raises(SetupError, match=r"^--scenario: (no scenario|slow takes)"):
        Engine(SqliteStore(), ManualClock(), scenario=default)


def test_every_pace_gives_states_time() -> None:
    """However hurried, a job is queued and runs for a while, so that a still clock can show each state."""
    assert all(low > 0 for pace in PACES.values() for low, _ in (pace.queue, pace.run, pace.still))
