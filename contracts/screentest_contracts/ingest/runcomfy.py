"""RunComfy's model pages: a JSON Schema with limits in its descriptions, in whatever language the page is.

Headings are not trusted, because untranslated pages print keys (``modelApiDoc_h3InputSchema``) in their place: the
schema is known by its form.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from screentest_contracts.ingest.fragment import Answer, Endpoint, Findings, Fragment
from screentest_contracts.ingest.json_blocks import Block, blocks, loose_json
from screentest_contracts.ingest.page import Page, PageError, check_size
from screentest_contracts.ingest.pricing import dated, rates
from screentest_contracts.ingest.properties import pointer, with_prose
from screentest_contracts.reading import Json

NAME = "runcomfy"

_NUMBERS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
_COUNTS = ("minLength", "maxLength", "minItems", "maxItems")
_READ = frozenset({*_NUMBERS, *_COUNTS, "enum", "const", "pattern", "items"})
_ASIDE = frozenset({"type", "title", "description", "default", "format", "validations"})
_TYPES = frozenset({"string", "integer", "number", "boolean", "array", "object"})
_FORMATS = re.compile(r"(image|video|audio)_uris?")
_RULE = {"validation_rule": "rule", "validation_value": "value"}

_CURL = re.compile(r"curl\s+--request\s+([A-Z]+)[\s\\]+--url\s+(https?)://([^\s/]+)(/\S*)")
_MODEL = re.compile(r"/v\d+/models/([^\s?\"'\\]+)")
_LABEL = re.compile(r"(?<![\w/])([a-z0-9][\w.-]*(?:/[\w.-]+){2,4})(?![\w/])")
_DATA = re.compile(r"--data\s+['‘’](?=\s*\{)")
_QUOTED = r"[\"“]([a-z]+(?:_[a-z]+)*)[\"”]"
_STATES = re.compile(rf"{_QUOTED}(?:\s*,?\s*(?:or|and|ou|et)?\s*{_QUOTED}){{2,}}")
_FILES = re.compile(r"\b(image|vid[eé]o)s?\s*(?:≤|<=|up to)\s*(\d+)\s*(?:MB|Mo)\b", re.IGNORECASE)


def known_by(text: str) -> bool:
    """Whether this looks like one of RunComfy's pages."""
    return "modelApiDoc_" in text or "model-api.runcomfy.net" in text or "runcomfy.com" in text.lower()


def ingest(page: Page) -> Fragment:
    """The page as a fragment; raises `PageError` for one without a schema or a model id."""
    findings = Findings()
    found = list(blocks(page.text))
    schema = _input_schema(found, page)
    check_size(len(schema["properties"]), page.name)
    endpoints = tuple(Endpoint(method=m, host=host, path=path) for m, _, host, path in _CURL.findall(page.text))
    model_id = _model_id(endpoints, page)
    properties = {name: _property(name, rule, findings) for name, rule in schema["properties"].items()}
    fragment = Fragment(
        provider=NAME,
        page=page.name,
        model_id=model_id,
        properties=properties,
        required=_required(schema.get("required"), findings),
        example=_example(page.text, findings),
        rates=rates(page.text, _tiers(properties), findings),
        seen=dated(page.text),
        endpoints=tuple(dict.fromkeys(_templates(endpoints, model_id))),
        answer=_answer(found, findings),
        files={kind.lower().replace("é", "e"): int(size) for kind, size in _FILES.findall(page.text)} or None,
        states=_states(page.text),
        all_states=bool(_states(page.text)),
        words=_words(schema["properties"]),
    )
    return findings.told(fragment)


def _input_schema(found: list[Block], page: Page) -> dict[str, Any]:
    for block in found:
        value = block.value
        if isinstance(value, dict) and value.get("type") == "object" and isinstance(value.get("properties"), dict):
            return value
    raise PageError(
        f"{page.name}: no input schema (a JSON object with properties) could be read; save the model's API page"
    )


def _model_id(endpoints: tuple[Endpoint, ...], page: Page) -> str:
    """The model of the page: in the address that its example is sent to, else in the line under its title."""
    for endpoint in endpoints:
        if endpoint.method == "POST" and (found := _MODEL.fullmatch(endpoint.path)):
            return found[1]
    for line in page.text.splitlines():
        if found := _LABEL.fullmatch(line.strip()):
            return found[1]
    raise PageError(f"{page.name}: no model id (…/v1/models/<id>) could be read; save the model's API page")


def _templates(endpoints: tuple[Endpoint, ...], model_id: str) -> list[Endpoint]:
    """The endpoints with the model id as the parameter that it is."""
    return [
        Endpoint(method=one.method, host=one.host, path=one.path.replace(model_id, "{model_id...}"))
        for one in endpoints
    ]


