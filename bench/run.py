"""Every benchmark, or one of them, as Markdown tables.

    python bench/run.py [--only NAME] [--peers] [--quick]

Ratios are taken in the same run, so a busy machine disturbs them less than it does the figures beside them.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

sys.path.extend(str(Path(__file__).parents[1] / name) for name in ("", "emulator", "contracts", "client", "tests"))

from bench import growing, making, over_http, starting
from bench.tables import Table

Measure = Callable[[argparse.Namespace], Table]

MEASURES: Mapping[str, Measure] = {
    "http": lambda wish: over_http.measure(2 if wish.quick else 5, 1 if wish.quick else 5, with_peers=wish.peers),
    "start": lambda wish: starting.start(3 if wish.quick else 15),
    "memory": lambda wish: starting.memory(5_000 if wish.quick else 100_000),
    "growth": lambda wish: growing.growth((1_000, 10_000) if wish.quick else (1_000, 10_000, 100_000, 1_000_000)),
    "lifecycle": lambda wish: making.lifecycles(10 if wish.quick else 50),
    "clips": lambda wish: making.clips(10 if wish.quick else 60),
    "callbacks": lambda wish: making.delivered(100 if wish.quick else 2_000),
    "verify": lambda wish: making.verified("quick"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=list(MEASURES), action="append")
    parser.add_argument("--peers", action="store_true", help="also servers from npm, which are installed for it")
    parser.add_argument("--quick", action="store_true", help="a look, not a measurement")
    wish = parser.parse_args()
    print(f"{datetime.now(UTC):%Y-%m-%d}, {_machine()}, load {os.getloadavg()[0]:.1f} at the start\n")
    for name in wish.only or MEASURES:
        print(MEASURES[name](wish).markdown(), flush=True)


def _machine() -> str:
    """Processor, cores and interpreter, without the machine's name."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown CPU")
    loop = "uvloop" if find_spec("uvloop") else "the standard event loop"
    return f"{len(os.sched_getaffinity(0))} cores of {model}, Python {platform.python_version()} with {loop}"


if __name__ == "__main__":
    main()
