"""How long `verify` takes on the sound emulator, in this process and over HTTP, and how much of each contract it sees.

python bench/verify.py [--depth quick] [--seed 0] [--http]
"""

from __future__ import annotations

import argparse
import time
from contextlib import ExitStack

from screentest.in_process import in_process
from screentest.server import running
from screentest.system_clock import SystemClock
from screentest.verify.engines import EFFORTS
from screentest.verify.over_http import OverHttp
from screentest.verify.runner import verify
from screentest.verify.side import Side
from screentest_contracts.load import PROVIDERS, load


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--depth", choices=tuple(EFFORTS), default="default")
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--http", action="store_true", help="over a socket instead of in this process")
    chosen = arguments.parse_args()
    for provider in PROVIDERS:
        with ExitStack() as stack:
            side = _served(provider, stack) if chosen.http else in_process(provider)
            _measure(provider, side, chosen.depth, chosen.seed)


def _served(provider: str, stack: ExitStack) -> Side:
    server = stack.enter_context(running())
    callbacks = load(provider).provider.callbacks is not None
    clock = SystemClock().now
    side = OverHttp(server.base_url(provider), provider, callbacks=callbacks, sleep=lambda seconds: None, clock=clock)
    stack.callback(side.close)
    return side


def _measure(provider: str, side: Side, depth: str, seed: int) -> None:
    began, busy = time.perf_counter(), time.process_time()
    outcome = verify(load(provider), side, depth=depth, seed=seed)
    took, worked = time.perf_counter() - began, time.process_time() - busy
    engines = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in outcome.seconds.items())
    print(f"{provider}: {took:.1f} s ({worked:.1f} s of a processor; {engines})", *outcome.cut)
    print(f"  {outcome.requests} requests, {outcome.requests / worked:.0f} a processor's second,", end=" ")
    print(f"{outcome.accepted} jobs, {len(outcome.findings)} findings {outcome.unreachable}")
    print("  " + ", ".join(f"{name} {share}" for name, share in outcome.coverage.items()))
    for finding in outcome.findings:
        print("  ", finding.violation)


if __name__ == "__main__":
    main()
