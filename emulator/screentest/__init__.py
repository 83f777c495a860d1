"""screentest: a local stand-in for the RunComfy, Runflow and HiAPI video APIs.

Import names from the module that owns them, such as ``screentest.server.running``.
"""

from __future__ import annotations


def __getattr__(name: str) -> str:
    if name == "__version__":
        from importlib.metadata import version

        return version("screentest")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
