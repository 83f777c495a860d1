"""One input of a model: what its line, row or schema on a page states, as a property of a contract."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from msgspec import Struct

from screentest_contracts.ingest.enums import cut
from screentest_contracts.ingest.fragment import Findings
from screentest_contracts.ingest.json_blocks import loose_json
from screentest_contracts.ingest.prose import number, read_prose
from screentest_contracts.reading import Json, pointer_token

TYPES: Mapping[str, Mapping[str, Json]] = {
    "string": {"type": "string"},
    "text": {"type": "string"},
    "integer": {"type": "integer"},
    "int": {"type": "integer"},
    "number": {"type": "number"},
    "float": {"type": "number"},
    "boolean": {"type": "boolean"},
    "bool": {"type": "boolean"},
    "object": {"type": "object"},
    "array": {"type": "array"},
    "json": {},
    "enum": {"type": "enum"},
    **{kind: {"type": "string", "media": {"kind": kind}} for kind in ("image", "video", "audio")},
    **{
        f"{kind}_list": {"type": "array", "items": {"type": "string"}, "media": {"kind": kind}}
        for kind in ("image", "video", "audio")
    },
}
"""What the type words of parameter lists mean; ``json`` is any value, ``enum`` takes the type of its values."""

_NOUNS = {"image": "image", "photo": "image", "frame": "image", "mask": "image", "picture": "image"}
_NOUNS |= {"video": "video", "clip": "video", "audio": "audio", "voice": "audio"}
_NAMES_FILE = re.compile(rf"(?:^|_)({'|'.join(_NOUNS)})s?(?:_(?:url|uri|file)s?)?(?:_\d+)?$")


class Parameter(Struct, frozen=True, kw_only=True):
    """One line of a parameter list as printed. `required` is None where it is not marked; absent texts are ""."""

    name: str
    type: str
    required: bool | None
    description: str = ""
    default: str = ""
    values: str = ""


def pointer(name: str) -> str:
    """Where a property of the input stands in a model's file."""
    return f"/input/properties/{pointer_token(name)}"


def property_of(parameter: Parameter, example: Mapping[str, Json], findings: Findings) -> dict[str, Json]:
    """The property that a parameter list describes; `example` is a request of the page, for the types of values."""
    at = pointer(parameter.name)
    schema = type_of(parameter.type)
    if schema is None:
        findings.unread(at, f"the type {parameter.type!r}")
        schema = {}
    used = example.get(parameter.name)
    if parameter.values:
        known = [word for word in (parameter.default, used if isinstance(used, str) else "") if word]
        values = cut(parameter.values, known)
        if values is None:
            findings.unread(f"{at}/enum", f"where the values of {parameter.values[:80]!r} begin and end")
        schema["enum"] = values
    if schema.get("type") == "enum":
        schema["type"] = _type_of_values(schema.get("enum"), used)
    _typed(schema, parameter.default, findings, at)
    return with_prose(parameter.name, schema, parameter.description, findings)


def type_of(word: str) -> dict[str, Json] | None:
    """The JSON type that a type word means; None for a word we do not know."""
    word = word.strip().lower()
    if word.endswith("[]"):
        inner = type_of(word[:-2])
        return None if inner is None else {"type": "array", "items": inner}
    found = TYPES.get(word)
    return None if found is None else dict(found)


def with_prose(name: str, schema: dict[str, Json], description: str, findings: Findings) -> dict[str, Json]:
    """`schema` with what its description states; what the list itself says wins over it."""
    at = pointer(name)
    kind = schema.get("media", {}).get("kind") or media_kind(name, schema)
    known = {str(value) for value in (*(schema.get("enum") or ()), schema.get("default"))}
    known |= {str(schema[key]) for key in ("minimum", "maximum") if key in schema}
    stated = read_prose(description, schema.get("type", ""), media=bool(kind), known=known)
    for keyword, value in stated.keywords.items():
        if "enum" in schema and keyword in ("minimum", "maximum"):
            _agree(schema["enum"], keyword, value, lambda text: findings.note(at, text))
        elif schema.get(keyword, value) != value:
            findings.note(at, f"the description says {keyword} {value}, the list {schema[keyword]}; the list wins")
        else:
            schema[keyword] = value
    if kind or stated.media:
        schema["media"] = {**({"kind": kind} if kind else {}), **schema.get("media", {}), **stated.media}
    for sentence in stated.unread:
        findings.unread(f"{at}/description", f"a number in {sentence!r}")
    return schema


def media_kind(name: str, schema: Mapping[str, Json]) -> str:
    """Which kind of file a property holds, by its name; "" for one that holds none."""
    found = _NAMES_FILE.search(name)
    holds = schema.get("type") in ("string", "array") and "enum" not in schema
    return _NOUNS[found[1]] if found and holds else ""


def _agree(values: Json, keyword: str, stated: float, note: Callable[[str], None]) -> None:
    numbers = [number(str(value)) for value in values or () if re.fullmatch(r"\d+(\.\d+)?", str(value))]
    if numbers and stated != (min(numbers) if keyword == "minimum" else max(numbers)):
        note(f"the description says {keyword} {stated}, the list of values otherwise; the list wins")


def _type_of_values(values: list[str] | None, used: Json) -> str:
    """The type of an ``enum``: that of the value in the page's example, else as the values look."""
    if isinstance(used, str) or not values:
        return "string"
    return "integer" if all(re.fullmatch(r"-?\d+", value) for value in values) else "string"


def _typed(schema: dict[str, Json], default: str, findings: Findings, at: str) -> None:
    """Default and values as the JSON values that they stand for."""
    kind = schema.get("type", "string")
    if schema.get("enum", 0) is None:
        del schema["enum"]
    try:
        if "enum" in schema:
            schema["enum"] = [_value(word, kind) for word in schema["enum"]]
        if default and default.lower() not in ("none", "null", "-", "—"):
            schema["default"] = _value(default, kind)
    except ValueError:
        findings.unread(at, f"the value {default!r} as {kind}")


def _value(word: str, kind: str) -> Json:
    """`word` as a JSON value of type `kind`; raises ValueError."""
    word = word.strip().strip("`\"'")
    if kind == "integer":
        return int(word)
    if kind == "number":
        return number(word)
    if kind == "boolean":
        if word.lower() not in ("true", "false"):
            raise ValueError(word)
        return word.lower() == "true"
    if kind in ("array", "object"):
        found = loose_json(word)
        if found is None:
            raise ValueError(word)
        return found
    return word
