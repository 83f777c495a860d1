"""screentest: a local stand-in for the RunComfy, Runflow and HiAPI video APIs.

    with screentest.running() as server: ...

Names are looked up when they are asked for, so that importing the package costs nothing. Everything else is imported
from the module that owns it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from screentest.server import running

    __version__: str

__all__ = ["__version__", "running"]

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        if name == "__version__":
            from importlib.metadata import version

            return version("screentest")
        if name == "running":
            from screentest.server import running

            return running
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
