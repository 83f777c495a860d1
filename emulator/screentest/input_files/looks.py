"""Which files of a job's input have to be looked at, and where each of them is. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from msgspec import Struct

from screentest.input_files import data_uri
from screentest_contracts.keywords import enforcement
from screentest_contracts.reading import Json
from screentest_contracts.schema import InputSchema
from screentest_contracts.urls import is_loopback
from screentest_contracts.violation import Path

OUTSIDE = "media.outside-inputs"
"""The assumption that decides about files elsewhere: assume-valid, unreachable or fetch."""

_ENFORCED = ("submit", "generation")


class Look(Struct, frozen=True, kw_only=True):
    """One file to look at.

    `where` is data (in the URL itself), loopback (a server on this machine), asset (in the provider's own storage,
    which is emulated), or outside, as are ids of storages that nobody emulates. `media` and `validations` are the
    rules to judge it by.
    """

    at: Path
    url: str
    where: str
    media: Mapping[str, Json]
    validations: Sequence[Mapping[str, Json]]

    @property
    def field(self) -> str:
        """The property's name; for an item of a list with its number, from 0."""
        return ".".join(map(str, self.at))

    def step(self, outside: str) -> str:
        """What to do about it under a choice of `OUTSIDE`: read, skip (it counts as valid), or fail (unreachable)."""
        if self.where in ("data", "loopback", "asset"):
            return "read"
        return {"assume-valid": "skip", "unreachable": "fail", "fetch": "read"}[outside]


def plan_of_checks(schema: InputSchema, inputs: Mapping[str, Json]) -> tuple[Look, ...]:
    """Every file that an accepted input names, in the order of the schema."""
    if not schema.names_files:
        return ()
    return tuple(_looks(schema.source, inputs, ()))


def where_is(url: str) -> str:
    """data, loopback, asset or outside, by the URL alone; what a name resolves to is for the fetch to see."""
    if data_uri.is_data_uri(url):
        return "data"
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return "outside"
    if parts.scheme == "runflow":
        return "asset"
    return "loopback" if parts.scheme in ("http", "https") and is_loopback(host) else "outside"


def _looks(rule: Mapping[str, Json], value: Json, at: Path) -> Iterator[Look]:
    if isinstance(value, dict):
        for name, child in rule.get("properties", {}).items():
            if name in value:
                yield from _looks(child, value[name], (*at, name))
    elif isinstance(value, list):
        inherited = {key: rule[key] for key in ("media", "validations", "enforced") if key in rule}
        for index, item in enumerate(value):
            yield from _looks(inherited | rule.get("items", {}), item, (*at, index))
    elif isinstance(value, str) and value:
        media = _enforced(rule, "media", {})
        validations = _enforced(rule, "validations", ())
        if media or validations:
            yield Look(at=at, url=value, where=where_is(value), media=media, validations=validations)


def _enforced(rule: Mapping[str, Json], keyword: str, nothing: Json) -> Json:
    """The property's rule of that name, unless it is advice only."""
    return rule[keyword] if keyword in rule and enforcement(rule, keyword) in _ENFORCED else nothing
