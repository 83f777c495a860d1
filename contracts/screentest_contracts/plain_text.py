"""Text that came from a server, made fit to be shown: at a terminal, in XML, in a cell of a Markdown table."""

from __future__ import annotations


def printable(text: str, keep: str = "") -> str:
    """Without characters that no terminal and no XML file should get from a server."""
    return "".join(one if one.isprintable() or one in keep else " " for one in text)


def cell(text: str) -> str:
    """Text that stays in its cell, and is no HTML."""
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")
