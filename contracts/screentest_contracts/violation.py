"""One rule that a value breaks, and how it is said."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct, structs

from screentest_contracts.pointers import joined
from screentest_contracts.reading import Json

Path = tuple[str | int, ...]

_NAMES = {bool: "boolean", int: "number", float: "number", str: "string", list: "array", dict: "object"}


class Violation(Struct, frozen=True, kw_only=True):
    """One rule that a value breaks.

    `at` is the path of the offending value (for a missing or surplus property: of that property), `keyword` the rule,
    `got` and `want` its two sides in words; `several` choices, or missing properties, are meant by `want`.
    """

    at: Path
    keyword: str
    got: str = ""
    want: str = ""
    several: bool = False

    @property
    def pointer(self) -> str:
        return joined(self.at)

    @property
    def field(self) -> str:
        return ".".join(str(token) for token in self.at)

    def worded(self, template: str) -> str:
        """The violation in a provider's wording; placeholders {field} {pointer} {parent} {property} {got} {want}."""
        return template.format(
            field=self.field,
            pointer=self.pointer,
            parent=joined(self.at[:-1]),
            property=str(self.at[-1]) if self.at else "",
            got=self.got,
            want=self.want,
        )


def together(violations: Iterable[Violation]) -> list[Violation]:
    """The violations, those that tell of properties which one object lacks as one."""
    told: dict[object, list[Violation]] = {}
    for number, one in enumerate(violations):
        told.setdefault(one.at[:-1] if one.keyword == "required" else number, []).append(one)
    return [
        structs.replace(some[0], want=listed([one.at[-1] for one in some]), several=True) if len(some) > 1 else some[0]
        for some in told.values()
    ]


def json_type(value: Json) -> str:
    """The JSON name of a value's type; JSON has one for all numbers."""
    return "null" if value is None else _NAMES[type(value)]


def shown(value: Json) -> str:
    """A value in an error message: whole when short, cut when long."""
    text = str(value)
    return text if len(text) <= 80 else text[:77] + "..."


def listed(values: list[Json]) -> str:
    """Choices in an error message: strings quoted, the rest as they are."""
    return ", ".join(f"'{one}'" if isinstance(one, str) else str(one) for one in values)
