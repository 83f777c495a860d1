"""Which scenario a request gets: header, directive in the prompt, rule, default; and what the picture shows."""

from __future__ import annotations

import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screentest.scenario import Chosen, check, demanded, fitted, shipped
from screentest.scenario import choose as choose_among
from screentest_contracts.load import load


def choose(header: str | None, prompt: object = "", armed: str | None = None, default: str = "") -> Chosen:
    return choose_among(header, prompt, armed, default, known=shipped(), refusals=("rate-limited",))


@pytest.mark.parametrize(
    ("prompt", "code", "shown"),
    [
        ("[[fail]]", "", ""),
        ("a horse [[fail]]", "", "a horse"),
        ("[[fail]] a horse", "", "a horse"),
        ("[[ fail ]] a horse", "", "a horse"),
        ("[[fail: nsfw]] a horse", "nsfw", "a horse"),
        ("[[fail:TASK_TIMEOUT]]", "TASK_TIMEOUT", ""),
        ("[[fail :  two words  ]]", "two words", ""),
        ("[[fail two words]]", "two words", ""),
        ("[[fail: one]] a [[fail: two]] horse", "two", "a  horse"),
        ("[[fail: one]] [[fail]]", "", ""),
        ("[[fail:]]", "", ""),
    ],
)
def test_a_known_directive(prompt: str, code: str, shown: str) -> None:
    """[[name]], [[name: argument]] and [[name argument]] work anywhere and are not shown; the last one wins."""
    chosen = choose(None, prompt)
    assert (chosen.scenario.name, chosen.scenario.code, chosen.prompt, chosen.warning) == ("fail", code, shown, "")


@pytest.mark.parametrize(
    "prompt", ["a horse", "", "[fail]", "[[Image 1]]", "[[]]", "[[ ]]", "[[1]]", "[[fail]", "[[FAIL]]", "[[ [fail] ]]"]
)
def test_text_that_is_no_directive(prompt: str) -> None:
    """Other brackets are text: no scenario and no warning."""
    assert choose(None, prompt) == Chosen(prompt=prompt)


def test_an_unknown_directive_stays_text_and_is_told() -> None:
    """A misspelt directive is shown in the picture and warned about, with the names that exist."""
    chosen = choose(None, "a horse [[fial]]")
    assert (chosen.text, chosen.prompt) == ("", "a horse [[fial]]")
    assert chosen.warning.startswith("no scenario '[[fial]]'; there is fail, ")
    assert set(chosen.warning.partition("there is ")[2].split(", ")) == {*shipped(), "rate-limited"}


def test_an_unknown_directive_beside_a_known_one() -> None:
    """The known one works, the unknown one is told."""
    chosen = choose(None, "[[slwo: 3]] [[fail]]")
    assert (chosen.text, chosen.prompt, "[[slwo: 3]]" in chosen.warning) == ("fail", "[[slwo: 3]]", True)


@pytest.mark.parametrize(
    ("header", "text"),
    [
        ("fail", "fail"),
        ("FAIL", "fail"),
        (" fail ", "fail"),
        ("fail: NSFW", "fail: NSFW"),
        ("fail:nsfw ", "fail: nsfw"),
        ("fail nsfw", "fail: nsfw"),
        ("fail:", "fail"),
        ("Slow 90s", "slow: 90s"),
        ("duplicate-callback", "duplicate-callback"),
    ],
)
def test_the_header(header: str, text: str) -> None:
    """The header asks for the same in the same grammar, its name in any case."""
    chosen = choose(header, "a horse")
    assert (chosen.text, chosen.prompt, chosen.warning) == (text, "a horse", "")


@pytest.mark.parametrize(
    ("header", "prompt", "armed", "default", "text"),
    [
        ("fail: header", "[[fail: prompt]]", "fail: rule", "fail: default", "fail: header"),
        (None, "[[fail: prompt]]", "fail: rule", "fail: default", "fail: prompt"),
        (None, "a horse", "fail: rule", "fail: default", "fail: rule"),
        (None, "a horse", None, "fail: default", "fail: default"),
        (None, "a horse", None, "", ""),
        ("explode", "[[fail: prompt]]", "fail: rule", "", "fail: prompt"),
        ("explode", "a horse", "gone", "fail: default", "fail: default"),
    ],
)
def test_who_wins(header: str | None, prompt: str, armed: str | None, default: str, text: str) -> None:
    """Header, then directive, then rule, then the default; one that names no scenario gives way to the next."""
    assert choose(header, prompt, armed, default).text == text


