"""One run: the engines one after the other against one side, each within its time."""

from __future__ import annotations

import contextlib
import gc
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec import Struct, field, structs

from screentest.verify.engines import EFFORTS, ENGINES, Effort, Engine, engine
from screentest.verify.findings import Findings
from screentest.verify.interrupting import SAID
from screentest.verify.session import Enough, OutOfTimeError, Run
from screentest.verify.side import Side, UnreachableError
from screentest.verify.stepped import SuspendedError
from screentest_contracts.conformance.coverage import Share
from screentest_contracts.exchange import Event
from screentest_contracts.load import Contract

_SELDOM = (20_000, 20, 50)


class Outcome(Struct, kw_only=True):
    """What a run found and how much it looked at. `seconds` are those of each engine, `cut` the engines that ran out
    of time, `broke` says of each engine that broke off why, and `unreachable` why the run has no whole end: the server
    could not be asked, an engine broke off, or the run was `interrupted`; "" when it has one. `remarks` are for whoever
    reads of it."""

    findings: Findings
    coverage: Mapping[str, Share]
    requests: int
    accepted: int
    seconds: Mapping[str, float]
    cut: tuple[str, ...] = ()
    broke: tuple[str, ...] = ()
    unreachable: str = ""
    interrupted: bool = False
    remarks: tuple[str, ...] = ()


class _Watch(Struct):
    """Tells how much of its time an engine still has."""

    clock: Callable[[], float]
    until: float = field(default=float("inf"))

    def left(self) -> float:
        return self.until - self.clock()


def verify(
    contract: Contract,
    side: Side,
    engines: Sequence[str | tuple[str, Engine]] = ENGINES,
    *,
    seed: int = 0,
    depth: str | Effort = "default",
    stop_after: int | None = None,
    longest: float | None = None,
    record: Callable[[Event], None] = lambda event: None,
    clock: Callable[[], float] = time.monotonic,
) -> Outcome:
    """Let the engines loose on the side. An engine is one of ENGINES, or a name with a function of our caller's.

    `depth` is a name of EFFORTS, or an effort; `seed` replaces that of a named one. `longest` bounds each engine
    instead of the effort, in seconds by `clock`. The run ends early after `stop_after` findings that break clients;
    it goes on with the next engine where one runs out of time, or breaks off.
    """
    effort = structs.replace(EFFORTS[depth], seed=seed) if isinstance(depth, str) else depth
    watch, seconds, unreachable = _Watch(clock), dict[str, float](), ""
    cut, broke, interrupted = list[str](), list[str](), False
    run = Run(contract, side, stop_after=stop_after, record=record, left=watch.left)
    try:
        for one in engines:
            name, play = (one, engine(one)) if isinstance(one, str) else one
            began = clock()
            watch.until = began + (effort.longest if longest is None else longest)
            try:
                with _rarely_collecting():
                    play(run, effort)
            except OutOfTimeError:
                cut.append(name)
            except (Enough, UnreachableError, SuspendedError):
                raise
            except Exception as error:  # of a tool that an answer was too much for, or ours: the others still find
                broke.append(f"engine {name} broke off: {type(error).__name__}: {error}")
            finally:
                seconds[name] = clock() - began
    except Enough:
        pass
    except (UnreachableError, SuspendedError) as error:
        unreachable = str(error)
    except KeyboardInterrupt:  # what was found until here is told
        unreachable, interrupted = SAID, True
    return Outcome(
        findings=run.findings,
        coverage=run.coverage.shares(),
        requests=run.requests,
        accepted=run.accepted,
        seconds=seconds,
        cut=tuple(cut),
        broke=tuple(broke),
        unreachable=unreachable or "; ".join(broke),
        interrupted=interrupted,
    )


@contextlib.contextmanager
def _rarely_collecting() -> Iterator[None]:
    """Look for garbage in cycles seldom: next to none is made, and looking for it takes an eighth of a run."""
    usual = gc.get_threshold()
    gc.set_threshold(*_SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
