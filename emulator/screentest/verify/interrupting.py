"""Being told to end: SIGTERM is as good as Ctrl-C for a run that has jobs to cancel and findings to tell."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator

INTERRUPTED = 130
"""The exit code of a run that was told to end."""

SAID = "interrupted"


@contextlib.contextmanager
def terminable() -> Iterator[None]:
    """Where SIGTERM is a KeyboardInterrupt. Only the main thread hears of signals; in any other nothing is changed."""
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(ValueError):  # of another thread
            stack.callback(signal.signal, signal.SIGTERM, signal.signal(signal.SIGTERM, _interrupt))
        yield


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt
