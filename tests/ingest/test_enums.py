"""Lists of values that a page has run together are cut where that is certain, and nowhere else."""

from __future__ import annotations

import pytest

from screentest_contracts.ingest.enums import cut


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("16:99:163:44:34:55:41:19:2121:9", "16:9 9:16 3:4 4:3 4:5 5:4 1:1 9:21 21:9"),
        ("1:116:93:44:39:16", "1:1 16:9 3:4 4:3 9:16"),
        ("1:14:33:416:99:1621:9adaptive", "1:1 4:3 3:4 16:9 9:16 21:9 adaptive"),
        ("16:99:16", "16:9 9:16"),
        ("720p1080p", "720p 1080p"),
        ("720p1080p4K", "720p 1080p 4K"),
        ("16:99:1616:10", "16:9 9:16 16:10"),
        ("final", "final"),
        ("16:9, 9:16 | 1:1", "16:9 9:16 1:1"),
        ("`png` `jpeg` `webp`", "png jpeg webp"),
    ],
)
def test_certain_lists_are_cut(text: str, values: str) -> None:
    """Every value is found, in its order."""
    assert cut(text) == values.split()


@pytest.mark.parametrize("text", ["468", "autofox", "finaleach", "51015", "", "16:9 16:9", "16:9" * 1000])
def test_uncertain_lists_are_left(text: str) -> None:
    """Where two cuts are as good, a piece means nothing or a value comes twice, nothing is read."""
    assert cut(text) is None


def test_values_of_the_page_help() -> None:
    """A value that the page uses elsewhere is a piece."""
    assert cut("standardcinematic") is None
    assert cut("standardcinematic", ["cinematic"]) == ["standard", "cinematic"]
