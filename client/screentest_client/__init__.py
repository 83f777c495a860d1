"""A thin client for RunComfy, Runflow and HiAPI: the same code against the emulator and the real host.

    from screentest_client import HiAPI, JobFailedError

Names are looked up when they are asked for, so that importing the package opens nothing and imports no HTTP library.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from screentest_client.client import AsyncHiAPI, AsyncRunComfy, AsyncRunflow, HiAPI, RunComfy, Runflow
    from screentest_client.errors import (
        AuthError,
        BalanceError,
        ClientError,
        ConflictError,
        ConnectionFailedError,
        DownloadError,
        InvalidInputError,
        JobCancelledError,
        JobFailedError,
        NotFoundError,
        RateLimitedError,
        RefusedError,
        ServerError,
        UnexpectedAnswerError,
        WaitTimeoutError,
    )
    from screentest_client.job import Job, JobPage, Output

__all__ = [
    "AsyncHiAPI",
    "AsyncRunComfy",
    "AsyncRunflow",
    "AuthError",
    "BalanceError",
    "ClientError",
    "ConflictError",
    "ConnectionFailedError",
    "DownloadError",
    "HiAPI",
    "InvalidInputError",
    "Job",
    "JobCancelledError",
    "JobFailedError",
    "JobPage",
    "NotFoundError",
    "Output",
    "RateLimitedError",
    "RefusedError",
    "RunComfy",
    "Runflow",
    "ServerError",
    "UnexpectedAnswerError",
    "WaitTimeoutError",
]

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        home = "errors" if name.endswith("Error") else "job" if name in ("Job", "JobPage", "Output") else "client"
        return getattr(import_module(f"{__name__}.{home}"), name)

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
