"""The command `drift live`: a running service against the contract and the emulator."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from msgspec import Struct, structs

from screentest.commands.options import switches
from screentest.commands.reports import Reports, end, publish, save_text, tried
from screentest.drift_command import drift as drift
from screentest.drift_command import propose_option, reporting, save_proposal
from screentest.errors import SetupError
from screentest.verify_command import account_options, spend_options, wish_of
from screentest_contracts.load import PROVIDERS, Contract, load

if TYPE_CHECKING:
    from screentest.verify.differential import Compared, Observed
    from screentest.verify.drifting import Live
    from screentest.verify.live import Account, Wish
    from screentest.verify.script import Situation
    from screentest.verify_side import Target
    from screentest_contracts.drift.outcome import Outcome
    from screentest_contracts.drift.profile import Profile
    from screentest_contracts.drift.propose import Seen

_FILE = click.Path(dir_okay=False, path_type=Path)


class Asked(Struct, frozen=True, kw_only=True):
    """A run, and what can be written of it: how the service behaves, and what there is to propose."""

    live: Live
    profile: Profile
    drifts: tuple[Seen, ...]


@drift.command("live")
@click.argument("provider", metavar="PROVIDER", type=click.Choice(PROVIDERS))
@click.option("--base-url", default=None, help="The service's base URL.  [default: the provider's own; pass --live]")
@account_options
@spend_options
@reporting
@click.option("--state", default=None, type=_FILE, help="What earlier runs have told; it is not told again.")
@click.option("--profile", default=None, type=_FILE, help="Write how the service behaves, as JSON without values.")
@click.option("--against", default=None, type=_FILE, help="Compare with this profile instead of the emulator.")
@click.option("--record", default=None, type=_FILE, help="Write every exchange, redacted, to a cassette.")
@propose_option
def live(provider: str, form: str, reports: Reports, fail_on: str, **options: Any) -> None:
    """Compare a running service with our contract, and with what the emulator does when asked the same.

    Exit codes: 0 no drift, 1 drift, 2 wrong use, unreachable or not finished, 3 the guard stopped the run.
    """
    from screentest.verify import history
    from screentest.verify.drifting import remembered, rendered
    from screentest.verify.interrupting import terminable

    contract = load(provider, switches(options["assume"]))
    options["base_url"] = options["base_url"] or contract.provider.base_url
    state, now = options["state"], datetime.now(UTC)
    known = history.load(state) if state else {}
    if state:
        history.prepare(state)
    with terminable():
        asked, unwritten = _compared(contract, options)
        found = asked.live
        if state:
            found, known = remembered(found, known, provider, now.strftime("%Y-%m-%dT%H:%M:%SZ"))

        def render(name: str) -> str:
            return rendered(found, name, fail_on, provider)

        problems = publish(render(form), reports, render)
        if state and not problems:  # what could not be told stays to be told
            problems += tried(history.save, state, known)
        problems += [*unwritten, *_write(contract, options, asked, now)]
    end(found.exit_code(fail_on), problems)


def _compared(contract: Contract, options: dict[str, Any]) -> tuple[Asked, list[str]]:
    """Ask the service, then the emulator; with what of the cassette could not be written. SetupError when the service
    cannot be asked at all."""
    from screentest.verify.preflight import look
    from screentest.verify.side import UnreachableError
    from screentest.verify.verdict import hider
    from screentest.verify_side import at_url, given_keys, hidden

    keys = given_keys(contract.name, options["key"], options["second_key"])
    old = _read_profile(contract, options["against"])
    wish = wish_of(options, keys)
    assert wish, "there is a base URL"
    hide = hider(hidden(keys, options["control_token"]))
    try:
        target = at_url(contract, wish, options["record"], options["control_token"])
        with contextlib.closing(target.side):
            with _until_stopped():
                look(contract, target.side)
            asked = ask(contract, wish, target, old, lambda line: click.echo(hide(line), err=True))
    except UnreachableError as error:
        raise SetupError(hide(str(error))) from None
    run = asked.live
    shown = structs.replace(run, remarks=tuple(map(hide, run.remarks)), stopped=hide(run.stopped))
    unwritten = [target.recorder.problem] if target.recorder and target.recorder.problem else []
    return structs.replace(asked, live=structs.replace(shown, unfinished=hide(run.unfinished))), unwritten


def ask(contract: Contract, wish: Wish, target: Target, old: Profile | None, tell: Callable[[str], None]) -> Asked:
    """What the service does and says, against the profile `old` or the emulator. UnreachableError where it went away
    and the guard had not stopped the run; `tell` then takes what became of its jobs."""
    from screentest.verify.drifting import Live
    from screentest.verify.interrupting import SAID
    from screentest.verify.live import Account, tidied
    from screentest.verify.side import UnreachableError
    from screentest_contracts.drift.outcome import together
    from screentest_contracts.drift.propose import Seen, answered

    guard = target.guard
    account = Account(guard, contract) if guard else None
    with tidied(guard, tell) as left:
        seen, said, situation = _watched(contract, wish, target, account)
        told = seen.played.broke or seen.played.interrupted or (guard and guard.trip)
        if seen.played.unreachable and not told:
            raise UnreachableError(f"{target.where}: {seen.played.unreachable}")
    if account:
        account.after()
    if target.recorder and not seen.played.unreachable:
        target.recorder.finish()
    found, ours = _difference(contract, target, wish, old, seen, situation)
    ended = [f"the {name} was cut short: it had had its time" for name in seen.played.cut]
    broke = [f"{target.where}: {one}" for one in seen.played.broke] + [f"the emulator: {one}" for one in ours]
    if seen.played.interrupted:
        broke = [SAID, *broke]
        ended.append("what the service was not asked for, and what the emulator does otherwise, is not looked at")
    elif not seen.played.broke:
        ended += filter(None, [seen.played.unreachable])
    return Asked(
        live=Live(
            outcome=together((found.outcome, said)),
            where=target.where,
            tier=wish.tier if guard else "",
            requests=seen.played.requests,
            jobs=seen.played.accepted,
            seconds=seen.seconds,
            remarks=(*ended, *(account.remarks if account else ()), *left),
            stopped=str(guard.trip or "") if guard else "",
            unfinished="; ".join(broke),
            interrupted=seen.played.interrupted,
            heard=target.side.hook is not None,
        ),
        profile=seen.profile,
        drifts=(*map(answered, found.told), *(Seen(drift=one) for one in said.drifts)),
    )


def _watched(
    contract: Contract, wish: Wish, target: Target, account: Account | None
) -> tuple[Observed, Outcome, Situation]:
    """What the service does, what it publishes, and what it was asked under."""
    from screentest.verify.differential import observe
    from screentest.verify.published import published
    from screentest.verify.script import Situation
    from screentest_contracts.drift.files import shipped
    from screentest_contracts.drift.outcome import Outcome

    guard, side = target.guard, target.side
    said = Outcome(drifts=())
    with _until_stopped():
        if account:
            account.before(wish)
        said = published(contract, shipped(contract.name), side)
    empty = guard is not None and guard.terms.empty
    situation = Situation(
        jobs=guard is None or wish.tier == "paid", edges=empty or side.controlled, forced=side.controlled
    )
    return observe(contract, side, situation), said, situation


def _difference(
    contract: Contract, target: Target, wish: Wish, old: Profile | None, seen: Observed, situation: Situation
) -> tuple[Compared, tuple[str, ...]]:
    """The service against a stored profile, or against the emulator under the same conditions; with why the emulator's
    run broke off, if it did."""
    from screentest.in_process import in_process
    from screentest.settings import Settings
    from screentest.verify.alike import alike
    from screentest.verify.differential import differ, observe
    from screentest.verify.side import ONE, TRUNCATED
    from screentest_contracts.exchange import INVALID

    if seen.played.interrupted:  # whoever interrupts does not wait for the emulator: contradictions are told
        return differ(contract, seen.profile, seen), ()
    if old is not None:
        return differ(contract, old, seen), ()
    whose = {*wish.keys, INVALID, *((TRUNCATED,) if ONE in wish.keys else ())} if wish.tier != "public" else {INVALID}
    emulated = in_process(contract.name, Settings(switches=contract.chosen))
    ours = observe(
        contract, alike(emulated, contract, whose, target.guard, hears=target.side.hook is not None), situation
    )
    return differ(contract, ours.profile, seen, ours.violations), ours.played.broke


def _write(contract: Contract, options: dict[str, Any], asked: Asked, now: datetime) -> list[str]:
    """The profile, and the proposal, where they were asked for. What could not be written, a line each."""
    from screentest_contracts.drift.profile import dumps
    from screentest_contracts.drift.propose import observed, propose

    problems: list[str] = []
    if options["profile"]:
        problems += tried(save_text, options["profile"], dumps(asked.profile), f"--profile {options['profile']}")
    if options["propose"]:
        made = propose(contract, asked.drifts, observed(contract, now.date().isoformat()))
        problems += save_proposal(made, options["propose"])
    return problems


def _read_profile(contract: Contract, path: Path | None) -> Profile | None:
    from screentest_contracts.drift.profile import loads
    from screentest_contracts.reading import ContractError

    if path is None:
        return None
    try:
        found = loads(path.read_text(encoding="utf-8"), f"--against {path}")
    except ContractError as error:  # says itself where it is
        raise SetupError(str(error)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(f"--against {path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if found.provider != contract.name:
        raise SetupError(f"--against {path}: it is of {found.provider}; run `screentest drift live {found.provider}`")
    return found


@contextlib.contextmanager
def _until_stopped() -> Iterator[None]:
    """What is in it ends when the guard stops the run; the guard remembers why."""
    from screentest.verify.guard import TrippedError

    with contextlib.suppress(TrippedError):
        yield
