"""The keywords of a model's input schema, and when each of them is enforced.

They are those of JSON Schema 2020-12 plus a few of our own for what providers say in prose. Each is enforced at a known
moment: `submit` (the request is refused), `generation` (the job fails, once the media was fetched), `advisory` (only an
assumption would enforce it; generators call such a value neither valid nor invalid), or `never` (annotation).
"""

from __future__ import annotations

from collections.abc import Mapping

from screentest_contracts import rules as between
from screentest_contracts.reading import ANNOTATIONS, ContractError, Json, pointer_token, unknown_key

_SCALAR = ("type", "enum", "const", "minimum", "maximum", "minLength", "maxLength", "pattern")
_NESTED = ("minItems", "maxItems", "items", "required", "properties", "additionalProperties")
STANDARD = frozenset({*_SCALAR, *_NESTED})
OURS = {
    "schemes": "submit",  # which URLs a media input may be: https, http, http-loopback, data, runflow-asset, asset
    "maxLengthChinese": "submit",  # a second limit: Chinese characters weigh maxLength / maxLengthChinese
    "rules": "submit",  # of an object: what its properties ask of each other, see `rules`
    "media": "generation",  # what the file behind the URL has to be, see MEDIA
    "validations": "generation",  # RunComfy's own list of media rules
    "overflow": "never",  # "truncate": a string beyond maxLength is cut; "default": any bad value becomes the default
    "empty": "never",  # "absent": an empty string means the property was left out
    "advice": "never",  # "better results" hints; nothing enforces them
    "default": "never",
    "title": "never",
    "description": "never",
    "enforced": "never",  # {"keyword": "advisory" | "submit" | "generation"}: this property's exceptions to the rule
}
ENFORCEMENT = dict.fromkeys(STANDARD, "submit") | OURS
RESPONSE_ONLY = frozenset({"$ref", "oneOf", "format"})
SCHEMES = frozenset({"https", "http", "http-loopback", "data", "runflow-asset", "asset"})

MEDIA = {
    "kind": "image, video or audio",
    "formats": "file formats, lower case",
    "max_megabytes": "weight; how many bytes a megabyte is, is an assumption",
    "max_mebibytes": "weight in units of 2^20 bytes",
    "max_megapixels": "width times height, in millions",
    "side_min": "pixels, of each side",
    "side_max": "pixels, of each side",
    "short_side_min": "pixels",
    "short_side_recommended": "pixels; advice",
    "long_side_max": "pixels",
    "ratio_min": "width over height",
    "ratio_max": "width over height",
    "seconds_min": "length of one file",
    "seconds_max": "length of one file",
    "total_seconds_max": "length of all files of a list together",
    "trim_seconds": "a longer file is cut to this, not refused",
    "fps_min": "frames a second",
    "bounds": "whether all limits are inclusive, exclusive, or as strict as the operators of `validations`",
    "exclusive": "the limits that are exclusive although the others are not",
    "approximate": "the limits that are said to be about so much",
}
"""What a ``media`` rule may say about one file."""

_MEMBERS = {"schemes": SCHEMES, "media": frozenset(MEDIA), "advice": STANDARD}
_MEDIA_KINDS = ("image", "video", "audio")
_WORDS = {"overflow": ("truncate", "default"), "empty": ("absent",)}


def enforcement(rule: Mapping[str, Json], keyword: str) -> str:
    """When `keyword` of this property is enforced: submit, generation, advisory or never."""
    return str(rule.get("enforced", {}).get(keyword, ENFORCEMENT[keyword]))


def binds(rule: Mapping[str, Json], keyword: str) -> bool:
    """Whether a request that breaks this keyword of the property is refused at submit."""
    forgiven = {"truncate": keyword == "maxLength", "default": True}.get(rule.get("overflow", ""), False)
    return enforcement(rule, keyword) == "submit" and not forgiven


def refuse_unknown_keywords(schema: Json, at: str, also: frozenset[str] = frozenset()) -> None:
    """Refuse, at load, any keyword that nothing enforces or reads, and any word of our own that means nothing."""
    if not isinstance(schema, dict):
        raise ContractError(f"{at}: expected a schema object")
    _refuse_unknown_members(schema, at, frozenset(ENFORCEMENT) | also)
    for keyword, members in _MEMBERS.items():
        _refuse_unknown_members(schema.get(keyword, {}), f"{at}/{keyword}", members)
    for keyword, words in _WORDS.items():
        if schema.get(keyword, words[0]) not in words:
            raise ContractError(f"{at}/{keyword}: {schema[keyword]!r} is none of {', '.join(words)}")
    for keyword, when in schema.get("enforced", {}).items():
        if keyword not in ENFORCEMENT or when not in ("submit", "generation", "advisory"):
            raise ContractError(f"{at}/enforced/{keyword}: expected a keyword with submit, generation or advisory")
    if schema.get("media", {}).get("kind", _MEDIA_KINDS[0]) not in _MEDIA_KINDS:
        raise ContractError(f"{at}/media/kind: {schema['media']['kind']!r} is none of {', '.join(_MEDIA_KINDS)}")
    between.refuse_meaningless(schema, at)
    for name, child in schema.get("properties", {}).items():
        refuse_unknown_keywords(child, f"{at}/properties/{pointer_token(name)}", also)
    if "items" in schema:
        refuse_unknown_keywords(schema["items"], f"{at}/items", also)
    for index, child in enumerate(schema.get("oneOf", ())):
        refuse_unknown_keywords(child, f"{at}/oneOf/{index}", also)


def _refuse_unknown_members(node: Mapping[str, Json], at: str, known: frozenset[str]) -> None:
    for name in node:
        if name not in known and name not in ANNOTATIONS:
            raise unknown_key(at, name, known)
