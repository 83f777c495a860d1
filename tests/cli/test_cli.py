"""The commands: what they print, as text and as JSON, and one line for every mistake."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from screentest.cli import main
from screentest.demo import run as run_demo
from screentest.errors import SetupError
from screentest.logs import AUTO, KINDS
from screentest.server import running
from screentest.settings import LOGS, Settings


def call(*args: str) -> Result:
    return CliRunner().invoke(main, args)


def test_help_names_every_command() -> None:
    """--help explains and lists; it ends with 0."""
    shown = call("--help")

    assert shown.exit_code == 0
    for name in ("serve", "demo", "env", "models", "contract", "assumptions"):
        assert name in shown.output


@pytest.mark.parametrize("group", [[], ["drift"], ["contract"], ["clock"]], ids=" ".join)
def test_help_tells_of_commands_in_whole_sentences(group: list[str]) -> None:
    """A list of commands cuts nothing off."""
    assert "..." not in call(*group, "--help").output.partition("Commands:")[2]


def test_a_group_without_a_command_prints_its_help() -> None:
    """The same as with --help, but it is wrong use."""
    found = call("drift")
    assert found.exit_code == 2
    assert "Commands:" in found.output


def test_version_is_the_distribution_s() -> None:
    """--version names the program and its version."""
    assert call("--version").output.startswith("screentest, version 0.")


def test_models_lists_every_model() -> None:
    """One row a model; required inputs carry a star; --json gives the same as data."""
    rows = json.loads(call("models", "--json").output)

    assert len({(row["provider"], row["model"]) for row in rows}) == len(rows) > 100
    assert {row["provider"] for row in rows} == {"runcomfy", "runflow", "hiapi"}
    assert "reference_image*" in call("models", "hiapi").output


def test_assumptions_show_the_choice_in_force() -> None:
    """--assume changes the choice that is listed, and the default becomes an alternative."""
    rows = json.loads(call("assumptions", "runcomfy", "--assume", "runcomfy.bad-token=400", "--json").output)

    (row,) = (row for row in rows if row["id"] == "runcomfy.bad-token")
    assert row["choice"] == "400"
    assert row["alternatives"] == ["401"]


def test_assumptions_of_all_includes_media() -> None:
    """What concerns no single provider is under `all`."""
    printed = call("assumptions", "all").output

    assert "all.megabyte" in printed
    assert "media.unfetched-size" in printed
    assert "hiapi." not in printed


@pytest.mark.parametrize("provider", ["runcomfy", "runflow", "hiapi"])
def test_contract_show_gives_every_fact_a_provenance(provider: str) -> None:
    """Each fact has an address, a value, how it is known and from where."""
    rows = json.loads(call("contract", "show", provider, "--json").output)

    assert len(rows) > 100
    assert all(row["how"] and row["source"] and row["fact"].startswith(f"{provider}/") for row in rows)


@pytest.mark.parametrize("provider", ["runcomfy", "runflow", "hiapi"])
def test_contract_openapi_prints_a_document(provider: str) -> None:
    """OpenAPI 3.1 as JSON; --server names the server."""
    document = json.loads(call("contract", "openapi", provider, "--server", "http://127.0.0.1:1/x").output)

    assert document["openapi"].startswith("3.1")
    assert document["servers"] == [{"url": "http://127.0.0.1:1/x"}]


def test_env_prints_lines_that_a_shell_takes() -> None:
    """The lines can be evaluated, and say where the three providers are."""
    script = call("env", "--port", "9999").output + "\necho $HIAPI_BASE_URL $RUNCOMFY_MODEL_API_BASE"

    printed = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True).stdout

    assert printed == "http://127.0.0.1:9999/hiapi http://127.0.0.1:9999/runcomfy/v1\n"


def test_env_knows_other_shells() -> None:
    """fish and PowerShell have their own way to set a variable; --json is for programs."""
    assert "set -gx HIAPI_API_KEY" in call("env", "--shell", "fish").output
    assert '$env:HIAPI_API_KEY = "' in call("env", "--shell", "powershell").output
    assert json.loads(call("env", "--json").output)["RUNFLOW_API_KEY"].startswith("rf_live_")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["serve", "--port", "99999"], "99999"),
        (["serve", "--port", "many"], "many"),
        (["--assume", "nonsense"], "ID=CHOICE"),
        (["--assume", "x.y=z"], "x.y"),
        (["serve", "--assume", "runcomfy.bad-token=9"], "401, 400"),
        (["serve", "--host", "0.0.0.0"], "--control-token"),
        (["serve", "--host", "no such host"], "no such host"),
        (["serve", "--public-url", "ftp://x"], "ftp://x"),
        (["serve", "--public-url", "http://foo:1/abc?x=1"], "without ? and #"),
        (["serve", "--public-url", "http://foo:1/abc#x"], "without ? and #"),
        (["serve", "--public-url", "http://["], "--public-url"),
        (["serve", "--public-url", "http://foo:many"], "--public-url"),
        (["serve", "--allow-host", "foo bar"], "--allow-host 'foo bar'"),
        (["serve", "--allow-host", "http://foo"], "without scheme and port"),
        (["serve", "--allow-host", "abc:80"], "without scheme and port"),
        (["serve", "--allow-host", "Foo"], "in lower case"),
        (["serve", "--speed", "nan"], "--speed is a number from 0 to 1000000, not nan"),
        (["serve", "--sync-timeout", "-5"], "--sync-timeout is 0 to"),
        (["serve", "--sync-timeout", "nan"], "--sync-timeout is 0 to"),
        (["serve", "--port", "8791", "--https-port", "8791"], "--port and --https-port are both 8791"),
        (["serve", "--db", "/proc/no/such/folder/jobs.sqlite3"], "/proc/no/such/folder"),
        (["models", "fal"], "fal"),
        (["contract", "show"], "PROVIDER"),
        (["contract", "openapi", "fal"], "fal"),
        (["nonsense"], "nonsense"),
        (["demo", "--out", "/proc/out"], "/proc/out"),
    ],
)
def test_a_mistake_is_one_line(args: list[str], said: str) -> None:
    """It names what is wrong, on standard error, without a traceback, and the exit code is not 0."""
    refused = call(*args)

    assert refused.exit_code not in (0, None)
    assert refused.stdout == ""
    assert refused.stderr.count("\n") == 1
    assert said in refused.stderr
    assert "Traceback" not in refused.stderr


def test_realistic_video_without_its_package_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """The line says what to install; the exit code is 2."""
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)  # what Python does with a module that cannot be imported

    refused = call("serve", "--db", ":memory:", "--media", "realistic")

    assert (refused.exit_code, refused.stderr.count("\n")) == (2, 1)
    assert refused.stderr.startswith("screentest: realistic video needs the imageio-ffmpeg package: pip install")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"pace": "nope"}, "--pace is instant or quick or realistic, not 'nope'"),
        ({"media": "nope"}, "--media is"),
        ({"log": "zzz"}, "--log is text or json or none, not 'zzz'"),
        ({"port": 70000}, "--port is 0 to 65535, where 0 is a free one, not 70000"),
        ({"port": -1}, "--port is 0 to 65535, .* not -1"),
        ({"https_port": 65536}, "--https-port is 0 to 65535, .* not 65536"),
        ({"https_port": -80}, "--https-port is 0 to 65535, .* not -80"),
    ],
)
def test_settings_of_a_program_are_checked(options: dict[str, Any], said: str) -> None:
    """What the command line would refuse is refused before a server starts."""
    with pytest.raises(SetupError, match=said), running(Settings(**options)):
        pass


def test_every_log_can_be_set() -> None:
    """A program may ask for each kind that the command line knows, but for the one that looks at the terminal."""
    assert {*LOGS, AUTO} == set(KINDS)
    for kind in LOGS:
        Settings(log=kind, port=65535, https_port=0).check()


@pytest.mark.parametrize("name", ["emulator.test", "my_host", "10.0.0.7", "fd00::7"])
def test_names_that_may_be_allowed(name: str) -> None:
    """Host names and addresses; a public URL may have a path, for who is behind a proxy."""
    Settings(allow_hosts=(name,), public_url="https://emulator.test/screentest/", speed=0, sync_timeout=0).check()


def test_settings_without_a_port_mean_a_free_one() -> None:
    """Also where they set something else, so that two servers run side by side."""
    with running(Settings(pace="instant")) as one, running(Settings(pace="instant")) as other:
        assert one.url != other.url
        assert not one.url.endswith(":8790")


def hiapi(*args: str, **variables: str) -> str:
    """Where `env` says that HiAPI is."""
    found = CliRunner(env=variables).invoke(main, ["env", "--json", *args])
    return str(json.loads(found.stdout)["HIAPI_BASE_URL"])


@pytest.mark.parametrize(("host", "called"), [("::1", "[::1]"), ("0.0.0.0", "127.0.0.1"), ("a.test", "a.test")])
def test_env_says_what_a_client_can_call(host: str, called: str) -> None:
    """An IPv6 address is in brackets, and who listens everywhere is called by loopback."""
    assert hiapi("--host", host) == f"http://{called}:8790/hiapi"


def test_env_follows_what_serve_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The table of `serve` holds for `env`, then its own table, the environment and the command line."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "screentest.toml"
    file.write_text('[serve]\nport = 20145\nhost = "127.0.0.2"\nspeed = 2.0\n')

    assert hiapi() == "http://127.0.0.2:20145/hiapi"
    assert hiapi(SCREENTEST_PORT="20147") == "http://127.0.0.2:20147/hiapi"
    assert hiapi("--port", "20148") == "http://127.0.0.2:20148/hiapi"
    file.write_text("[env]\nport = 20146\n" + file.read_text())
    assert hiapi() == "http://127.0.0.2:20146/hiapi"
    file.write_text("[serve]\nport = 0\n")
    assert hiapi() == "http://127.0.0.1:8790/hiapi"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[serve", "not TOML"),
        ("[sreve]\nport = 1\n", "[sreve] is no command"),
        ("port = 1\n", "[port] is no command"),
        ("[serve]\nprot = 1\n", "[serve] has no option 'prot'"),
        ('[serve]\nassume = "a=b"\n', '[serve] assume takes a list, such as assume = ["a=b"]'),
        ('[serve]\nallow-host = "a"\n', '[serve] allow-host takes a list, such as allow-host = ["a"]'),
        ("[serve]\nport = 8791.5\n", "[serve] port takes an integer, not 8791.5"),
        ("[serve]\nport = true\n", "[serve] port takes an integer, not true"),
        ("[serve]\nspeed = true\n", "[serve] speed takes a number, not true"),
        ("[jobs]\njson = 1\n", "[jobs] json takes true or false, not 1"),
        ('[serve]\nstart-time = "2027-01-01"\nstart_time = "2027-01-02"\n', "[serve] start_time is there twice"),
        ('[verify]\nprovider = "hiapi"\n', "[verify] has no option 'provider'"),
        ("[serve]\nport = [1, 2]\n", "[serve] port takes a single value"),
        ("[serve.port]\nnumber = 1\n", "[serve] port takes a single value"),
    ],
)
def test_a_mistake_in_the_file_is_one_line(
    text: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It names the file, and is wrong use: the exit code is 2."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "screentest.toml").write_text(text)

    refused = call("serve")

    assert (refused.exit_code, refused.stderr.count("\n")) == (2, 1)
    assert refused.stderr.startswith(f"screentest: screentest.toml: {said}")


def test_options_stand_in_the_file_as_on_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the code calls them something else; a date is a date."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "screentest.toml").write_text('[models]\njson = true\n[verify]\nengine = ["nonsense"]\n')
    assert json.loads(call("models", "hiapi").stdout)
    assert "nonsense" in call("verify", "hiapi").stderr


@pytest.mark.slow
def test_the_demo_makes_five_videos(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All five examples succeed, the files are there, and the table names each."""
    assert run_demo(tmp_path / "out", {})

    printed = capsys.readouterr().out
    files = sorted((tmp_path / "out").glob("*.mp4"))
    assert len(files) == 5
    assert all(file.name in printed for file in files)
    assert "in_queue in_progress completed succeeded" in printed
    assert all(file.read_bytes()[4:8] == b"ftyp" for file in files)


@pytest.mark.slow
def test_the_demo_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """When the emulator refuses an example, the demo is not all right, and names the model and the reason."""
    right = run_demo(tmp_path / "out", {"all.any-bearer-is-an-account": "provider-shape"})

    assert not right
    assert "happyhorse-1.1/reference-to-video" in capsys.readouterr().err
