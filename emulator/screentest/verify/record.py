"""Every exchange and callback of a run, redacted, on disk as it comes: a cassette."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from screentest.errors import SetupError
from screentest.verify.around import Around
from screentest.verify.side import Ask, Side
from screentest_contracts.cassette import dumps
from screentest_contracts.exchange import INVALID, NOBODY, Callback, Event, Exchange, redacted


class Recorder(Around):
    """A `Side` that writes what passes to `path`. `keys` are hidden wherever they stand.

    Where accounts are made up, those of each stretch of the run have a number, so that who is who can be told later.
    """

    def __init__(self, inner: Side, provider: str, path: Path, keys: Collection[str] = ()) -> None:
        super().__init__(inner)
        self._provider = provider
        self._keys = tuple(keys)
        self._stretch = 0
        try:
            self._file = path.open("w", encoding="utf-8")
        except OSError as error:
            raise SetupError(f"--record {path}: cannot be written: {error.strerror}") from None
        self._file.write(dumps(provider, ()))

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

    def close(self) -> None:
        self._file.close()
        super().close()

    def _write(self, event: Event) -> None:
        numbered = replace(event, who=self._numbered(event.who))
        self._file.write(dumps(self._provider, (redacted(numbered, self._keys),)).partition("\n")[2])
        self._file.flush()

    def _numbered(self, who: str) -> str:
        account, slash, role = who.partition("/")
        if not self.sole or account in (NOBODY, INVALID):
            return who
        return f"{account}-{self._stretch}{slash}{role}"
