"""The pytest plugin: an account of an emulator for each test. See docs/pytest.md.

pytest imports this module in every run, also in those that never use it, so it imports nothing but pytest itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from screentest.settings import Settings
    from screentest.testing import Screentest
    from screentest.testing.keys import Keys
    from screentest.testing.receiver import Receivers
    from screentest.testing.tally import Tally

_GUARD = "assert_no_spend_on_real_hosts"
_OPTIONS = {
    "url": "origin of an emulator that already runs, such as http://127.0.0.1:8790; without it each run starts its own",
    "pace": "how long jobs usually take: instant (the default), quick or realistic",
}
_MARKER = (
    'screentest(clock="frozen", scenario="slow: 90s", balance="5", requests_per_minute=3, key_state="bad",'
    ' callback_secret="...", env=True): what the account of this test is like; every argument may be left out.'
)
_KEYS = pytest.StashKey["Keys"]()
_SERVED = pytest.StashKey["Settings"]()
_TALLY = pytest.StashKey["Tally"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("screentest", "emulated video APIs")
    for name, meaning in _OPTIONS.items():
        group.addoption(f"--screentest-{name}", default=None, metavar=name.upper(), help=meaning)
        parser.addini(f"screentest_{name}", meaning, default="")
    parser.addini("screentest_guard", f"use {_GUARD} in every test", type="bool", default=False)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", _MARKER)
    if _option(config, "url") and config.getoption("screentest_pace"):
        raise pytest.UsageError("--screentest-pace is for an emulator of our own: with --screentest-url, serve --pace")
    if pace := _option(config, "pace"):
        from screentest.paces import PACES

        if pace not in PACES:
            raise pytest.UsageError(f"--screentest-pace is {', '.join(PACES)}, not {pace!r}")


def pytest_itemcollected(item: pytest.Item) -> None:
    """The marker alone gives a test its account, and the ini option its guard."""
    names: list[str] | None = getattr(item, "fixturenames", None)
    if names is None:
        return
    if item.get_closest_marker("screentest") and "screentest" not in names:
        names.append("screentest")
    if item.config.getini("screentest_guard") and _GUARD not in names:
        names.insert(0, _GUARD)


@pytest.fixture(scope="session")
def screentest_settings(pytestconfig: pytest.Config) -> Settings:
    """The settings of the emulator that is started; override it to switch assumptions or to add scenarios.

    A pace that is asked for as an option goes over that of the settings.
    """
    from screentest.settings import Settings

    return Settings(pace=_option(pytestconfig, "pace") or "instant")


@pytest.fixture(scope="session")
def screentest_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The origin of the emulator: the one of --screentest-url, or one in a thread of this process."""
    url = _option(request.config, "url")
    if url:
        yield _expect_answer(url)
        return
    from msgspec import structs

    from screentest.server import running

    settings: Settings = request.getfixturevalue("screentest_settings")
    pace = _option(request.config, "pace") or settings.pace
    with running(structs.replace(settings, port=0, pace=pace)) as server:
        request.config.stash[_SERVED] = settings
        yield server.url


@pytest.fixture(scope="session")
def _screentest_receivers() -> Iterator[Receivers]:
    from screentest.testing.receiver import Receivers

    with Receivers() as receivers:
        yield receivers


@pytest.fixture
def screentest(
    request: pytest.FixtureRequest, screentest_url: str, _screentest_receivers: Receivers
) -> Iterator[Screentest]:
    """An account of an emulator for this test alone, as the marker `screentest` asks for it."""
    from screentest.testing import Control, Screentest

    seed = _seed(request.config)
    # The id of the test, without the group that pytest-xdist writes behind it in some versions of pytest.
    key = _keys(request.config).new(f"{request.node.parent.nodeid}::{request.node.name}", seed)
    account = Screentest(Control(screentest_url, key, _token()), key, _screentest_receivers.open(key))
    if seed is not None:
        account.control.post("reset", wish={})  # jobs that are kept in a file may be those of the same key, a run ago
    _prepare(account, request)
    yield account
    _screentest_receivers.close(key)
    _tally(request.config).count(account.control)


@pytest.fixture
def screentest_env(screentest: Screentest, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment variables of the providers' clients, set for this test to its account."""
    _set(monkeypatch, screentest)
    return screentest.env


@pytest.fixture
def assert_no_spend_on_real_hosts(request: pytest.FixtureRequest) -> Iterator[None]:
    """A connection to a real provider is refused, and fails the test even if the code swallowed that."""
    from screentest.testing.guard import guarding, real_hosts

    with guarding(real_hosts()) as guard:
        yield
    if guard.tried:
        hosts = ", ".join(sorted(set(guard.tried)))
        pytest.fail(f"{request.node.nodeid} tried to reach {hosts}; nothing was sent", pytrace=False)


def _prepare(account: Screentest, request: pytest.FixtureRequest) -> None:
    """Make the account what the test's markers say; the one nearest to the test wins, argument by argument."""
    from screentest.testing import ControlError
    from screentest.testing.wishes import BadMarkerError, read_wishes

    markers = list(request.node.iter_markers("screentest"))
    named: dict[str, Any] = {}
    for marker in reversed(markers):
        named |= marker.kwargs
    try:
        wishes = read_wishes(tuple(arg for marker in markers for arg in marker.args), named)
        account.become(wishes)
    except (BadMarkerError, ControlError) as error:
        raise pytest.fail.Exception(f"{request.node.nodeid}: {error}", pytrace=False) from None
    if wishes.env:
        _set(request.getfixturevalue("monkeypatch"), account)


def _seed(config: pytest.Config) -> str | None:
    """The seed of the emulator, if it is one of our own that has one."""
    return config.stash[_SERVED].seed if _SERVED in config.stash else None


def _keys(config: pytest.Config) -> Keys:
    from screentest.testing.keys import Keys

    return config.stash.setdefault(_KEYS, Keys())


def _set(monkeypatch: pytest.MonkeyPatch, account: Screentest) -> None:
    for name, value in account.env.items():
        monkeypatch.setenv(name, value)


def _option(config: pytest.Config, name: str) -> str:
    """An option of the command line, else of the configuration file, else ""."""
    return str(config.getoption(f"screentest_{name}") or config.getini(f"screentest_{name}"))


def _token() -> str:
    """The control token of a server that asks for one, from the variable that `serve` reads too."""
    import os

    return os.environ.get("SCREENTEST_CONTROL_TOKEN", "")


def _expect_answer(url: str) -> str:
    """The origin of the emulator that --screentest-url names; the run fails unless one answers there."""
    from screentest.environment import read_origin
    from screentest.testing import Control, ControlError

    origin = read_origin(url)
    if not origin:
        wanted = "expected scheme, host and port, such as http://127.0.0.1:8790"
        pytest.fail(f"--screentest-url: {wanted}, got {url!r}", pytrace=False)
    try:
        Control(origin, "screentest", _token()).get("health")
    except ControlError as error:
        raise pytest.fail.Exception(f"--screentest-url: {error}", pytrace=False) from None
    return origin


def _tally(config: pytest.Config) -> Tally:
    from screentest.testing.tally import Tally

    return config.stash.setdefault(_TALLY, Tally())


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker of pytest-xdist hands its sums over."""
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None and _TALLY in session.config.stash:
        output["screentest"] = session.config.stash[_TALLY].document()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """A worker of pytest-xdist has ended: add its sums."""
    told = getattr(node, "workeroutput", {}).get("screentest")
    if told:
        _tally(node.config).add(told)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if _TALLY in config.stash:
        terminalreporter.write_line(f"screentest: {config.stash[_TALLY]}")