def _required(names: Json, findings: Findings) -> tuple[str, ...] | None:
    if names is None:
        return ()
    if not isinstance(names, list):
        findings.unread("/input/required", "which inputs are required")
        return None
    return tuple(dict.fromkeys(str(name) for name in names))


def _property(name: str, rule: Json, findings: Findings) -> dict[str, Json]:
    at = pointer(name)
    if not isinstance(rule, dict):
        findings.unread(at, "no schema")
        return {}
    for keyword in sorted(set(rule) - _READ - _ASIDE):
        findings.unread(f"{at}/{keyword}", "a keyword that we do not know")
    schema: dict[str, Json] = {}
    kind = _type(rule.get("type"))
    if kind:
        schema["type"] = kind
    else:
        findings.unread(f"{at}/type", f"the type {str(rule.get('type'))[:40]!r}")
    for keyword in (word for word in rule if word in _READ and rule[word] is not None):
        if _makes_sense(keyword, rule[keyword]):
            schema[keyword] = rule[keyword]
        else:
            findings.unread(f"{at}/{keyword}", f"the value {str(rule[keyword])[:40]!r}")
    if found := _FORMATS.fullmatch(str(rule.get("format"))):
        schema["media"] = {"kind": found[1]}
    _default(schema, rule.get("default"), findings, at)
    if "validations" in rule:
        schema["validations"] = _validations(rule["validations"], findings, f"{at}/validations")
    return with_prose(name, schema, str(rule.get("description") or ""), findings)


def _type(said: Json) -> str | None:
    """One of the types of JSON Schema; that it may be null too makes no difference to what is sent."""
    words = [word for word in said if word != "null"] if isinstance(said, list) else [said]
    word = words[0] if len(words) == 1 else None
    return next((one for one in _TYPES if one == ("number" if word == "float" else word)), None)


def _makes_sense(keyword: str, value: Json) -> bool:
    """Whether a keyword has a value of the kind that it takes."""
    if keyword in _NUMBERS:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if keyword in _COUNTS:
        return isinstance(value, int) and not isinstance(value, bool)
    if keyword == "enum":
        return isinstance(value, list) and all(isinstance(one, str | int | float | None) for one in value)
    return isinstance(value, {"items": dict, "pattern": str}.get(keyword, object))


def _default(schema: dict[str, Json], default: Json, findings: Findings, at: str) -> None:
    """A default counts, but not a sample text: that is somebody's prose, and no value of its own."""
    if default is None:
        return
    if isinstance(default, str) and "enum" not in schema and (" " in default.strip() or not default):
        findings.note(f"{at}/default", "a sample text, left out")
        return
    schema["default"] = default


def _validations(rules: Json, findings: Findings, at: str) -> list[Json]:
    found = []
    for index, rule in enumerate(rules if isinstance(rules, list) else ()):
        named = {ours: rule.get(theirs) for theirs, ours in _RULE.items()} if isinstance(rule, dict) else {}
        said, value = named.get("rule"), named.get("value")
        if isinstance(said, str) and isinstance(value, int | float):
            found.append({"rule": said.replace(" ", ""), "value": value})
        else:
            findings.unread(f"{at}/{index}", "a rule without a name or a number")
    return found


def _tiers(properties: Mapping[str, Mapping[str, Json]]) -> list[str]:
    return [str(value) for rule in properties.values() for value in rule.get("enum", ()) if isinstance(value, str)]


def _example(text: str, findings: Findings) -> Mapping[str, Json]:
    found = _DATA.search(text)
    value = loose_json(text[found.end() :].lstrip()) if found else None
    if not isinstance(value, dict):
        findings.unread("/example", "the example request")
        return {}
    return value


def _answer(found: list[Block], findings: Findings) -> Answer | None:
    for block in found:
        output = block.value.get("output") if isinstance(block.value, dict) else None
        if isinstance(output, dict) and isinstance(output.get("properties"), dict):
            return Answer(fields=output["properties"], complete=True, inside=("output",))
    findings.unread("/answer", "the output schema")
    return None


def _states(text: str) -> tuple[str, ...]:
    """Every word of the status, where a line of the page quotes them."""
    for found in _STATES.finditer(text):
        words = re.findall(_QUOTED, found[0])
        if "in_progress" in words:
            return tuple(dict.fromkeys(words))
    return ()


def _words(properties: Mapping[str, Json]) -> dict[str, str]:
    return {
        f"{pointer(name)}/{key}": str(rule[key])
        for name, rule in properties.items()
        if isinstance(rule, dict)
        for key in ("title", "description")
        if rule.get(key)
    }
