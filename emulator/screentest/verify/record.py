"""Every exchange and callback of a run, redacted, on disk as it comes: a cassette."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Sequence
from pathlib import Path

from msgspec import structs

from screentest.errors import SetupError
from screentest.verify.around import Around
from screentest.verify.side import Ask, Side
from screentest_contracts.cassette import END, dumps
from screentest_contracts.exchange import INVALID, NOBODY, Callback, Event, Exchange, redacted


class Recorder(Around):
    """A `Side` that writes what passes to `path`. `keys` are hidden wherever they stand; `problem` is why the file is
    not whole, "" while it can be written.

    Where accounts are made up, those of each stretch of the run have a number, so that who is who can be told later.
    """

    def __init__(self, inner: Side, provider: str, path: Path, keys: Collection[str] = ()) -> None:
        super().__init__(inner)
        self._provider = provider
        self._keys = tuple(keys)
        self._stretch = 0
        self._path = path
        self.problem = ""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("w", encoding="utf-8")
        except OSError as error:
            raise SetupError(self._unwritten(error)) from None
        self._put(dumps(provider, ()))
        if self.problem:
            self._shut()
            raise SetupError(self.problem)

    def send(self, ask: Ask) -> Exchange:
        exchange = self.inner.send(ask)
        self._write(exchange)
        return exchange

    def heard(self) -> Sequence[Callback]:
        came = self.inner.heard()
        for callback in came:
            self._write(callback)
        return came

    def renew(self) -> None:
        super().renew()
        self._stretch += 1

    def finish(self) -> None:
        """Say in the cassette that this is all of it. A run that was cut off has no such line."""
        self._put(END)

    def close(self) -> None:
        self._shut()
        super().close()

    def _shut(self) -> None:
        with contextlib.suppress(OSError):  # `problem` has told it
            self._file.close()

    def _write(self, event: Event) -> None:
        numbered = structs.replace(event, who=self._numbered(event.who))
        self._put(dumps(self._provider, (redacted(numbered, self._keys),)).partition("\n")[2])

    def _put(self, text: str) -> None:
        """Write it at once. A disk that is full is no reason to end a run: what is in the file ends there."""
        if self.problem:
            return
        try:
            self._file.write(text)
            self._file.flush()
        except OSError as error:
            self.problem = self._unwritten(error)

    def _unwritten(self, error: OSError) -> str:
        return f"--record {self._path}: cannot be written: {error.strerror}"

    def _numbered(self, who: str) -> str:
        account, slash, role = who.partition("/")
        if not self.sole or account in (NOBODY, INVALID):
            return who
        return f"{account}-{self._stretch}{slash}{role}"
