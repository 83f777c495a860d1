"""Which scenario a request gets. One grammar for header, directive, rule and default: ``name`` or ``name: argument``.

The header ``Screentest-Scenario`` beats a directive ``[[name: argument]]`` in the prompt (of several the last one),
that beats a rule, and that the server's default. A directive that is known is kept out of the picture; one that is not
stays text and is reported. The names in REFUSALS have the request itself refused, where the operation has that answer.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from msgspec import Struct, structs

from screentest.scenario.value import USUAL, Scenario
from screentest_contracts.document import Provider

REFUSALS = (
    *("not-allowed", "rate-limited", "key-in-flight", "unavailable", "model-unavailable"),
    *("upstream-refused", "upstream-timeout", "storage-unavailable"),
)
"""Failures that no request brings about by itself; an argument is the failure's detail."""

_LONGEST_SHOWN = 100
_LONGEST_WARNING = 1000
# Every part is bounded: a prompt of megabytes must not make the search slow, nor the warning long.
_DIRECTIVE = re.compile(r"\[\[(\s{0,9}[a-z][a-z0-9-]{0,39}(?:[\s:][^\[\]]{0,999})?)\]\]")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,39}")


class Chosen(Struct, frozen=True, kw_only=True):
    """What a request gets. `text` names the scenario with its argument, "" on a usual day.

    `prompt` is the prompt as the picture shows it. `refusal` is a name of REFUSALS with its argument, or two times "".
    """

    scenario: Scenario = USUAL
    text: str = ""
    prompt: str = ""
    warning: str = ""
    refusal: tuple[str, str] = ("", "")


def choose(
    header: str | None,
    prompt: object,
    armed: str | None = None,
    default: str = "",
    *,
    known: Mapping[str, Scenario],
    refusals: Collection[str] = (),
) -> Chosen:
    """What a request gets, out of the scenarios `known` by name and those of `REFUSALS` that are among `refusals`.

    `header` and `prompt` are the request's, `armed` is the text of the rule that fits it, `default` the server's.
    """
    text = prompt if isinstance(prompt, str) else ""
    if header is None and not armed and not default and "[[" not in text:
        return Chosen(prompt=text.strip())
    refusable = [name for name in REFUSALS if name in refusals]
    there = (*known, *refusable)
    directives = [(found[0], _wish(found[1])) for found in _DIRECTIVE.finditer(text)]
    shown = _DIRECTIVE.sub(lambda found: "" if _wish(found[1])[0] in there else found[0], text).strip()
    wishes = [(wish, _wish(wish)) for wish in (default, armed) if wish]
    wishes += directives + ([(header, _wish(header))] if header is not None else [])
    unknown = [said for said, wish in wishes if wish[0] not in there][-1:]
    name, argument = next((wish for _, wish in reversed(wishes) if wish[0] in there), ("", ""))
    told = _no_such(unknown[0], there) if unknown else ""
    if name in refusable:
        return Chosen(prompt=shown, warning=header_safe(told), refusal=(name, argument))
    scenario, problem = _with_argument(known[name], argument) if name else (USUAL, "")
    asked = header_safe(f"{name}: {argument}" if argument and not problem else name)
    return Chosen(scenario=scenario, text=asked, prompt=shown, warning=header_safe(told, problem))


def check(text: str, known: Mapping[str, Scenario]) -> str:
    """What is wrong with a text that is to be a rule or the default; "" when nothing is."""
    name, argument = _wish(text)
    if name not in known:
        return _no_such(text, known)
    return _with_argument(known[name], argument)[1]


def demanded(header: str | None) -> tuple[str, str]:
    """The refusal that a header asks for, and its argument; both empty when it asks for none."""
    if not header:
        return "", ""
    name, argument = _wish(header)
    return (name, argument) if name in REFUSALS else ("", "")


def fitted(chosen: Chosen, provider: Provider, *, receiver: bool) -> Chosen:
    """What was chosen, or a usual day with a warning where the provider or the request has no such thing.

    `receiver`: the request names a URL for callbacks.
    """
    if chosen.scenario is USUAL:
        return chosen
    lacking = _lacking(chosen.scenario, provider, receiver)
    if not lacking:
        return chosen
    told = f"{chosen.text}: {lacking}; the job goes as usual"
    return structs.replace(chosen, scenario=USUAL, text="", warning=header_safe(chosen.warning, told))


def _lacking(scenario: Scenario, provider: Provider, receiver: bool) -> str:
    """What the provider or the request would have to have for this scenario."""
    if scenario.outcome not in provider.lifecycle.outcomes:
        return f"{provider.name} has no job that ends {scenario.outcome}"
    if scenario.callback != "on-time" and provider.callbacks is None:
        return f"{provider.name} has no callbacks"
    if scenario.callback != "on-time" and not receiver:
        return "the request names no receiver of callbacks"
    if scenario.flagged and not any("nsfw_detected" in one.get("properties", {}) for one in provider.schemas.values()):
        return f"{provider.name} has no word for an unsafe output"
    return ""


def _no_such(text: str, there: Collection[str]) -> str:
    return f"no scenario {text[:_LONGEST_SHOWN]!r}; there is {', '.join(there)}"


def _with_argument(scenario: Scenario, argument: str) -> tuple[Scenario, str]:
    """The scenario with its argument, or without one and what is wrong with it."""
    try:
        return scenario.given(argument), ""
    except ValueError as error:
        return scenario, f"{error}; got {argument[:_LONGEST_SHOWN]!r}"


def _wish(text: str) -> tuple[str, str]:
    """Name and argument; no name when the text has none."""
    text = text.strip()
    found = _NAME.match(text)
    rest = text[found.end() :] if found else ""
    if found is None or (rest and not (rest[0] == ":" or rest[0].isspace())):
        return "", ""
    return found[0].lower(), rest.strip().removeprefix(":").strip()


def header_safe(*parts: str) -> str:
    """Sentences as one line of printable ASCII."""
    text = "; ".join(filter(None, parts)).encode("ascii", "backslashreplace").decode()
    return "".join(letter if letter.isprintable() else " " for letter in text)[:_LONGEST_WARNING]
