"""Look at all the files of one job's input: get them, examine them, judge them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from msgspec import Struct, field

from screentest.input_files.file import InputFile, examine
from screentest.input_files.looks import Look
from screentest.input_files.rules import Assumed, Broken, bytes_to_read, check, check_together
from screentest.network.fetching import Fetched, Unreachable

Get = Callable[[Look, int], Awaitable[Fetched | Unreachable]]
"""The file of a look, so many bytes of it at most: `fetch` for URLs, the provider's own storage for assets."""


class Inspection(Struct, frozen=True):
    """What was found. `files` by the field that names them, without those that were not looked at.

    `broken` is the first rule that is broken, in the order of the schema; its `rule` is "reach" for a file that
    cannot be got.
    """

    files: Mapping[str, InputFile] = field(default_factory=dict)
    broken: Broken | None = None


async def inspect(looks: Sequence[Look], *, get: Get, outside: str, assumed: Assumed) -> Inspection:
    """Inspect the files of one job, all at the same time. `outside` is the choice of `input_plan.OUTSIDE`."""
    looking = [_inspected(look, get, outside, assumed) for look in looks]
    seen = await asyncio.gather(*looking) if _in_a_loop() else [await one for one in looking]
    files = {look.field: one for look, one in zip(looks, seen, strict=True) if isinstance(one, InputFile)}
    alone = (_judged(look, one, assumed) for look, one in zip(looks, seen, strict=True))
    return Inspection(files, next((one for one in alone if one), None) or _together(looks, files, assumed))


def _in_a_loop() -> bool:
    """Without an event loop, when our caller steps us by hand, one file comes after the other."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


async def _inspected(look: Look, get: Get, outside: str, assumed: Assumed) -> InputFile | Unreachable | None:
    """The file of one look; None for one that counts as valid unseen."""
    step = look.step(outside)
    if step == "skip":
        return None
    if step == "fail":
        return Unreachable("outside", "the URL cannot be reached")
    answer = await get(look, bytes_to_read(look.media, look.validations, assumed))
    return examine(answer.data, more=answer.more) if isinstance(answer, Fetched) else answer


def _judged(look: Look, seen: InputFile | Unreachable | None, assumed: Assumed) -> Broken | None:
    if isinstance(seen, Unreachable):
        return Broken(field=look.field, rule="reach", sentence=f"{look.field}: {seen.reason}")
    if seen is None:
        return None
    return check(seen, look.media, field=look.field, validations=look.validations, assumed=assumed)


def _together(looks: Sequence[Look], files: Mapping[str, InputFile], assumed: Assumed) -> Broken | None:
    """What the files of each list break together."""
    lists: dict[str, list[Look]] = {}
    for look in looks:
        if isinstance(look.at[-1], int) and look.field in files:
            lists.setdefault(".".join(map(str, look.at[:-1])), []).append(look)
    found = (
        check_together([files[look.field] for look in items], items[0].media, field=name, assumed=assumed)
        for name, items in lists.items()
    )
    return next((one for one in found if one), None)
