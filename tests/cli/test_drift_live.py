"""`screentest drift live`: a served emulator, what is remembered, what is proposed, how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from screentest.cli import main
from screentest.commands.reports import FORMATS
from screentest.server import Running, running
from screentest.verify.drifting import Live, remembered, rendered
from screentest_contracts.drift.classes import LEVELS
from screentest_contracts.drift.difference import Drift
from screentest_contracts.drift.outcome import Outcome
from screentest_contracts.drift.propose import Proposal, Seen, observed, propose
from screentest_contracts.load import load


def call(*args: str | Path) -> Result:
    return CliRunner().invoke(main, ["drift", "live", *(str(arg) for arg in args)])


def drift(**fields: object) -> Drift:
    """A drift of HiAPI's; a field of answers came."""
    known = {
        "kind": "response.field.added",
        "provider": "hiapi",
        "model": "",
        "pointer": "detail 200 handling first /data/percent",
        "old": None,
        "new": "number always",
        "client": "note",
        "emulator": "risky",
        "fact": "documented: async-api",
    }
    return Drift(**{**known, **fields})  # type: ignore[arg-type]


TASK = Seen(drift=drift(), address="hiapi/provider.json#/schemas/TaskDetail", pointer="/data/percent", behaviour=True)


def told(live: Live, form: str) -> str:
    return rendered(live, form, "risky", "hiapi")


def proposed(*seen: Seen) -> Proposal:
    contract = load("hiapi")
    return propose(contract, seen, observed(contract, "2026-11-21"))


@pytest.mark.slow
def test_a_served_emulator_does_not_drift(tmp_path: Path) -> None:
    """Over HTTP: no drift, exit 0; the profile is written, and comparing with it finds nothing either."""
    with running() as server:
        first = call(
            "hiapi", "--base-url", server.base_url("hiapi"), "--format", "json", "--profile", tmp_path / "p.json"
        )
    document = json.loads(first.stdout)

    assert (first.exit_code, document["drifts"], document["unread"]) == (0, [], [])
    assert document["run"]["requests"] > 1000
    assert json.loads((tmp_path / "p.json").read_text(encoding="utf-8"))["provider"] == "hiapi"


@pytest.mark.parametrize(
    ("args", "said"),
    [
        pytest.param(("hiapi",), "pass --live", id="a live provider without --live"),
        pytest.param(("hiapi", "--base-url", "http://127.0.0.1:9/hiapi"), "127.0.0.1:9", id="nobody answers"),
        pytest.param(
            ("hiapi", "--against", "/nowhere/p.json"), "--against /nowhere/p.json: cannot be read", id="no profile"
        ),
        pytest.param(("hiapi", "--against", __file__), "not a profile", id="no profile in the file"),
        pytest.param(("hiapi", "--tier", "dear"), "dear", id="an unknown tier"),
    ],
)
def test_wrong_use_is_one_line(args: tuple[str, ...], said: str) -> None:
    """Exit 2 and one clear line."""
    made = call(*args)

    assert made.exit_code == 2
    assert said in made.stderr


STOPPED = {"SCREENTEST_STOP": "1"}
"""A run that is over before its first request; there is a report of it all the same."""


@pytest.mark.parametrize("option", ["--profile", "--record"])
def test_what_cannot_be_written_costs_no_report(option: str, server: Running, tmp_path: Path) -> None:
    """A profile is written when the report is out and the state is saved; what cannot be begun is not asked."""
    (tmp_path / "file").write_text("")
    base, state = server.base_url("hiapi"), tmp_path / "state.json"
    args = ["--live", "--tier", "public", "--base-url", base, "--state", str(state)]
    told = CliRunner().invoke(
        main, ["drift", "live", "hiapi", *args, option, str(tmp_path / "file" / "x.json")], env=STOPPED
    )

    assert told.exit_code == (3 if option == "--profile" else 2)
    assert f"{option} {tmp_path / 'file' / 'x.json'}: cannot be written" in told.stderr
    assert ("stopped by the guard" in told.stdout) == state.exists() == (option == "--profile")


