"""How long jobs usually take. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct


class Pace(Struct, frozen=True):
    """Ranges of seconds: in the queue, then running, for videos and for pictures and recordings (`still`)."""

    queue: tuple[float, float]
    run: tuple[float, float]
    still: tuple[float, float]


QUICK = "quick"
PACES: Mapping[str, Pace] = {
    "instant": Pace(queue=(0.05, 0.05), run=(0.1, 0.1), still=(0.1, 0.1)),
    QUICK: Pace(queue=(0.8, 1.2), run=(2.6, 3.4), still=(2.6, 3.4)),
    # Runflow's page of Happy Horse calls 90 to 240 s typical of a video, and a guide says that nearly every image takes
    # less than a minute. No page tells of RunComfy and HiAPI, of recordings or of queues: those are chosen.
    "realistic": Pace(queue=(5, 30), run=(90, 240), still=(10, 60)),
}