@pytest.mark.parametrize("header", ["", "explode", "fail;again", "9", ": fail"])
def test_an_unknown_header_is_told(header: str) -> None:
    """A header that names no scenario changes nothing but the warning."""
    chosen = choose(header, "a horse")
    assert (chosen.text, chosen.prompt) == ("", "a horse")
    assert repr(header) in chosen.warning


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("slow 90s", "run", 90),
        ("slow: 2m", "run", 120),
        ("slow: 7", "run", 7),
        ("slow forever", "run", math.inf),
        ("slow", "run", 600),
        ("slow-queue 1h", "queue", 3600),
        ("long-queue 9", "queue_position", 9),
        ("many-outputs 0", "outputs", 0),
        ("wrong-kind audio", "kind", "audio"),
        ("late-callback 2m", "delay", 120),
        ("expired-link 30s", "link_seconds", 30),
    ],
)
def test_an_argument_sets_the_field_that_the_scenario_says(text: str, field: str, value: object) -> None:
    """Lengths of time have units or are seconds; counts are whole numbers; words are of a closed list."""
    chosen = choose(text)
    assert (getattr(chosen.scenario, field), chosen.warning) == (value, "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("slow: soon", "slow takes a time such as 90s, 2m or 1h of at most ten years; got 'soon'"),
        ("slow: -3", "slow takes a time"),
        ("late-callback forever", "late-callback takes a time"),
        ("many-outputs 11", "many-outputs takes a whole number from 0 to 10; got '11'"),
        ("many-outputs two", "many-outputs takes a whole number"),
        ("wrong-kind film", "wrong-kind takes one of video, image, audio; got 'film'"),
        ("stuck 3", "stuck takes no argument; got '3'"),
        ("fail " + "x" * 501, "fail takes a text of at most 500 bytes"),
    ],
)
def test_a_bad_argument_is_told(text: str, said: str) -> None:
    """The scenario runs with its own value, and the warning says what the argument may be."""
    chosen = choose(text)
    assert chosen.warning.startswith(said)
    assert chosen.scenario == shipped()[text.split()[0].strip(":")]
    assert chosen.text == chosen.scenario.name


def test_a_refusal_is_no_scenario() -> None:
    """A refusal that the operation knows is asked for in the same places, and the job itself is a usual one."""
    for chosen in (choose("rate-limited: 7"), choose(None, "[[rate-limited: 7]]")):
        assert (chosen.refusal, chosen.text, chosen.prompt) == (("rate-limited", "7"), "", "")
    assert "no scenario 'unavailable'" in choose("unavailable").warning
    assert (demanded("Unavailable: 3"), demanded("fail"), demanded(None)) == (("unavailable", "3"), ("", ""), ("", ""))


@pytest.mark.parametrize(
    ("text", "said"),
    [("slow: 90s", ""), ("sloow", "no scenario 'sloow'; there is fail"), ("slow: x", "slow takes a time")],
)
def test_a_text_can_be_checked_beforehand(text: str, said: str) -> None:
    """What is wrong with a rule or a default is known before any request comes."""
    wrong = check(text, shipped())
    assert wrong.startswith(said)
    assert bool(wrong) == bool(said)


@pytest.mark.parametrize(
    ("provider", "text", "receiver", "lacks"),
    [
        ("hiapi", "cancelled", True, "hiapi has no job that ends cancelled"),
        ("hiapi", "partial", True, "hiapi has no job that ends partial"),
        ("runcomfy", "partial", False, "runcomfy has no job that ends partial"),
        ("runcomfy", "duplicate-callback", False, "runcomfy has no callbacks"),
        ("hiapi", "no-callback", False, "the request names no receiver of callbacks"),
        ("hiapi", "flagged", True, "hiapi has no word for an unsafe output"),
        ("runcomfy", "cancelled", False, ""),
        ("runflow", "partial", False, ""),
        ("runflow", "flagged", False, ""),
        ("hiapi", "slow: 90s", False, ""),
    ],
)
def test_what_the_provider_or_the_request_lacks(provider: str, text: str, receiver: bool, lacks: str) -> None:
    """The job then goes as usual and the warning says why."""
    fit = fitted(choose(text, "a horse"), load(provider).provider, receiver=receiver)
    usual = Chosen(prompt="a horse", warning=f"{text}: {lacks}; the job goes as usual")
    assert fit == (usual if lacks else choose(text, "a horse"))


@pytest.mark.parametrize("prompt", [None, 5, ["[[fail]]"], {"a": "[[fail]]"}])
def test_a_prompt_that_is_no_text(prompt: object) -> None:
    """Only text can hold a directive."""
    assert choose(None, prompt) == Chosen()


@pytest.mark.parametrize("tail", ["a:" + " " * 5_000, "a" + " " * 50_000, "a" * 200_000, "[[" * 100_000, "a:" * 50_000])
def test_a_hostile_prompt_takes_no_time(tail: str) -> None:
    """A long prompt that nearly is a directive does not hold up the server."""
    begun = time.perf_counter()
    choose(None, "[[" + tail)
    choose("[[" + tail)
    assert time.perf_counter() - begun < 1


def test_a_warning_is_bounded() -> None:
    """However long the header, the warning fits into one."""
    assert len(choose("x" * 50_000).warning) <= 1000


@given(st.none() | st.text(max_size=60), st.text(st.sampled_from("[]fail: x\n\r\x00é"), max_size=60))
def test_what_is_told_fits_into_a_header(header: str | None, prompt: str) -> None:
    """Whatever is asked for, warning and announcement are printable ASCII on one line."""
    chosen = choose(header, prompt)
    for told in (chosen.warning, chosen.text):
        assert told.isascii()
        assert told.isprintable()


@given(st.text(max_size=60))
def test_the_picture_shows_no_known_directive(prompt: str) -> None:
    """A directive put anywhere into a prompt works, and is not shown."""
    chosen = choose(None, f"{prompt.replace('[', '')}[[fail]]")
    assert (chosen.text, "[[fail]]" in chosen.prompt) == ("fail", False)
