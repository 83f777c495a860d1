"""The command `verify`: does this server keep the documented contract?"""

from __future__ import annotations

import contextlib
import os
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource
from msgspec import structs

from screentest.commands.options import assume, option, printable, switches, with_options
from screentest.commands.reports import Reports, end, publish, report_option, tried
from screentest.errors import SetupError
from screentest.settings import cache_folder
from screentest_contracts.load import PROVIDERS, Contract, load

if TYPE_CHECKING:
    from screentest.verify.concluding import Memory
    from screentest.verify.guard import Guard
    from screentest.verify.history import History
    from screentest.verify.live import Wish
    from screentest.verify.verdict import Verdict
    from screentest.verify_side import Target

DEPTHS = ("quick", "default", "full")
TIERS = ("public", "free", "paid")
_UNTRIED = "not tried, as time passes by itself on this server: what only hours show, such as a key or a link that ages"
_LONGEST_LIVE = 1800.0
"""Seconds that one engine may take where every request is paced."""

_OF_THE_GUARD = {
    "live": "--live",
    "tier": "--tier",
    "max_spend": "--max-spend",
    "max_jobs": "--max-jobs",
    "account_is_empty": "--account-is-empty",
    "allow_hosts": "--allow-host",
}
_OF_A_RUN = {
    "base_url": "--base-url",
    "seed": "--seed",
    "depth": "--depth",
    "engines": "--engine",
    "record": "--record",
    **_OF_THE_GUARD,
}
"""Options that mean nothing where no server is asked. Keys do: they are hidden."""

_OF_A_SERVER = {
    "key": "--key",
    "second_key": "--second-key",
    "control_token": "--control-token",
    **_OF_THE_GUARD,
}
"""Options that mean nothing for the emulator in this process."""

_FILE = click.Path(dir_okay=False, path_type=Path)


def _usd(ctx: click.Context, parameter: click.Parameter, value: str) -> Decimal:
    try:
        found = Decimal(value)
    except InvalidOperation:
        found = Decimal(-1)
    if not found.is_finite() or found < 0:
        raise click.BadParameter(f"expected an amount of US dollars such as 1.50, got {value!r}", ctx)
    return found


account_options = with_options(
    click.option("--key", default=None, callback=printable, help="An API key.  [default: {PROVIDER}_API_KEY]"),
    click.option(
        "--second-key",
        default=None,
        callback=printable,
        help="Another account's.  [default: {PROVIDER}_SECOND_API_KEY]",
    ),
    option("--control-token", default=None, callback=printable, help="The emulator's, where it asks for one."),
    assume,
)
_effort = with_options(
    click.option("--seed", default=0, show_default=True, help="The same seed sends the same."),
    click.option("--depth", default="default", show_default=True, type=click.Choice(DEPTHS)),
    click.option("--engine", "engines", multiple=True, metavar="NAME", help="Only this engine; repeatable."),
)
_results = with_options(
    report_option,
    click.option("--waivers", default=None, type=_FILE, help="Contradictions that are known, in TOML."),
    click.option("--state", default=None, type=_FILE, help="Where first_seen and last_seen are kept."),
    click.option("--record", default=None, type=_FILE, help="Write every exchange, redacted, to a cassette."),
    click.option("--replay", default=None, type=_FILE, help="Judge a cassette; no server is asked."),
    click.option("--verbose", is_flag=True, help="With a curl script for each contradiction, and all of the coverage."),
)
spend_options = with_options(
    click.option("--live", is_flag=True, help="Allow a server that is not on this machine, behind the guard."),
    click.option(
        "--tier", default=None, type=click.Choice(TIERS), help="What a live run may do.  [default: free with a key]"
    ),
    click.option("--max-spend", default="0", show_default=True, callback=_usd, metavar="USD", help="Of tier paid."),
    click.option("--max-jobs", default=3, show_default=True, type=click.IntRange(0, 3), help="Of tier paid."),
    click.option(
        "--account-is-empty", is_flag=True, help="The account has no balance; it is tried with one cheap job."
    ),
    click.option("--allow-host", "allow_hosts", multiple=True, help="A further host that may be asked; repeatable."),
)


