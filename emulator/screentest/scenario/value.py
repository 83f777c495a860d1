"""One scenario: what of a job goes otherwise than usual. Every field that is left alone leaves the usual thing."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct, structs

from screentest import durations
from screentest.media.clip import SECONDS, SIDES
from screentest_contracts.document import OUTCOMES
from screentest_contracts.reading import ContractError, Reader

MODERATION = "moderation"
"""The failure code that means the provider's own refusal by moderation, whatever its code and words are."""

CALLBACKS = ("on-time", "late", "duplicate", "out-of-order", "early", "unsigned", "wrong-secret", "never")
KINDS = ("video", "image", "audio")
LONGEST = 10 * 366 * 86400.0
FOREVER = "forever"

_MOST_OUTPUTS = 10
_MOST_PLACES = 1_000_000
_LONGEST_TEXT = 500


class Scenario(Struct, frozen=True, kw_only=True):
    """What goes otherwise than usual; None and "" leave it as it is.

    `queue` and `run` are seconds, infinity for ever. `code` and `message` are those of a failure. `outputs` counts the
    files, `kind` is what they are. `callback` is one of `CALLBACKS`, late by `delay` seconds. Links work for
    `link_seconds` after the end. `truncated` downloads stop half-way. A `flagged` output is called unsafe. The files
    really have `seconds`, `width` and `height`. `argument` names the field that the text after the name sets.
    """

    name: str = ""
    about: str = ""
    argument: str = ""
    queue: float | None = None
    run: float | None = None
    queue_position: int | None = None
    outcome: str = "succeeded"
    code: str = ""
    message: str = ""
    outputs: int | None = None
    kind: str | None = None
    callback: str = "on-time"
    delay: float = 60.0
    link_seconds: float | None = None
    truncated: bool = False
    flagged: bool = False
    seconds: int | None = None
    width: int | None = None
    height: int | None = None

    def given(self, argument: str) -> Scenario:
        """The scenario with its argument as it was written; ValueError says what it should have been."""
        if not argument:
            return self
        if not self.argument:
            raise ValueError(f"{self.name} takes no argument")
        try:
            value = _FIELDS[self.argument].written(argument)
        except ValueError as error:
            raise ValueError(f"{self.name} takes {error}") from None
        return structs.replace(self, **{self.argument: value})


USUAL = Scenario()
"""A usual day."""


class _Field(Struct, frozen=True):
    """How a field is read from a file: the JSON types it may have, and its value (ValueError says what it may be)."""

    kinds: tuple[type, ...]
    read: Callable[[Any], Any]

    def written(self, text: str) -> Any:
        """The value of an argument, which is always text."""
        if str in self.kinds:
            return self.read(text)
        return self.read(int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None)


def read_scenario(name: str, document: Any, at: str) -> Scenario:
    """A scenario out of one table of a file. ContractError says where, which key and why."""
    reader = Reader(document, at)
    fields: dict[str, Any] = {"about": reader.take("about", str, default="")}
    for key, field in _FIELDS.items():
        value = reader.take(key, *field.kinds, default=None)
        if value is not None:
            try:
                fields[key] = field.read(value)
            except ValueError as error:
                raise ContractError(f"{at}/{key}: expected {error}, got {value!r:.80}") from None
    argument = reader.one_of("argument", tuple(key for key in _FIELDS if bool not in _FIELDS[key].kinds), default="")
    reader.close()
    scenario = Scenario(name=name, argument=argument, **fields)
    if (scenario.code or scenario.message) and scenario.outcome != "failed":
        raise ContractError(f'{at}: code and message are those of a failure: add outcome = "failed"')
    if "delay" in fields and scenario.callback != "late":
        raise ContractError(f'{at}/delay: only a late callback has one: add callback = "late"')
    return scenario


def _duration(value: Any) -> float:
    """Seconds, from a number or from text with a unit."""
    try:
        length = durations.seconds(value) if isinstance(value, str) else float(value)
    except (ValueError, OverflowError):
        length = math.nan
    if not 0 <= length <= LONGEST:
        raise ValueError("a time such as 90s, 2m or 1h of at most ten years")
    return length


def _duration_or_forever(value: Any) -> float:
    return math.inf if value == FOREVER else _duration(value)


def _whole(low: int, high: int, even: bool = False) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if not isinstance(value, int) or not low <= value <= high or (even and value % 2):
            raise ValueError(f"{'an even' if even else 'a whole'} number from {low} to {high}")
        return value

    return read


def _word(allowed: tuple[str, ...]) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in allowed:
            raise ValueError(f"one of {', '.join(allowed)}")
        return str(value)

    return read


def _text(value: Any) -> str:
    try:
        if 0 < len(value.encode()) <= _LONGEST_TEXT:
            return str(value)
    except UnicodeEncodeError:
        pass
    raise ValueError(f"a text of at most {_LONGEST_TEXT} bytes")


_SIDE = _Field((int,), _whole(SIDES[0], SIDES[-1], even=True))
_FIELDS: Mapping[str, _Field] = {
    "queue": _Field((str, int, float), _duration_or_forever),
    "run": _Field((str, int, float), _duration_or_forever),
    "queue_position": _Field((int,), _whole(1, _MOST_PLACES)),
    "outcome": _Field((str,), _word(OUTCOMES)),
    "code": _Field((str,), _text),
    "message": _Field((str,), _text),
    "outputs": _Field((int,), _whole(0, _MOST_OUTPUTS)),
    "kind": _Field((str,), _word(KINDS)),
    "callback": _Field((str,), _word(CALLBACKS)),
    "delay": _Field((str, int, float), _duration),
    "link_seconds": _Field((str, int, float), _duration),
    "truncated": _Field((bool,), bool),
    "flagged": _Field((bool,), bool),
    "seconds": _Field((int,), _whole(SECONDS[0], SECONDS[-1])),
    "width": _SIDE,
    "height": _SIDE,
}
KEYS = ("about", "argument", *_FIELDS)
"""Every key of a scenario's table."""
