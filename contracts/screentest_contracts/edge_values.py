"""Edge values of single scalars, and what a case of `edges` is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from screentest_contracts.keywords import binds, enforcement
from screentest_contracts.reading import Json
from screentest_contracts.violation import Path

UNKNOWN_KEY = "screentest_unknown"
_FAR = 2**64  # beyond what a database column or a float holds exactly

_ASTRAL, _HAN = "\U0001f3ac", "\u6f22"
_TEXTS = {
    "accents": "Zoë naïvely façade",
    "right to left": "מצלמה איטית",
    "combining marks": "e\u0301\u0301 \u200d \ufeff",
    "astral characters": f"{_ASTRAL} \U0001d11e",
    "quotes, backslash, newline, tab": "\"'\\ \n\t </script> {} %s",
}
# A whole picture, black, 1280x720: one that keeps the rules of every model.
_PNG = (
    "iVBORw0KGgoAAAANSUhEUgAABQAAAALQAQAAAADnBuD7AAAAh0lEQVR42u3BMQEAAADCoPVPbQlPoAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAB4GsTfAAGc95RKAAAAAElFTkSuQmCC"
)
URLS = {
    "https": ("https://example.com/a.png", "https://example.com:8443/a%20b/%C3%A9.png?size=1&sig=a%2Fb#top"),
    "http": ("http://example.com/a.png",),
    "http-loopback": ("http://127.0.0.1:8790/inputs/640x480.png", "http://localhost/a.png", "http://[::1]:80/a.png"),
    "data": (f"data:image/png;base64,{_PNG}",),
    "runflow-asset": ("runflow://assets/0190aaaa-bbbb-7ccc-8ddd-eeeeffff0000",),
    "asset": ("asset://image-1", "asset://0190aaaa-bbbb-7ccc"),
}
NO_URLS = ("", "not a url", "example.com/a.png", "//example.com/a.png", "https://", "https:/example.com/a.png")
FOREIGN_URLS = ("ftp://example.com/a.png", "file:///etc/passwd", "javascript:alert(1)")
OF_TYPE: dict[str, tuple[Json, ...]] = {
    "null": (None,),
    "boolean": (True, False),
    "integer": (0, 1, 5),
    "number": (5.5,),
    "string": ("5", "true", "text"),
    "array": ([], ["5"]),
    "object": ({},),
}


class Case(Struct, frozen=True):
    """One input and what is special about it.

    `path` is the property (for a missing or surplus one: its own path), `keyword` the rule whose edge it is. `also`
    names further properties of the input that it takes to be on that edge.
    """

    input: Json
    reason: str
    path: Path
    keyword: str
    also: tuple[str, ...] = ()


def fetchable(schemes: Iterable[str]) -> list[str]:
    """The kinds of URL that can be good by themselves; an asset has to be uploaded first."""
    return [scheme for scheme in schemes if scheme != "runflow-asset"]


def good_numbers(rule: Mapping[str, Json]) -> Iterator[Case]:
    bounds = [(keyword, rule[keyword]) for keyword in ("minimum", "maximum") if keyword in rule]
    for keyword, bound in bounds:
        inside = bound + 1 if keyword == "minimum" else bound - 1
        if binds(rule, keyword):
            yield from (Case(value, f"{value} at the {keyword}", (), keyword) for value in (bound, inside))
    yield Case(float(bounds[0][1] if bounds else 1), "a whole number written as a float", (), "type")


def good_texts(rule: Mapping[str, Json]) -> Iterator[Case]:
    """Shortest and longest strings, and what naive code chokes on. Length counts characters, not UTF-16 units."""
    shortest = rule.get("minLength", 0)
    yield Case("a" * shortest, f"{shortest} characters", (), "minLength")
    yield from (Case(text.ljust(shortest), why, (), "type") for why, text in _TEXTS.items())
    limit = rule.get("maxLength")
    if limit is not None and enforcement(rule, "maxLength") == "submit":
        yield from (Case(one * limit, f"{limit} characters", (), "maxLength") for one in ("a", "é", _ASTRAL))
        if rule.get("overflow") == "truncate":
            longer = (limit + 1, 2 * limit)
            yield from (Case("a" * size, f"{size} characters, to be cut", (), "overflow") for size in longer)
    if "maxLengthChinese" in rule and binds(rule, "maxLengthChinese"):
        limit = rule["maxLengthChinese"]
        yield Case(_HAN * limit, f"{limit} Chinese characters", (), "maxLengthChinese")
    if "maxLength" in rule.get("advice", {}):
        yield Case("a" * (rule["advice"]["maxLength"] + 1), "more characters than advised", (), "advice")


def bad_scalars(rule: Mapping[str, Json]) -> Iterator[Case]:
    """Values of the right type that break one keyword."""
    choices = rule.get("enum", ())
    if choices:
        yield from (Case(value, f"{value!r} is no choice", (), "enum") for value in _near_choices(choices))
    for keyword, sign in (("minimum", -1), ("maximum", 1)):
        if keyword in rule:
            beyond = (rule[keyword] + sign, rule[keyword] + sign * _FAR)
            yield from (Case(value, f"{value} beyond the {keyword}", (), keyword) for value in beyond)
    if rule.get("minLength", 0):
        yield Case("a" * (rule["minLength"] - 1), "one character too few", (), "minLength")
    if "maxLength" in rule:
        size = rule["maxLength"] + 1
        yield from (Case(one * size, f"{size} characters", (), "maxLength") for one in ("a", _ASTRAL))
    if "maxLengthChinese" in rule:
        size = rule["maxLengthChinese"] + 1
        yield Case(_HAN * size, f"{size} Chinese characters", (), "maxLengthChinese")


def _near_choices(choices: list[Json]) -> list[Json]:
    """Values that are almost one of `choices`: another case, a space, the next number."""
    near: list[Json] = []
    for choice in choices:
        if isinstance(choice, str):
            near += [choice.upper(), choice.lower(), choice.title(), f" {choice}", f"{choice} ", choice[:-1]]
        elif isinstance(choice, int):
            near += [choice - 1, choice + 1]
    near += [UNKNOWN_KEY, ""] if isinstance(choices[0], str) else [-1, 0, _FAR]
    return [value for value in dict.fromkeys(near) if value not in choices]