@click.command()
@click.argument("provider", metavar="PROVIDER", type=click.Choice(PROVIDERS))
@click.option("--base-url", default=None, help="The provider's base URL.  [default: the emulator, in this process]")
@account_options
@_effort
@_results
@spend_options
def verify(provider: str, reports: Reports, verbose: bool, **options: Any) -> None:
    """Check whether a server keeps a provider's documented contract: the emulator, or the live provider.

    Exit codes: 0 kept, 1 broken, 2 wrong use, unreachable or not finished, 3 the guard stopped the run.
    """
    from screentest.verify import history
    from screentest.verify.interrupting import terminable
    from screentest.verify.reports import FORMATS as RENDERED
    from screentest.verify.reports.terminal import terminal

    if not options["replay"]:
        _require("hypothesis", "schemathesis")
        # Hypothesis writes down the constants of the code around it; not into the folder of whoever runs us.
        os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(cache_folder() / "hypothesis"))
    contract = load(provider, switches(options["assume"]))
    with terminable():
        verdict, seen, problems = _judged(contract, options)
        problems += publish(terminal(verdict, verbose=verbose), reports, lambda form: RENDERED[form](verdict))
        if options["state"]:
            problems += tried(history.save, options["state"], seen)
    end(verdict.exit_code, problems)


def _require(*modules: str) -> None:
    """SetupError when a library of the extra is not there."""
    if missing := [name for name in modules if find_spec(name) is None]:
        raise SetupError(f"verify needs {' and '.join(missing)}: pip install 'screentest[verify]'")


def _judged(contract: Contract, options: dict[str, Any]) -> tuple[Verdict, History, list[str]]:
    """Run, or replay, and put what came of it into words; with the history as it is now, and what of the cassette could
    not be written."""
    from screentest.verify import history, waivers
    from screentest.verify.concluding import Memory, conclude
    from screentest.verify.replay import replay
    from screentest.verify_side import given_keys, hidden

    _refuse_beside_replay(options)
    keys = given_keys(contract.name, options["key"], options["second_key"])
    memory = Memory(
        now=datetime.now(UTC),
        waivers=waivers.read(options["waivers"]) if options["waivers"] else (),
        history=history.load(options["state"]) if options["state"] else {},
        keys=hidden(keys, options["control_token"]),
    )
    if options["state"]:
        history.prepare(options["state"])
    if options["replay"]:
        return *conclude(contract, replay(contract, options["replay"]), memory, where=str(options["replay"])), []
    return _verified(contract, options, memory, keys)


def _refuse_beside_replay(options: dict[str, Any]) -> None:
    """UsageError when a cassette is to be judged, and something is said that only a run can do."""
    given = click.get_current_context().get_parameter_source
    if options["replay"]:
        for name, said in _OF_A_RUN.items():
            if given(name) is ParameterSource.COMMANDLINE:
                raise click.UsageError(f"{said} says how a server is asked, and --replay asks none")


def _verified(
    contract: Contract, options: dict[str, Any], memory: Memory, keys: dict[str, str]
) -> tuple[Verdict, History, list[str]]:
    """Ask the server. SetupError when it cannot be asked at all."""
    from screentest.verify.guard import TrippedError
    from screentest.verify.preflight import look
    from screentest.verify.side import UnreachableError
    from screentest.verify.verdict import hider
    from screentest.verify_side import at_url, emulated

    wish = wish_of(options, keys)
    try:
        if wish is None:
            target = emulated(contract, options["record"])
        else:
            target = at_url(contract, wish, options["record"], options["control_token"])
        with contextlib.closing(target.side):
            with contextlib.suppress(TrippedError):
                look(contract, target.side)
            concluded = _played(contract, options, memory, target, wish)
        return *concluded, [target.recorder.problem] if target.recorder and target.recorder.problem else []
    except UnreachableError as error:
        raise SetupError(hider(memory.keys)(str(error))) from None


