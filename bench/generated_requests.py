"""Ten thousand generated requests against a served emulator, and what became of them.

    python bench/generated_requests.py [--requests 10000] [--seed 1]

Stops at the first valid request that is refused, invalid one that is accepted or wrongly refused, or answer of 5xx.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from integration.generated import FAST, caller, edges, judges, random
from screentest.server import running
from screentest.settings import Settings


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    counts: Counter[str] = Counter()
    with running(Settings(port=0, speed=FAST)) as server, caller(server.url) as client:
        all_judges = list(judges(client, counts))
        begun = time.perf_counter()
        for judge in all_judges:
            edges(judge)
        number = options.seed
        while counts.total() < options.requests:
            left = options.requests - counts.total()
            random(all_judges[number % len(all_judges)], min(500, left), number)
            number += 1
        seconds = time.perf_counter() - begun
    for name, count in sorted(counts.items()):
        print(f"{name:<32} {count:>7}")
    print(f"{'all as the contract says':<32} {counts.total():>7}  in {seconds:.1f} s")


if __name__ == "__main__":
    main()
