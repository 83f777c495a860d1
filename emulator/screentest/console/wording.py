"""How values are written on the pages: times, lengths of time, dollars, JSON. Pure."""

from __future__ import annotations

import html
import json
import math
from datetime import UTC, datetime
from typing import Any

_SHAPES = {"queue": "queue", "run": "run"}
HOW = {
    "documented": "documented",
    "client": "official client",
    "observed": "observed",
    "third-party": "third party",
    "inferred": "inferred",
    "chosen": "our choice",
}


def moment(at: float | None) -> str:
    """An account time, in UTC, such as 2026-11-21 16:50:12.4."""
    if at is None:
        return "not known"
    try:
        return datetime.fromtimestamp(math.floor(at * 10) / 10, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-5]
    except (OverflowError, ValueError, OSError):
        return f"{at:.0f}"


def lasting(seconds: float | None) -> str:
    """A length of time: 0.4 s, 12 s, 3 min 5 s, 2 h 10 min, 5 d."""
    if seconds is None:
        return "for ever"
    if abs(seconds) < 10:
        return f"{abs(seconds) if abs(seconds) < 0.05 else seconds:.1f} s"
    whole = round(seconds)
    if abs(whole) < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{hours // 24} d"


def dollars(cost: str | float | None) -> str:
    """What a job would have cost."""
    if cost is None:
        return "price unknown"
    return f"${float(cost):,.2f}" if float(cost) == round(float(cost), 2) else f"${float(cost):,.4f}"


def ticked(text: str) -> str:
    """Our own prose, escaped, with what stands between backticks as code."""
    parts = html.escape(text).split("`")
    return "".join(f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts))


def as_json(value: Any) -> str:
    """JSON to read; text as it is."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)


def compact(value: Any) -> str:
    """JSON on one line."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def shape(stage: str, outcome: str | None) -> str:
    """The shape that goes with a state: its stage, or how it ended."""
    return _SHAPES.get(stage) or outcome or "succeeded"


def kind_of(status: int | None) -> str:
    """The shape that goes with an HTTP status: succeeded, failed, or cancelled for a broken connection."""
    if not status:
        return "cancelled"
    return "succeeded" if status < 400 else "failed"
