"""A file that appears whole or not at all."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from screentest_client.errors import DownloadError


@dataclass(slots=True)
class Part:
    """The unfinished file beside its future place."""

    file: IO[bytes] = field(repr=False)
    target: Path
    received: int = 0

    def write(self, chunk: bytes) -> None:
        self.received += self.file.write(chunk)


@contextmanager
def saving(target: Path, *, where: str, length: int | None) -> Iterator[Part]:
    """Write to a hidden file beside `target`; on leaving, put it in place if it has `length` bytes (None: unknown).

    Whatever goes wrong, the unfinished file is removed and `target` is as it was.
    """
    beside = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        with beside.open("xb") as file:
            part = Part(file, target)
            yield part
        if part.received == 0 or (length is not None and part.received != length):
            expected = "some" if length in (None, 0) else str(length)
            raise DownloadError(f"{where} sent {part.received} bytes where {expected} were promised; try again.")
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
