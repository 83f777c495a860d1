"""Text that came from a server, made fit to be shown: at a terminal, in XML, in Markdown."""

from __future__ import annotations

import re


def printable(text: str, keep: str = "") -> str:
    """Without characters that no terminal and no XML file should get from a server."""
    return "".join(one if one.isprintable() or one in keep else " " for one in text)


def cell(text: str) -> str:
    """Text that stays in its cell, and is no HTML, no link and no code."""
    return re.sub(r"([\\|`\[\]])", r"\\\1", text).replace("<", "&lt;").replace("\n", " ")


def code(text: str) -> str:
    """A code span, which nothing in the text can end: it is shown as it is, and no address in it becomes a link."""
    shown = printable(text)
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{pad}{shown}{pad}{fence}" if shown else ""


def code_cell(text: str) -> str:
    """A code span that stays in its cell. A table takes the backslash before a pipe away, also in code; which of two
    it takes is not told, so that they are kept apart."""
    return code(text).replace("\\|", "\\ |").replace("|", "\\|")
