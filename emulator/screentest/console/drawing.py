"""Where things stand in the drawings: a job's timeline (in per cent), a provider's states (in pixels). Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from msgspec import Struct

_PLAN = 78.0  # per cent of the width that the time until the end takes; what comes later has the rest


class Axis(Struct, frozen=True):
    """A job's time from its submit on. What comes after its end, or after everything that is known, is compressed."""

    begin: float
    end: float

    def at(self, moment: float) -> float:
        """Per cent of the width; it grows with the moment, and stays within."""
        length, passed = max(self.end - self.begin, 1e-6), max(moment - self.begin, 0.0)
        if passed <= length:
            return round(_PLAN * passed / length, 3)
        late = passed - length
        return round(_PLAN + (99.0 - _PLAN) * late / (late + length), 3)


class Segment(Struct, frozen=True):
    """A state on the axis: from `x`, `width` wide, in per cent; `row` is the line of its label."""

    x: float
    width: float
    state: str
    stage: str
    row: int


class Mark(Struct, frozen=True):
    """Something that happened, or will: `kind` is callback, due, request or amendment."""

    x: float
    kind: str
    label: str


class Timeline(Struct, frozen=True):
    """A job on its axis: `now` is in per cent, `height` in pixels."""

    segments: Sequence[Segment]
    marks: Sequence[Mark]
    now: float
    height: int


def timeline(job: Mapping[str, Any]) -> Timeline:
    """The drawing of a job as ``/_control/jobs/{job}`` tells it."""
    steps, begin = job["timeline"], job["submitted"]
    known = max(steps[-1]["at"], job["now"], begin + 1)
    axis = Axis(begin, known if job["ends"] is None else job["ends"])
    starts = [axis.at(step["at"]) for step in steps]
    stops = [*starts[1:], 100.0]
    segments, free = [], [0.0, 0.0, 0.0]
    for step, x, stop in zip(steps, starts, stops, strict=True):
        row = next((one for one, until in enumerate(free) if until <= x), 2)
        free[row] = x + 3 + 1.1 * len(step["state"])
        segments.append(Segment(x, round(stop - x, 3), step["state"], step["stage"], row))
    return Timeline(segments, _marks(job, axis), axis.at(job["now"]), 66 + 17 * max(one.row for one in segments))


def _marks(job: Mapping[str, Any], axis: Axis) -> list[Mark]:
    found = [Mark(axis.at(one["at"]), "request", f"{one['operation']} {one['status']}") for one in job["requests"]]
    for delivery in job["deliveries"]:
        for attempt in delivery["attempts"]:
            found.append(Mark(axis.at(attempt["at"]), "callback", f"callback {attempt['status'] or attempt['error']}"))
        if delivery["due"] is not None:
            found.append(Mark(axis.at(delivery["due"]), "due", "callback due"))
    found += [Mark(axis.at(one["at"]), "amendment", one["kind"].replace("_", " ")) for one in job["amendments"]]
    return found


BOX, GAP, HIGH, ROW = 156, 52, 40, 58


class Box(Struct, frozen=True):
    """A state in the diagram; `kind` is queue, run or the outcome that it stands for."""

    x: int
    y: int
    word: str
    kind: str


class Arrow(Struct, frozen=True):
    """A way from one state to another; `manner` is usual, or cancel for one that somebody must ask for."""

    path: str
    manner: str


class Diagram(Struct, frozen=True):
    """The states of a provider, `width` by `height` pixels; each box is `box` by `high`."""

    boxes: Sequence[Box]
    arrows: Sequence[Arrow]
    width: int
    height: int
    box: int = BOX
    high: int = HIGH


def diagram(lifecycle: Mapping[str, Any]) -> Diagram:
    """The states of a provider, from its lifecycle: what waits, what runs, how it can end."""
    steps, outcomes = lifecycle["steps"], lifecycle["outcomes"]
    height = ROW * len(outcomes) + 30
    middle = (height - HIGH) // 2
    boxes = [Box(30 + i * (BOX + GAP), middle, step["word"], step["stage"]) for i, step in enumerate(steps)]
    last = 30 + len(steps) * (BOX + GAP)
    ends = [Box(last, 15 + i * ROW, word, outcome) for i, (outcome, word) in enumerate(outcomes.items())]
    arrows = [_straight(one.x + BOX, other.x, middle) for one, other in pairwise(boxes)]
    arrows.append(_straight(8, 30, middle))
    for end in ends:
        if end.kind == "cancelled" and lifecycle["cancel"] == "queued":
            arrows += [_under(one, end, height) for one in boxes if one.kind == "queue"]
        else:
            arrows.append(_bent(boxes[-1], end, "cancel" if end.kind == "cancelled" else "usual"))
    below = 24 if lifecycle["cancel"] == "queued" else 0
    return Diagram([*boxes, *ends], arrows, last + BOX + 20, height + below)


def _straight(x: int, to: int, y: int) -> Arrow:
    return Arrow(f"M{x} {y + HIGH // 2}H{to - 7}", "usual")


def _bent(one: Box, other: Box, manner: str) -> Arrow:
    x, y, to, down = one.x + BOX, one.y + HIGH // 2, other.x - 7, other.y + HIGH // 2
    half = (x + to) // 2
    return Arrow(f"M{x} {y}C{half} {y} {half} {down} {to} {down}", manner)


def _under(one: Box, end: Box, height: int) -> Arrow:
    x, low, down, to = one.x + BOX // 2, height + 4, end.y + HIGH // 2, end.x - 7
    there = f"M{x} {one.y + HIGH}C{x} {low} {x + 40} {low} {x + 80} {low}H{to - 90}"
    return Arrow(f"{there}C{to - 30} {low} {to - 40} {down} {to} {down}", "cancel")
