"""Forms into JSON, geometry, text to paste, and how values are written."""

from __future__ import annotations

import json
import shlex
from typing import Any

import pytest

from screentest.console import drawing, snippets, wishes, wording
from screentest_contracts.load import PROVIDERS, load


@pytest.mark.parametrize(
    ("fields", "wish"),
    [
        ([("n:advance", "10")], {"advance": 10}),
        ([("n:advance", "ten")], {"advance": "ten"}),
        ([("b:freeze", "true"), ("to", "/_control/clock")], {"freeze": True}),
        ([("j:fail", "{}"), ("t:fail/code", "X"), ("t:fail/message", "")], {"fail": {"code": "X"}}),
        ([("t:a.b", "4")], {"a.b": "4"}),
        ([("l:urls", " a \n\nb")], {"urls": ["a", "b"]}),
        ([("j:items", "[{}]"), ("j:bad", "[")], {"items": [{}], "bad": "["}),
        ([("x:y", "1"), ("plain", "2"), ("t:empty", "  ")], {}),
    ],
    ids=["number", "no number", "truth", "inside", "dot", "lines", "json", "about the form"],
)
def test_a_form_spells_a_wish(fields: list[tuple[str, str]], wish: dict[str, Any]) -> None:
    """The kind before the colon says what a text becomes; what cannot be read stays text."""
    assert wishes.read_wish(fields) == wish


@pytest.mark.parametrize("provider", PROVIDERS)
def test_what_a_form_is_filled_with_reads_as_the_example(provider: str) -> None:
    """For every model: the fields of its form, untouched, spell its example."""
    for model in load(provider).models():
        fields = [wishes.field_of(name, schema, model.example) for name, schema in model.input.properties.items()]
        example = {name: value for name, value in model.example.items() if value not in ("", [], None)}
        assert wishes.read_wish((one["field"], one["filled"]) for one in fields) == example, model.id


def test_the_axis_grows_and_stays_within() -> None:
    """A later moment is further to the right, however late; the end is where the plan ends."""
    axis = drawing.Axis(100.0, 104.0)
    moments = [99, 100, 101, 103.9, 104, 105, 200, 1e6, 1e12]
    places = [axis.at(one) for one in moments]
    assert places == sorted(places)
    assert (places[0], places[4]) == (0, 78)
    assert places[-1] <= 99


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_diagram_has_every_state_within_its_frame(provider: str) -> None:
    """A box for each waiting state and each end, none over another, an arrow to each."""
    lifecycle = load(provider).provider.lifecycle
    document = {
        "steps": [{"word": one.word, "stage": one.stage} for one in lifecycle.steps],
        "outcomes": dict(lifecycle.outcomes),
        "cancel": lifecycle.cancel,
    }

    drawn = drawing.diagram(document)

    assert [box.word for box in drawn.boxes] == [one.word for one in lifecycle.steps] + [*lifecycle.outcomes.values()]
    assert len({(box.x, box.y) for box in drawn.boxes}) == len(drawn.boxes)
    assert all(0 <= box.x <= drawn.width - drawing.BOX and 0 <= box.y <= drawn.height - 40 for box in drawn.boxes)
    cancels = [arrow for arrow in drawn.arrows if arrow.manner == "cancel"]
    assert bool(cancels) is ("cancelled" in lifecycle.outcomes)


REQUEST = {
    "method": "POST",
    "url": "http://127.0.0.1:8790/hiapi/v1/tasks",
    "body": {"model": "m", "input": {"prompt": 'it\'s "a" $fox `x` \\ 🦊\n</pre>', "n": [1, True, None]}},
}


def test_curl_is_one_command_with_the_very_body() -> None:
    """A shell reads the same body, whatever is in the prompt."""
    words = shlex.split(snippets.curl(REQUEST).replace("\\\n", " "))
    assert words[0] == "curl"
    assert REQUEST["url"] in words
    assert json.loads(words[words.index("-d") + 1]) == REQUEST["body"]


def test_python_is_a_program_with_the_very_body() -> None:
    """Python reads the same body."""
    code = snippets.python(REQUEST)
    scope: dict[str, Any] = {}
    exec(code.partition("answer =")[0].replace("import httpx2", ""), scope)  # only the assignment of the body
    compile(code, "snippet", "exec")
    assert scope["body"] == REQUEST["body"]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0.0 s"), (-0.01, "0.0 s"), (9.94, "9.9 s"), (12.4, "12 s"), (60, "1 min"), (185, "3 min 5 s"),
     (7800, "2 h 10 min"), (3 * 86400, "3 d"), (None, "for ever")],
)  # fmt: skip
def test_lengths_of_time(seconds: float | None, said: str) -> None:
    """As few words as tell it."""
    assert wording.lasting(seconds) == said


@pytest.mark.parametrize(
    ("cost", "said"), [(None, "price unknown"), ("0.4", "$0.40"), ("0.0125", "$0.0125"), (1234.5, "$1,234.50")]
)
def test_dollars(cost: str | float | None, said: str) -> None:
    """Cents, or as many digits as the price has."""
    assert wording.dollars(cost) == said


def test_moments() -> None:
    """UTC to a tenth of a second; a time beyond all calendars is a number."""
    assert wording.moment(0.19) == "1970-01-01 00:00:00.1"
    assert wording.moment(1e18) == "1000000000000000000"
    assert wording.moment(None) == "not known"


def test_our_prose_is_escaped_before_it_is_marked() -> None:
    """Backticks become code, and nothing else becomes a tag."""
    assert wording.ticked("a `b<c>` d") == "a <code>b&lt;c&gt;</code> d"