def test_what_could_not_be_told_is_told_again(server: Running, tmp_path: Path) -> None:
    """The state knows only what a report says."""
    (tmp_path / "file").write_text("")
    args = ["--live", "--tier", "public", "--base-url", server.base_url("hiapi"), "--state", str(tmp_path / "state")]
    told = CliRunner().invoke(
        main, ["drift", "live", "hiapi", *args, "--report", f"json={tmp_path / 'file' / 'x'}"], env=STOPPED
    )

    assert (told.exit_code, (tmp_path / "state").exists()) == (3, False)
    assert f"--report json={tmp_path / 'file' / 'x'}: cannot be written" in told.stderr


def test_a_run_that_was_interrupted_says_so() -> None:
    """In every report, with the exit code of a command that was told to end."""
    live = Live(outcome=Outcome(drifts=(drift(),)), where="x", unfinished="interrupted", interrupted=True)

    assert live.exit_code("note") == 130
    assert all("interrupted" in told(live, form) for form in FORMATS)


def test_its_help_says_whom_it_asks() -> None:
    """Without --base-url that is the provider itself, and no emulator."""
    shown = " ".join(call("--help").stdout.split())

    assert "[default: the provider's own; pass --live]" in shown
    assert "emulator, in this process" not in shown


def test_what_is_known_is_not_told_again() -> None:
    """The first run tells, the second knows, the third does not observe it: that is not fixed."""
    live = Live(outcome=Outcome(drifts=(drift(),)), where="x")
    first, history = remembered(live, {}, "hiapi", "2026-11-01T00:00:00Z")
    second, history = remembered(live, history, "hiapi", "2026-11-02T00:00:00Z")
    third, history = remembered(Live(outcome=Outcome(drifts=()), where="x"), history, "hiapi", "2026-11-03T00:00:00Z")

    assert [one.exit_code("risky") for one in (first, second, third)] == [1, 0, 0]
    assert "known since 2026-11-01" in told(second, "text")
    assert "unobserved in this run, last seen 2026-11-02" in told(third, "text")
    assert json.loads(told(third, "json"))["unobserved"][0]["class"] == "response.field.added"
    (again,) = json.loads(told(second, "sarif"))["runs"][0]["results"]
    assert again["baselineState"] == "unchanged"


@pytest.mark.parametrize("level", LEVELS)
def test_the_guard_comes_first(level: str) -> None:
    """A run that the guard stopped ends with 3, whatever was found."""
    stopped = Live(outcome=Outcome(drifts=(drift(),)), where="x", stopped="a job was accepted")

    assert stopped.exit_code(level) == 3


def test_a_proposal_says_who_saw_it() -> None:
    """The new field is in the schema, from an observation of that day, which is among the sources."""
    made = proposed(TASK)
    document = json.loads(made.files["hiapi/provider.json"])

    assert '"percent"' in made.files["hiapi/provider.json"]
    assert document["sources"]["live-2026-11-21"]["seen"] == "2026-11-21"
    assert "news: we knew it as documented: async-api" in made.review[0]


def test_a_proposed_limit_stands_in_the_models_file() -> None:
    """A published schema with another limit: the file says it, and that only this key was observed."""
    model = "happyhorse-1.1/reference-to-video"
    seen = drift(
        kind="bound-tightened",
        model=model,
        pointer="/input/properties/duration/maximum",
        old=15,
        new=10,
        fact="chosen: x",
    )
    made = proposed(Seen(drift=seen))
    rule = json.loads(made.files[f"hiapi/models/{model.replace('/', '--')}.json"])["input"]["properties"]["duration"]

    assert rule["maximum"] == 10
    assert rule["from"]["maximum"] == "observed:live-2026-11-21"
    assert "answers the assumption x" in made.review[0]


def test_what_cannot_be_written_is_listed() -> None:
    """That a length is refused now does not say what the new limit is."""
    address = "hiapi/provider.json#/schemas/TaskDetail"
    seen = Seen(drift=drift(kind="request.tightened"), address=address, behaviour=True)
    made = proposed(seen)

    assert made.files == {}
    assert "not written: request.tightened" in made.review[0]
    assert "does not say what the new rule is" in made.review[0]
