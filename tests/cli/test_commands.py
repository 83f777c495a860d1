"""The commands that talk to a running server: what they print, as text and as JSON, and one line for every mistake."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from click.testing import CliRunner, Result

from integration.receivers import Receiver, receiving
from screentest.cli import main
from screentest.commands import COMMANDS
from screentest.commands.options import DefaultGroup
from screentest.server import Running, running
from screentest.settings import Settings

KEY = "sk-commands"
MODEL = "happyhorse-1.1/reference-to-video"
INPUT = {"prompt": "a fox", "reference_image": ["https://example.com/fox.jpg"]}
MOMENT = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}"
GIVEN = {
    "advance": ["advance", "1s", "--key", KEY],
    "clock": ["clock", "--key", KEY],
    "clock freeze": ["clock", "freeze", "--key", KEY],
    "clock rate": ["clock", "rate", "2", "--key", KEY],
    "deliveries": ["deliveries"],
    "explain": ["explain", "1"],
    "fault": ["fault"],
    "fault known": ["fault", "known"],
    "fault arm": ["fault", "arm", "reset"],
    "fault disarm": ["fault", "disarm", "--all"],
    "jobs": ["jobs"],
    "requests": ["requests"],
    "resend": ["resend", "1"],
    "reset": ["reset", "--yes"],
    "scenario": ["scenario"],
    "scenario known": ["scenario", "known"],
    "scenario arm": ["scenario", "arm", "stuck"],
    "scenario disarm": ["scenario", "disarm", "--all"],
    "spend": ["spend"],
    "trigger": ["trigger", "hiapi", "http://127.0.0.1:1/", "--body", "{}", "--key", KEY],
    "watch": ["watch"],
}
"""Every command with the least that it takes."""
EACH = pytest.mark.parametrize("args", GIVEN.values(), ids=GIVEN)


@dataclass(frozen=True, slots=True)
class Shell:
    """Where commands are typed: they go to one server, and the account's clock stands still."""

    url: str

    def call(self, *args: str, said: str | None = None) -> Result:
        """Run a command as one account."""
        return self.of_all(*args, "--key", KEY, said=said)

    def of_all(self, *args: str, said: str | None = None) -> Result:
        """Run a command without naming an account."""
        return CliRunner().invoke(main, [*args, "--url", self.url], input=said)

    def printed(self, *args: str) -> str:
        """What a command that succeeds prints."""
        result = self.call(*args)
        assert (result.exit_code, result.stderr) == (0, "")
        return result.stdout

    def rows(self, *args: str) -> Any:
        """What a command prints with --json."""
        return json.loads(self.printed(*args, "--json"))

    def submit(self, callback: str = "", key: str = KEY, **changes: Any) -> str:
        """Ask for a video of HiAPI's; the job's id, "" when it was refused."""
        body = {"model": MODEL, "input": INPUT | changes} | ({"callback": {"url": callback}} if callback else {})
        headers = {"authorization": f"Bearer {key}"}
        answer = httpx2.post(f"{self.url}/hiapi/v1/tasks", json=body, headers=headers).json()
        return str((answer["data"] or {}).get("taskId", ""))


@pytest.fixture(scope="module")
def fresh() -> Iterator[Running]:
    """A server of this module's own."""
    with running() as up:
        yield up


@pytest.fixture
def shell(fresh: Running) -> Shell:
    """A shell on a server that has forgotten everything, with the account's clock frozen."""
    shell = Shell(fresh.url)
    shell.of_all("reset", "--yes")
    shell.call("clock", "freeze")
    return shell


@pytest.fixture(scope="module")
def listening() -> Iterator[Receiver]:
    with receiving() as there:
        yield there


@pytest.fixture
def receiver(listening: Receiver) -> Receiver:
    """A receiver of callbacks that has heard nothing yet."""
    listening.heard.queue.clear()
    return listening


def one_line(result: Result, code: int) -> str:
    """The one line of a command that failed."""
    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.stderr
    return result.stderr


# --- what holds for all of them


