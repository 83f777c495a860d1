"""The engines think of what to send. What is wrong with the answers, the session's judges say.

    engine("probes")(run, Effort(seed=1))

`probes` makes no job, `enumerated` goes through the edges of every input, `machine` plays whole lives of jobs,
`generated` sends what Schemathesis thinks of. Each is a function of a run and an effort, and deterministic by the
effort's seed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module

from msgspec import Struct

from screentest.verify.session import Run

Engine = Callable[[Run, "Effort"], None]

DEPTHS = ("quick", "full")


class Effort(Struct, frozen=True, kw_only=True):
    """How much an engine does. `depth` is one of DEPTHS and says for which models: the documented ones and one of each
    kind, or all; `only` names models instead. `examples` are random lives, of `steps` steps each. An engine is cut
    after `longest` seconds."""

    seed: int
    depth: str = "quick"
    only: tuple[str, ...] = ()
    examples: int = 12
    steps: int = 8
    longest: float = 60.0


EFFORTS: Mapping[str, Effort] = {
    "quick": Effort(seed=0, examples=8, steps=6),
    "default": Effort(seed=0),
    "full": Effort(seed=0, depth="full", examples=150, steps=12, longest=900.0),
}

ENGINES = ("probes", "enumerated", "machine", "generated")
"""The engines in the order in which they run: first what makes no job."""


def engine(name: str) -> Engine:
    """The engine of this name, imported when it is first asked for: one of ENGINES."""
    module = import_module(f"screentest.verify.engines.{name}")
    found: Engine = module.run
    return found
