"""Transactions on SQLite: alone, or shared by all who write in the same turn of the event loop.

A commit costs more than what it commits, so under load one of them serves every submit that came at the same moment.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from types import TracebackType

from screentest.errors import StoreError

_BYSTANDER = "a request of the same moment failed while it was stored, and this one with it: send it again"


class Transactions:
    """Those of one connection, which nobody else uses. `reread` is called when what was read may never have been.

    `shared` is whether writers wait for one another. Without it, or without an event loop, nobody ever suspends.
    """

    def __init__(self, db: sqlite3.Connection, reread: Callable[[], None], *, shared: bool) -> None:
        self._db, self._reread, self._sharing = db, reread, shared
        self._turn: Turn | None = None

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """One transaction, committed at the end of the block. StoreError when the file cannot be written."""
        self.finish()
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield
            self._db.execute("COMMIT")
        except BaseException as error:
            self._roll_back()
            raise _said(error) from None

    def shared(self) -> Turn:
        """What a block writes, as ``async with``; left when it is committed. StoreError as `alone`.

        A block that raises before it has written leaves the others in peace; one that raises after is the end of all.
        """
        if self._turn is None:
            try:
                self._db.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                raise _said(error) from None
            loop = _running_loop() if self._sharing else None
            self._turn = Turn(self, self._db, alone=loop is None)
            if loop:
                loop.call_soon(self.finish)
        return self._turn

    def finish(self) -> None:
        """Commit what was written together so far, if anything was."""
        if self._turn is None:
            return
        try:
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            self.fail(StoreError(str(_said(error))))
        else:
            self._turn.end(None)
            self._turn = None

    def fail(self, error: StoreError) -> None:
        """Take back what was written together; everybody who waits is told this."""
        turn, self._turn = self._turn, None
        try:
            self._roll_back()
        finally:
            if turn:
                turn.end(error)

    def _roll_back(self) -> None:
        if self._db.in_transaction:  # SQLite has ended it by itself when the disk was full
            self._db.execute("ROLLBACK")
        self._reread()


class Turn:
    """Everybody who writes between one commit and the next."""

    def __init__(self, transactions: Transactions, db: sqlite3.Connection, *, alone: bool) -> None:
        """`alone`: nobody else comes, and the first to have written commits."""
        self._transactions, self._db, self._alone = transactions, db, alone
        self._ended = asyncio.Event()
        self._error: StoreError | None = None
        self._written = 0  # rows, when the present block began

    def end(self, error: StoreError | None) -> None:
        """It is committed, or, with an error, it is not."""
        self._error = error
        self._ended.set()

    async def __aenter__(self) -> None:
        self._written = self._db.total_changes

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            if self._alone:
                self._transactions.finish()
            await self._ended.wait()
            if self._error:
                raise self._error
        elif isinstance(error, sqlite3.Error) or self._db.total_changes != self._written:
            said = _said(error)
            self._transactions.fail(said if isinstance(said, StoreError) else StoreError(_BYSTANDER))
            raise said from None
        elif self._alone:
            self._transactions.finish()


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
