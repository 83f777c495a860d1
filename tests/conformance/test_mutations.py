"""Mechanical mutations of sound answers: every field in every state dropped, renamed, retyped, null."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from msgspec.structs import replace

from conformance.journeys import SAMPLES, cancel, look, pages
from conformance.watching import JUDGES, Watched
from providers.samples import job_id
from screentest_contracts.conformance import Judge
from screentest_contracts.exchange import Exchange
from screentest_contracts.load import PROVIDERS

Path = tuple[str | int, ...]
CHANGES = ("drop", "rename", "null", "retype")
OPEN = {"input", "metadata", "detail", "errors", "timing", "input_schema", "policies", "base_display_unit", "error"}
"""Objects and lists that the contract leaves open inside."""

MAY_BE_MISSING = {
    "runcomfy": {"model_id", "detail", "video"},
    "runflow": {"width", "height", "duration", "errors", "first", "next", "previous"},
    "hiapi": {"data"},
}
"""Fields that the contract lets an answer leave out; that no output is left is the monitor's to find."""


def corpus(provider: str) -> list[Exchange]:
    """One exchange of each operation, status and state of jobs."""
    emulator, sample = Watched(provider), SAMPLES[provider]
    for changes in ({}, {"prompt": "[[fail]]"}, {"prompt": 7}):
        answer = sample.send(emulator, **changes)
        for _ in range(12 if answer.status < 300 else 0):
            look(emulator, sample, job_id(answer))
            emulator.advance(0.5)
    if provider == "runcomfy":
        job = job_id(sample.send(emulator))
        cancel(emulator, sample, job)
        look(emulator, sample, job)
    else:
        pages(emulator, sample)
    sample.send(emulator, key=None)
    assert emulator.violations == []
    distinct = {(one.method, one.path.count("/"), one.status, _state(one)): one for one in emulator.exchanges}
    return list(distinct.values())


def _state(exchange: Exchange) -> str:
    body = exchange.answer
    inner = body.get("data") or body if isinstance(body, dict) else {}
    return str(inner.get("status") or inner.get("status_code")) + exchange.path.rpartition("/")[2][:6]


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    """The path of every member of an object, as far as the contract says anything."""
    if isinstance(value, dict):
        for name, child in value.items():
            yield (*path, name)
            if name not in OPEN or (name == "error" and path):
                yield from places(child, (*path, name))
    elif isinstance(value, list):
        for index, child in enumerate(value[:1]):
            yield from places(child, (*path, index))


def changed(exchange: Exchange, path: Path, change: str) -> Exchange:
    body: Any = copy.deepcopy(exchange.answer)
    node = body
    for token in path[:-1]:
        node = node[token]
    old = node.pop(path[-1])
    if change == "rename":
        node[f"{path[-1]}_v2"] = old
    elif change == "null":
        node[path[-1]] = None
    elif change == "retype":
        node[path[-1]] = 12345 if isinstance(old, str) else "x" if not isinstance(old, list) else {"a": 1}
    return replace(exchange, body=json.dumps(body).encode())


@dataclass(frozen=True)
class Survivor:
    operation: str
    path: Path
    change: str
    was: Any


def survivors(judge: Judge, exchanges: list[Exchange]) -> tuple[int, list[Survivor]]:
    """How many mutants there are, and those that no violation shows."""
    count, left = 0, []
    for exchange in exchanges:
        for path in places(exchange.answer):
            was: Any = exchange.answer
            for token in path:
                was = was[token]
            for change in CHANGES:
                if was is None and change in ("null", "retype"):  # every type but one is as good as null
                    continue
                count += 1
                if not judge.judge(changed(exchange, path, change)):
                    left.append(Survivor(f"{exchange.method} {exchange.path}", path, change, was))
    return count, left


@pytest.mark.parametrize("provider", PROVIDERS)
def test_mutants_are_found(provider: str) -> None:
    """A mutant survives only where the contract lets a field be missing, or null."""
    judge = JUDGES[provider]
    count, left = survivors(judge, corpus(provider))
    nullable = {name for one in judge.contract.provider.schemas.values() for name in _nullable(one)}
    unexplained = [
        one
        for one in left
        if not (one.change == "drop" and one.path[-1] in MAY_BE_MISSING[provider])
        and not (one.change == "null" and one.path[-1] in nullable)
    ]
    assert unexplained == []
    assert count > 150


def _nullable(schema: Any) -> Iterator[str]:
    for name, child in schema.get("properties", {}).items():
        if isinstance(child, dict):
            if "null" in json.dumps(child.get("type", [])) or "null" in json.dumps(child.get("oneOf", [])):
                yield name
            yield from _nullable(child)
    if "items" in schema:
        yield from _nullable(schema["items"])


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("word", ["processing", "", "SUCCEEDED", "done"])
def test_an_unknown_state_is_found(provider: str, word: str) -> None:
    """A state that the contract does not know is a violation wherever it is shown."""
    for exchange in corpus(provider):
        for path in places(exchange.answer):
            if path[-1] in ("status", "status_code") and exchange.status < 300 and "cancel" not in exchange.path:
                body: Any = copy.deepcopy(exchange.answer)
                node = body
                for token in path[:-1]:
                    node = node[token]
                node[path[-1]] = word
                altered = replace(exchange, body=json.dumps(body).encode())
                assert "field.value" in {one.kind for one in JUDGES[provider].judge(altered)}