def test_every_command_is_tried_here() -> None:
    """The tests below that go through all commands leave none out."""
    assert {words.split()[0] for words in GIVEN} == {command.name for command in COMMANDS}
    for group in (command for command in COMMANDS if isinstance(command, DefaultGroup)):
        others = {f"{group.name} {name}" for name in group.commands if name != group.default}
        assert others == {name for name in GIVEN if name.startswith(f"{group.name} ")}


@EACH
def test_without_a_server(args: list[str]) -> None:
    """One line says where none was found, and how to start one; the exit code is 2."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"

    said = one_line(CliRunner().invoke(main, [*args, "--url", url]), 2)

    assert said == f"screentest: no server at {url}: start one with `screentest serve`, or pass --url\n"


@pytest.mark.parametrize("args", [pytest.param(args, id=name) for name, args in GIVEN.items() if name != "watch"])
def test_json(shell: Shell, args: list[str]) -> None:
    """Every command has --json and prints JSON then, unless the server refuses; `watch` has its own test."""
    shell.submit()

    result = shell.of_all(*args, "--json")

    if result.exit_code:
        assert one_line(result, 1).startswith("screentest: no ")
    else:
        assert isinstance(json.loads(result.stdout), dict | list)


@pytest.mark.parametrize("args", [pytest.param(args, id=name) for name, args in GIVEN.items() if "--key" in args])
def test_without_the_account_that_is_needed(shell: Shell, args: list[str]) -> None:
    """Clocks and callbacks are an account's: one line says how to name one."""
    assert "pass --key, or set SCREENTEST_KEY" in one_line(shell.of_all(*args[: args.index("--key")]), 2)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["jobs", "--url", "127.0.0.1:8790"], "such as http://127.0.0.1:8790"),
        (["jobs", "--url", "http://127.0.0.1:8790/hiapi"], "expected scheme, host and port"),
        (["jobs", "--url", "http://127.0.0.1:many"], "http://127.0.0.1:many"),
        (["jobs", "--key", "a b"], "printable ASCII"),
        (["jobs", "--provider", "fal"], "fal"),
        (["jobs", "--limit", "0"], "--limit"),
        (["jobs", "an-id", "--limit", "3"], "leave out the other options"),
        (["advance", "soon", "--key", "k"], "expected next, or a time such as 90s"),
        (["advance"], "TIME|next"),
        (["clock", "rate", "fast", "--key", "k"], "fast"),
        (["clock", "rate", "nan", "--key", "k"], "NaN and Infinity cannot be sent"),
        (["clock", "backwards"], "backwards"),
        (["scenario", "arm"], "SCENARIO"),
        (["scenario", "arm", "stuck", "--input", "duration"], "NAME=VALUE"),
        (["scenario", "arm", "stuck", "--operation", "create"], "--operation"),
        (["scenario", "disarm"], "--all"),
        (["fault", "disarm", "an-id", "--all"], "by its ID"),
        (["fault", "arm", "reset", "--times", "0"], "--times"),
        (["fault", "arm", "reset", "--chance", "0"], "--chance"),
        (["deliveries", "--state", "lost"], "given-up"),
        (["resend"], "DELIVERY"),
        (["trigger", "fal", "http://127.0.0.1:1/", "--body", "{}"], "fal"),
        (["trigger", "hiapi", "http://127.0.0.1:1/"], "--body"),
        (["trigger", "hiapi", "http://127.0.0.1:1/", "--body", "{"], "not JSON"),
        (["trigger", "hiapi", "http://127.0.0.1:1/", "--body", "@/no/such.json"], "/no/such.json"),
        (["requests", "--status", "many"], "many"),
        (["explain", "nine"], "nine"),
        (["spend", "--all"], "--all"),
        (["reset", "everything"], "everything"),
        (["watch", "me"], "me"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_argument(args: list[str], said: str) -> None:
    """It is refused in one line before any server is asked; the exit code is 2."""
    assert said in one_line(CliRunner().invoke(main, args), 2)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["jobs", "no-such-job"], "no job 'no-such-job'"),
        (["advance", "100000d"], "advance takes 0 to"),
        (["clock", "rate", "2e6"], "rate is 0"),
        (["scenario", "arm", "nonsense"], "no scenario 'nonsense'"),
        (["scenario", "disarm", "no-such-rule"], "no scenario 'no-such-rule' is armed here"),
        (["fault", "arm", "status: 200"], "a status from 400 to 599"),
        (["fault", "arm", "reset", "--operation", "nonsense"], "no operation 'nonsense'"),
        (["deliveries", "no-such-delivery"], "no delivery 'no-such-delivery'"),
        (["resend", "no-such-delivery"], "no delivery 'no-such-delivery'"),
        (["trigger", "runcomfy", "http://127.0.0.1:1/", "--body", "{}"], "runcomfy sends no callbacks"),
        (["trigger", "hiapi", "ftp://x", "--body", "{}"], "no http or https URL"),
        (["explain", "999999"], "it is forgotten, or another account's"),
        (["reset", "--only", "bananas"], "a list of jobs"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_the_server_refuses(shell: Shell, args: list[str], said: str) -> None:
    """Its sentence is the one line; the exit code is 1."""
    assert said in one_line(shell.call(*args), 1)


def test_somebody_else_answers(receiver: Receiver) -> None:
    """A server that is not ours is called that."""
    url = receiver.url.removesuffix("/hook")

    assert f"what answers at {url} is no screentest server" in one_line(Shell(url).call("jobs"), 2)
    assert f"what answers at {url} is no screentest server" in one_line(Shell(url).call("watch"), 2)


def test_the_control_token(tmp_path: Path) -> None:
    """A server with a token refuses commands without it, in a line that says how to give it."""
    with running(Settings(port=0, control_token="let-me-in")) as server:
        shell = Shell(server.url)

        assert "pass --control-token" in one_line(shell.call("jobs"), 1)
        assert "pass --control-token" in one_line(shell.call("watch"), 1)
        assert shell.rows("jobs", "--control-token", "let-me-in") == []
        wrong = one_line(shell.call("jobs", "--control-token", "let-him-in"), 1)
        assert wrong.startswith("screentest: the control token is not the server's: look at --control-token")


def test_https(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands talk to the https port when SSL_CERT_FILE is the authority, else say what is wrong."""
    monkeypatch.setenv("SCREENTEST_STATE_DIR", str(tmp_path))
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with running(Settings(https_port=0)) as server:
        shell = Shell(server.https_url or "")
        untrusted = one_line(shell.call("jobs"), 2)
        no_https = one_line(Shell(server.url.replace("http:", "https:")).call("jobs"), 2)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
        no_file = one_line(shell.call("jobs"), 2)
        monkeypatch.setenv("SSL_CERT_FILE", str(server.authority))
        assert shell.rows("jobs") == []

    assert f"the certificate of {shell.url} is not trusted" in untrusted
    assert "set SSL_CERT_FILE" in untrusted
    assert "speaks no https" in no_https
    assert "none.pem: No such file" in no_file


def test_settings_come_from_file_and_environment(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table of screentest.toml, also for a group of commands, and SCREENTEST_URL and SCREENTEST_KEY."""
    shell.submit()
    monkeypatch.chdir(tmp_path)
    (tmp_path / "screentest.toml").write_text(
        f'[jobs]\nurl = "{shell.url}"\nkey = "sk-nobody"\n[scenario]\nurl = "{shell.url}"\n'
    )

    of_file = CliRunner().invoke(main, ["jobs", "--json"])
    of_environment = CliRunner(env={"SCREENTEST_KEY": KEY}).invoke(main, ["jobs", "--json"])
    of_group = CliRunner().invoke(main, ["scenario", "--json"])
    (tmp_path / "screentest.toml").write_text('[scenario]\nuri = "http://127.0.0.1:1"\n')
    wrong = CliRunner().invoke(main, ["scenario"])

    assert json.loads(of_file.stdout) == []
    assert len(json.loads(of_environment.stdout)) == 1
    assert json.loads(of_group.stdout) == []
    assert "[scenario] has no option 'uri'" in one_line(wrong, 2)


def test_commands_look_where_serve_listens(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Host and port of [serve] in screentest.toml, also for a group; a table of their own comes before them."""
    shell.submit()
    monkeypatch.chdir(tmp_path)
    settings = f"[serve]\nport = {urlsplit(shell.url).port}\n"
    (tmp_path / "screentest.toml").write_text(settings)

    assert len(json.loads(CliRunner().invoke(main, ["jobs", "--json"]).stdout)) == 1
    assert json.loads(CliRunner().invoke(main, ["scenario", "--json"]).stdout) == []

    (tmp_path / "screentest.toml").write_text(settings + '[jobs]\nurl = "http://127.0.0.1:1"\n')
    assert "http://127.0.0.1:1" in one_line(CliRunner().invoke(main, ["jobs"]), 2)


# --- jobs and time


def test_jobs(shell: Shell) -> None:
    """A line a job, the newest first, with its state now and when it ends; filters narrow it down."""
    assert shell.printed("jobs") == "no jobs\n"
    first, second = shell.submit(), shell.submit(prompt="an\nowl \x1b[31m" + "and more " * 9)
    shell.submit(key="sk-somebody-else")

    heading, *lines = shell.printed("jobs").splitlines()

    assert heading.split()[:4] == ["job", "provider", "model", "state"]
    assert [line.split()[0] for line in lines] == [second, first]
    assert re.search(rf"hiapi +{MODEL} +queued +{MOMENT} +in \d\.\d s +{KEY} +unknown +a fox$", lines[1])
    assert lines[0].endswith("an owl  [31mand more and more and mor...")
    assert [row["id"] for row in shell.rows("jobs", "--text", "owl", "--provider", "hiapi", "--limit", "1")] == [second]
    assert shell.rows("jobs", "--state", "success") == []
    assert len(json.loads(shell.of_all("jobs", "--json").stdout)) == 3


def test_one_job(shell: Shell, receiver: Receiver) -> None:
    """All about one: its timeline with now marked, its outputs, callbacks and requests."""
    job = shell.submit(callback=receiver.url)
    shell.printed("advance", "next")
    running_ = shell.printed("jobs", job)
    shell.printed("advance", "1m")
    done = shell.printed("jobs", job)

    assert re.search(r"\+0\.0 s  queued\n.* handling\n  > +\+\d\.\d s  now\n.* archiving\n.* success\n", running_)
    assert re.search(r" success\n  > +\+\d\d\.\d s  now\n  video/mp4 http://127\.0\.0\.1:", done)
    assert re.search(r"\ndelivery .*\n.* delivered .* 204\n", done)
    assert re.search(r"\nnumber .*\n.* POST /hiapi/v1/tasks +200 ", done)
    assert shell.rows("jobs", job)["outcome"] == "succeeded"


def test_a_job_without_an_end(shell: Shell) -> None:
    """A job that is stuck ends at no known time."""
    job = shell.submit(prompt="a fox [[stuck]]")

    assert "not known" in shell.printed("jobs")
    assert "success" not in shell.printed("jobs", job)


@pytest.mark.parametrize("ahead", ["60", "60s", "1m"])
def test_advance(shell: Shell, ahead: str) -> None:
    """The clock goes on by a time, and what happened on the way is printed in order."""
    before = shell.rows("clock")["now"]
    job = shell.submit()

    *events, now = shell.printed("advance", ahead).splitlines()

    assert [event.partition(f"  hiapi     {job}  ")[2] for event in events] == [
        "queued -> handling",
        "handling -> archiving",
        "archiving -> success",
    ]
    assert all(re.match(MOMENT, event) for event in events)
    assert re.fullmatch(rf"now {MOMENT}, frozen", now)
    assert shell.rows("clock")["now"] == pytest.approx(before + 60)


def test_advance_to_what_is_next(shell: Shell) -> None:
    """`next` stops at the next change; when nothing is ahead only the time is printed."""
    shell.submit()

    told = [shell.rows("advance", "next")["events"] for _ in range(4)]

    assert [[event["to"] for event in events] for events in told] == [["handling"], ["archiving"], ["success"], []]
    assert shell.printed("advance", "next").startswith("nothing is ahead\nnow ")


def test_the_clock(shell: Shell) -> None:
    """It is shown, frozen, and set to a rate."""
    assert re.fullmatch(rf"now {MOMENT}, frozen\n", shell.printed("clock"))
    assert shell.printed("clock", "rate", "60").endswith(", rate 60\n")
    assert shell.rows("clock", "show")["rate"] == 60
    assert shell.rows("clock", "freeze")["frozen"] is True


# --- rules


@pytest.mark.parametrize("kind", ["scenario", "fault"])
def test_rules(shell: Shell, kind: str) -> None:
    """What is armed is listed, and disarmed by its id or with all the others."""
    wish, written = {"scenario": (["slow: 90s"], "slow: 90s"), "fault": (["status:", "503"], "status: 503")}[kind]
    assert shell.printed(kind).startswith(f"no {kind} is armed")

    said = shell.printed(kind, "arm", *wish, "--provider", "hiapi", "--times", "2", "--chance", "0.5")
    (row,) = shell.rows(kind)
    table = shell.printed(kind, "list")

    assert said == f"armed {row['id']} for this account: {written} (provider hiapi, times 2, chance 0.5)\n"
    assert (row[kind], row["provider"], row["times"], row["chance"]) == (written, "hiapi", 2, 0.5)
    assert re.search(rf"\n{row['id']} +this account +{written} +provider hiapi, times 2, chance 0.5\n", table)
    assert shell.printed(kind, "disarm", row["id"]) == "disarmed 1\n"
    ids = {shell.rows(kind, "arm", *wish)["id"] for _ in range(2)}
    assert len(ids) == 2
    assert shell.rows(kind, "disarm", "--all") == {"disarmed": 2}
    assert shell.rows(kind) == []


def test_a_scenario_holds_for_what_fits(shell: Shell) -> None:
    """--model and --input narrow it down; an input's value is JSON where it can be."""
    shell.printed(
        "scenario", "arm", "instant", "--model", "happyhorse-*", "--input", "duration=3", "--input", "prompt=a fox"
    )

    other, fitting = shell.submit(), shell.submit(duration=3)

    assert {row["id"]: row["outcome"] for row in shell.rows("jobs")} == {other: None, fitting: "succeeded"}


def test_a_fault_holds_for_an_operation(shell: Shell) -> None:
    """--operation narrows it down, and without --key it is for everybody."""
    shell.of_all("fault", "arm", "status: 503", "--operation", "create", "--times", "1")

    assert "everybody" in shell.printed("fault")
    assert shell.submit() == ""
    assert shell.submit()
    assert [row["faults"] for row in shell.rows("requests")] == ["status: 503", ""]
    assert "not refused, but a fault was in the way" in shell.printed(
        "explain", str(shell.rows("requests")[0]["number"])
    )


@pytest.mark.parametrize(("kind", "usage"), [("scenario", "slow: RUN "), ("fault", "status: CODE [RETRY-AFTER] ")])
def test_known_rules(shell: Shell, kind: str, usage: str) -> None:
    """`known` lists what there is: how it is written and what it does."""
    assert usage in shell.printed(kind, "known")
    assert all(row["name"] and row["about"] for row in shell.rows(kind, "known"))


# --- callbacks


def test_deliveries(shell: Shell, receiver: Receiver) -> None:
    """What was delivered, and by its id all about one; the same can be sent again."""
    assert shell.printed("deliveries") == "no deliveries\n"
    job = shell.submit(callback=receiver.url)
    shell.printed("advance", "1m")
    first = receiver.next()

    (row,) = shell.rows("deliveries", "--job", job, "--provider", "hiapi", "--state", "delivered")
    again = shell.printed("resend", row["id"])

    assert receiver.next().body == first.body
    assert re.fullmatch(rf"delivery \S+ of hiapi about job {job}: pending", again.splitlines()[0])
    assert re.search(rf"{row['id']} +hiapi +{job} +delivered +1 +{receiver.url} +204\n", shell.printed("deliveries"))
    assert re.search(rf"\n  {MOMENT}  204 in \d+ ms\n  body {{", shell.printed("deliveries", row["id"]))
    assert shell.rows("deliveries", "--limit", "1", "--state", "given-up") == []


def test_a_delivery_that_was_not_tried(shell: Shell, receiver: Receiver) -> None:
    """It cannot be sent again yet, and the line says what to do."""
    shell.submit(callback=receiver.url)
    (row,) = shell.rows("deliveries")

    assert "move the clock to it" in one_line(shell.call("resend", row["id"]), 1)


@pytest.mark.parametrize("way", ["json", "file", "stdin"])
def test_trigger(shell: Shell, receiver: Receiver, tmp_path: Path, way: str) -> None:
    """A callback with data of one's own arrives: given as it is, in a file or on standard input."""
    text = '{"prompt": "ein Füchslein"}'
    (tmp_path / "body.json").write_text(text, encoding="utf-8")
    body = {"json": text, "file": f"@{tmp_path}/body.json", "stdin": "-"}[way]
    job = shell.submit()

    said = shell.call("trigger", "hiapi", receiver.url, "--body", body, "--job", job, said=text)

    assert json.loads(receiver.next().body) == json.loads(text)
    assert (said.exit_code, said.stdout.splitlines()[1]) == (0, f"  to {receiver.url}")


# --- requests


def test_requests(shell: Shell) -> None:
    """A line a request, the oldest first, with what became of it."""
    assert shell.printed("requests") == "no requests\n"
    job = shell.submit()
    shell.submit(duration=99)

    heading, good, bad = shell.printed("requests", "--operation", "create", "--provider", "hiapi").splitlines()

    assert heading.split() == ["number", "at", "account", "request", "answer", "job", "notes"]
    assert re.search(rf"{MOMENT}  {KEY} +POST /hiapi/v1/tasks +200 +{job}$", good)
    assert re.search(r"POST /hiapi/v1/tasks +400 +invalid-input$", bad)
    assert [row["status"] for row in shell.rows("requests", "--status", "400", "--limit", "5")] == [400]
    assert [row["job"] for row in shell.rows("requests", "--job", job)] == [job]


def test_explain(shell: Shell) -> None:
    """Why a request was refused: field, rule, value, and the fact behind it with its source."""
    shell.submit()
    shell.submit(duration=99)
    good, bad = (str(row["number"]) for row in shell.rows("requests"))

    why = shell.printed("explain", bad)

    assert "refused as invalid-input: " in why
    assert "  input.duration: maximum 15, got 99\n    documented: " in why
    assert "hiapi/models/happyhorse-1.1--reference-to-video.json#/input/properties/duration/maximum\n" in why
    assert '"duration": 99' in why
    assert shell.printed("explain", good).endswith("\nnot refused\n")
    assert shell.rows("explain", bad)["explain"]["failure"] == "invalid-input"


# --- the account


def test_spend(shell: Shell) -> None:
    """What was not spent, model by model, and what of it is not known."""
    assert shell.printed("spend") == "no jobs\n"
    shell.submit()

    heading, line, total = shell.printed("spend").splitlines()

    assert heading.split() == ["provider", "model", "jobs", "not", "spent"]
    assert line.split()[:3] == ["hiapi", MODEL, "1"]
    assert total == "not spent: $0.00 for 1 jobs, 1 of unknown price"
    assert shell.rows("spend")["jobs"] == 1


def test_reset_an_account(shell: Shell) -> None:
    """With --key nobody is asked, and only that account is forgotten, or parts of it."""
    shell.submit()
    shell.submit(key="sk-somebody-else")

    assert shell.printed("reset", "--only", "journal") == "forgotten of the account: journal\n"
    assert (len(shell.rows("jobs")), shell.rows("requests")) == (1, [])
    assert shell.rows("reset")["forgotten"][0] == "jobs"
    assert shell.rows("jobs") == []
    assert len(json.loads(shell.of_all("jobs", "--json").stdout)) == 1


@pytest.mark.parametrize(("said", "left"), [("y\n", 0), ("n\n", 1), ("", 1)], ids=["yes", "no", "nothing"])
def test_reset_everything_asks_first(shell: Shell, said: str, left: int) -> None:
    """Without --key the question names the server, and only yes forgets."""
    shell.submit()

    asked = shell.of_all("reset", said=said)

    assert f"Forget everything of every account at {shell.url}?" in asked.stderr
    assert asked.exit_code == left
    assert ("nothing was forgotten" in asked.stderr) is bool(left)
    assert len(json.loads(shell.of_all("jobs", "--json").stdout)) == left
