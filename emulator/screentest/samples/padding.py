"""How much a file grows to weigh what was asked for."""

from __future__ import annotations


class NoRoomError(ValueError):
    """The file cannot weigh that; the message says what it can."""


def room(have: int, want: int | None, least: int) -> int:
    """Bytes to add to a file of `have` bytes so that it has `want`: 0, or at least `least`. Raises NoRoomError."""
    if want is None or want == have:
        return 0
    if want < have + least:
        raise NoRoomError(f"this file has {have} bytes by itself; it can have {have + least} or more")
    return want - have


def shares(total: int, most: int) -> list[int]:
    """`total` cut into the fewest parts of at most `most`, all about as large."""
    count = -(-total // most)
    return [total // count + (number < total % count) for number in range(count)]