def wish_of(options: dict[str, Any], keys: dict[str, str]) -> Wish | None:
    """What the user allows; None for the emulator in this process."""
    from screentest.verify.live import Wish
    from screentest.verify.side import ONE

    if options["base_url"] is None:
        _refuse_in_process()
        return None
    return Wish(
        base_url=options["base_url"].rstrip("/"),
        keys=keys,
        tier=options["tier"] or ("free" if ONE in keys else "public"),
        live=options["live"],
        allow_hosts=options["allow_hosts"],
        most_usd=options["max_spend"],
        most_jobs=options["max_jobs"],
        account_is_empty=options["account_is_empty"],
    )


def _refuse_in_process() -> None:
    """UsageError when something is said that only a server at a URL can be asked under. Keys in the environment are
    there for other runs."""
    given = click.get_current_context().get_parameter_source
    for name, said in _OF_A_SERVER.items():
        if given(name) is ParameterSource.COMMANDLINE:
            raise click.UsageError(f"{said} goes with a server at a URL: pass --base-url")


def _played(
    contract: Contract, options: dict[str, Any], memory: Memory, target: Target, wish: Wish | None
) -> tuple[Verdict, History]:
    """Let the engines loose, with a look at the balance around it where the provider is live."""
    from screentest.verify.around import denied
    from screentest.verify.concluding import conclude
    from screentest.verify.guard import TrippedError
    from screentest.verify.live import Account, tidied
    from screentest.verify.runner import verify
    from screentest.verify.verdict import hider

    guard, hide = target.guard, hider(memory.keys)
    account = Account(guard, contract) if guard else None
    with tidied(guard, lambda line: click.echo(hide(line), err=True)) as left:
        if account and wish:
            with contextlib.suppress(TrippedError):
                account.before(wish)
        outcome = verify(
            contract,
            target.side,
            _engines(options["engines"], wish if guard else None),
            seed=options["seed"],
            depth=options["depth"],
            longest=_LONGEST_LIVE if guard else None,
        )
    if account:
        account.after()
    if target.recorder and not outcome.unreachable:
        target.recorder.finish()
    if not (outcome.requests or outcome.unreachable):
        outcome = structs.replace(outcome, unreachable="not one request was made, so that nothing was judged")
    if not (outcome.accepted or outcome.unreachable or outcome.findings.broken or guard or options["engines"]):
        outcome = structs.replace(
            outcome, unreachable="the server accepted no job, so that nothing of jobs could be judged"
        )
    untried = () if target.side.controlled or "machine" not in outcome.seconds else (_UNTRIED,)
    more: dict[str, Any] = {"where": target.where, "seed": options["seed"], "depth": options["depth"]}
    more["remarks"] = untried
    if guard and account and wish:
        more |= _guarded(guard, wish, (*untried, *account.remarks, *left))
    return conclude(contract, outcome, memory, denied=denied(target.side), **more)


def _guarded(guard: Guard, wish: Wish, remarks: tuple[str, ...]) -> dict[str, Any]:
    """What a verdict says more of a run behind the guard."""
    spent = (f"spent at most: {guard.budget}",) if wish.tier == "paid" else ()
    return {"tier": wish.tier, "remarks": (*remarks, *spent), "stopped": str(guard.trip or "")}


def _engines(names: tuple[str, ...], wish: Wish | None) -> list[Any]:
    """The engines to run: as named, else all that go with the tier."""
    from screentest.verify import spending
    from screentest.verify.engines import ENGINES

    own = {spending.NAME: spending.run}
    usual = {"public": ENGINES[:1], "free": ENGINES[:2], "paid": (*ENGINES[:2], spending.NAME)}
    known = (*ENGINES, *own) if wish and wish.tier == "paid" else ENGINES
    for name in names:
        if name not in known:
            raise click.UsageError(f"no engine {name!r}; there are {', '.join(known)}")
    chosen = names or (usual[wish.tier] if wish else ENGINES)
    return [(name, own[name]) if name in own else name for name in chosen]
