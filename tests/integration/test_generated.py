"""Every valid request is accepted and every invalid one refused, over HTTP, for every model and submit operation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from integration.generated import FAST, caller, edges, judges, random
from screentest.server import Running, running
from screentest.settings import Settings


@pytest.fixture(scope="module")
def fast() -> Iterator[Running]:
    """A server on which jobs end at once."""
    with running(Settings(port=0, speed=FAST)) as up:
        yield up


@pytest.mark.slow
def test_every_edge_of_every_schema(fast: Running) -> None:
    """Enumerated: each bound, enum value, type, missing and surplus property."""
    counts: Counter[str] = Counter()
    with caller(fast.url) as client:
        for judge in judges(client, counts):
            edges(judge)

    assert len(counts) == 8
    assert min(counts.values()) >= 20


@pytest.mark.slow
def test_random_requests(fast: Running) -> None:
    """Sampled: many properties at once, one of them wrong or none. `bench/generated_requests.py` sends 10 000."""
    counts: Counter[str] = Counter()
    with caller(fast.url) as client:
        for judge in judges(client, counts):
            random(judge, 100, number=1)

    assert counts.total() >= 500
