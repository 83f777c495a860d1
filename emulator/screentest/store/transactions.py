"""Transactions on SQLite: one by itself, or one for all that is handed in while more keeps coming.

A commit costs more than what it commits, so under load one of them serves every submit that came at the same moment: it
waits for the first turn of the event loop that brings no other. One that comes alone waits for nobody.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

from screentest.errors import StoreError

Item = TypeVar("Item")

_MOST_TOGETHER = 64
"""Items after which nobody waits for more."""


class Transactions(Generic[Item]):
    """Those of one connection, which nobody else uses.

    `write` puts items into the tables; `reread` is called when what was read may never have been. `shared` is whether
    writers wait for one another. Without it, or without an event loop, nobody ever suspends.
    """

    def __init__(
        self,
        db: sqlite3.Connection,
        write: Callable[[Sequence[Item]], None],
        reread: Callable[[], None],
        *,
        shared: bool,
    ) -> None:
        self._db, self._write, self._reread, self._sharing = db, write, reread, shared
        self._gathered: list[tuple[Item, asyncio.Future[None]]] = []

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """One transaction, committed at the end of the block. StoreError when the file cannot be written."""
        if failed := self.finish():
            raise failed  # what the caller is about to write may follow from what was not
        with self._transaction():
            yield

    async def together(self, item: Item) -> None:
        """Write an item; it is committed when this returns. StoreError as `alone`."""
        loop = self._gathering_loop()
        if loop is None:
            self._commit([item])
            return
        if not self._gathered:
            loop.call_soon(self._finish_or_wait, loop, 1)
        committed = loop.create_future()
        self._gathered.append((item, committed))
        await committed

    def _gathering_loop(self) -> asyncio.AbstractEventLoop | None:
        """The loop in which writers wait for one another; None where they do not."""
        if self._gathered:
            return self._gathered[0][1].get_loop()
        return _running_loop() if self._sharing else None

    def _finish_or_wait(self, loop: asyncio.AbstractEventLoop, before: int) -> None:
        """Commit, unless more was handed in since there were so many."""
        waiting = len(self._gathered)
        if before < waiting < _MOST_TOGETHER:
            loop.call_soon(self._finish_or_wait, loop, waiting)
        else:
            self.finish()

    def finish(self) -> Exception | None:
        """Commit what was gathered so far, if anything was; what went wrong. Then nothing of it is there, and all are
        told: what one wrote may build on what another did."""
        gathered, self._gathered = self._gathered, []
        if not gathered:
            return None
        failed: Exception | None = None
        try:
            self._commit([item for item, _ in gathered])
        except Exception as error:
            failed = error
        for _, committed in gathered:
            if committed.done():  # who waited was cancelled
                continue
            if failed:
                committed.set_exception(failed)
            else:
                committed.set_result(None)
        return failed

    def _commit(self, items: Sequence[Item]) -> None:
        with self._transaction():
            self._write(items)

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield
            self._db.execute("COMMIT")
        except BaseException as error:
            if self._db.in_transaction:  # SQLite has ended it by itself when the disk was full
                self._db.execute("ROLLBACK")
            self._reread()
            raise _said(error) from None


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None  # the coroutine is stepped by hand


def _said(error: BaseException) -> BaseException:
    """The error as callers are told it."""
    if isinstance(error, sqlite3.OperationalError):
        return StoreError(f"the database cannot be written: {error}; is the disk full or read-only?")
    return error
