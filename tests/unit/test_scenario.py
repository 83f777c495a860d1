"""Directives in the prompt and the header Screentest-Scenario: which are understood, and what the picture shows."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screentest.scenario import Scenario, choose


@pytest.mark.parametrize(
    ("prompt", "argument", "shown"),
    [
        ("[[fail]]", "", ""),
        ("a horse [[fail]]", "", "a horse"),
        ("[[fail]] a horse", "", "a horse"),
        ("[[ fail ]] a horse", "", "a horse"),
        ("[[fail: nsfw]] a horse", "nsfw", "a horse"),
        ("[[fail:TASK_TIMEOUT]]", "TASK_TIMEOUT", ""),
        ("[[fail :  two words  ]]", "two words", ""),
        ("[[fail: one]] a [[fail: two]] horse", "two", "a  horse"),
        ("[[fail: one]] [[fail]]", "", ""),
        ("[[fail:]]", "", ""),
    ],
)
def test_a_known_directive(prompt: str, argument: str, shown: str) -> None:
    """[[fail]] and [[fail: CODE]] are understood anywhere in the prompt and kept out of the picture; the last wins."""
    assert choose(None, prompt) == Scenario(name="fail", argument=argument, prompt=shown)


@pytest.mark.parametrize(
    "prompt", ["a horse", "", "[fail]", "[[Image 1]]", "[[]]", "[[ ]]", "[[1]]", "[[fail]", "[[FAIL]]", "[[ [fail] ]]"]
)
def test_text_that_is_no_directive(prompt: str) -> None:
    """Other brackets are text: no scenario and no warning."""
    assert choose(None, prompt) == Scenario(prompt=prompt)


def test_an_unknown_directive_stays_text_and_is_told() -> None:
    """A misspelt directive is shown in the picture and warned about, with the names that exist."""
    chosen = choose(None, "a horse [[fial]]")
    assert (chosen.name, chosen.prompt) == ("", "a horse [[fial]]")
    assert chosen.warning == "no scenario '[[fial]]'; there is fail"


def test_an_unknown_directive_beside_a_known_one() -> None:
    """The known one works, the unknown one is told."""
    chosen = choose(None, "[[slow: 3]] [[fail]]")
    assert (chosen.name, chosen.prompt, "[[slow: 3]]" in chosen.warning) == ("fail", "[[slow: 3]]", True)


@pytest.mark.parametrize(
    ("header", "argument"),
    [("fail", ""), ("FAIL", ""), (" fail ", ""), ("fail: nsfw", "nsfw"), ("fail:nsfw ", "nsfw"), ("fail:", "")],
)
def test_the_header(header: str, argument: str) -> None:
    """The header asks for the same, in any case."""
    assert choose(header, "a horse") == Scenario(name="fail", argument=argument, prompt="a horse")


def test_the_header_wins() -> None:
    """The header's argument beats the prompt's."""
    assert choose("fail: header", "[[fail: prompt]]").argument == "header"


@pytest.mark.parametrize("header", ["", "explode", "fail again"])
def test_an_unknown_header_is_told(header: str) -> None:
    """A header that names no scenario changes nothing but the warning."""
    chosen = choose(header, "a horse")
    assert (chosen.name, chosen.prompt) == ("", "a horse")
    assert repr(header) in chosen.warning


@pytest.mark.parametrize("prompt", [None, 5, ["[[fail]]"], {"a": "[[fail]]"}])
def test_a_prompt_that_is_no_text(prompt: object) -> None:
    """Only text can hold a directive."""
    assert choose(None, prompt) == Scenario()


@pytest.mark.parametrize("tail", ["a:" + " " * 5_000, "a" + " " * 50_000, "a" * 200_000, "[[" * 100_000, "a:" * 50_000])
def test_a_hostile_prompt_takes_no_time(tail: str) -> None:
    """A long prompt that nearly is a directive does not hold up the server."""
    begun = time.perf_counter()
    choose(None, "[[" + tail)
    assert time.perf_counter() - begun < 1


def test_a_warning_is_short() -> None:
    """However long the header, the warning fits into one."""
    assert len(choose("x" * 50_000, "").warning) < 200


@given(st.none() | st.text(max_size=60), st.text(st.sampled_from("[]fail: x\n\r\x00é"), max_size=60))
def test_a_warning_fits_into_a_header(header: str | None, prompt: str) -> None:
    """Whatever is asked for, the warning is printable ASCII on one line."""
    warning = choose(header, prompt).warning
    assert warning.isascii()
    assert warning.isprintable()


@given(st.text(max_size=60))
def test_the_picture_shows_no_known_directive(prompt: str) -> None:
    """A directive put anywhere into a prompt works, and is not shown."""
    chosen = choose(None, f"{prompt.replace('[', '')}[[fail]]")
    assert (chosen.name, "[[fail]]" in chosen.prompt) == ("fail", False)
