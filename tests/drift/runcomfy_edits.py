"""Edits of RunComfy's pages: the JSON Schema, the limits in its descriptions, addresses, answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from drift.editing import Edit, Finding, replaced, with_json

INPUT, OUTPUT = '"required": [', '"output": {'
HOST = "https://model-api.runcomfy.net"
ANSWER = "/schemas/Result/properties/output/properties"

_PROSE = {
    "≥ 400 px": ("≥ 512 px", "short_side_min"),
    "recommandé 720P": ("recommandé 1080P", "short_side_recommended"),
    "max 10 Mo": ("max 20 Mo", "max_megabytes"),
    "Min 300px": ("Min 320px", "side_min"),
    "between 1:2.5 and": ("between 1:3 and", "ratio_min"),
    "and 2.5:1": ("and 3:1", "ratio_max"),
    "max 10MB": ("max 8MB", "max_megabytes"),
    "JPEG, JPG, PNG, or WEBP": ("JPEG, JPG, PNG, BMP, or WEBP", "formats"),
    "Format : JPEG, JPG, PNG ou WEBP. Côté": ("Format : JPEG, JPG ou PNG. Côté", "formats"),
}
"""Phrases of image rules, as they could read tomorrow, and the rule that they state."""


def edits(page: str, text: str) -> Iterator[Edit]:
    """Every edit of one page."""
    schema = _schema(text)
    for name, rule in schema["properties"].items():
        yield from _property(page, text, schema, name, rule)
        yield from _values(page, text, name, rule)
        yield from _bounds(page, text, name, rule)
        yield from _validations(page, text, name, rule)
        yield from _words(page, text, name, rule)
    yield from _prose(page, text, schema)
    yield from _added(page, text)
    yield from _answers(page, text)
    yield from _addresses(page, text)
    yield from _rest(page, text)


def _schema(text: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    with_json(text, INPUT, found.update)
    return found


def _edit(page: str, text: str, name: str, change: Callable[[dict[str, Any]], Any], *expected: Finding) -> Edit:
    return Edit(name=name, page=page, text=with_json(text, INPUT, change), expected=expected)


def _set(name: str, keyword: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(whole: dict[str, Any]) -> None:
        whole["properties"][name][keyword] = value

    return change


def _drop(name: str, keyword: str) -> Callable[[dict[str, Any]], None]:
    def change(whole: dict[str, Any]) -> None:
        del whole["properties"][name][keyword]

    return change


def _at(name: str, keyword: str = "") -> str:
    return f"/input/properties/{name}" + (f"/{keyword}" if keyword else "")


def _property(page: str, text: str, schema: dict[str, Any], name: str, rule: dict[str, Any]) -> Iterator[Edit]:
    def remove(whole: dict[str, Any]) -> None:
        del whole["properties"][name]
        whole["required"] = [one for one in whole["required"] if one != name]

    def turn(whole: dict[str, Any]) -> None:
        whole["required"] = (
            [one for one in whole["required"] if one != name]
            if name in whole["required"]
            else [*whole["required"], name]
        )

    yield _edit(page, text, f"{name} goes", remove, ("property-removed", _at(name)))
    kind = "required-removed" if name in schema["required"] else "required-added"
    yield _edit(page, text, f"{name} {kind}", turn, (kind, "/input/required"))
    other = "array" if rule["type"] == "string" else "string"
    yield _edit(
        page,
        text,
        f"{name} becomes {other}",
        _set(name, "type", other),
        ("property-retyped", _at(name, "type")),
    )


def _values(page: str, text: str, name: str, rule: dict[str, Any]) -> Iterator[Edit]:
    for value in rule.get("enum", ()):
        if value != rule.get("default"):
            yield _edit(
                page,
                text,
                f"{name} loses {value}",
                _set(name, "enum", [one for one in rule["enum"] if one != value]),
                ("enum-value-removed", _at(name, "enum")),
            )
    if "enum" in rule:
        more = max(rule["enum"]) + 1 if rule["type"] == "integer" else "5:4" if "ratio" in name else "4K"
        yield _edit(
            page,
            text,
            f"{name} gains {more}",
            _set(name, "enum", [*rule["enum"], more]),
            ("enum-value-added", _at(name, "enum")),
        )
        yield _edit(
            page,
            text,
            f"{name} takes anything",
            _drop(name, "enum"),
            *_without_values(name, rule),
        )
    if "default" in rule and " " not in str(rule["default"]):
        yield from _default(page, text, name, rule)


def _without_values(name: str, rule: dict[str, Any]) -> tuple[Finding, ...]:
    """A list of numbers that is gone while the description still gives the range: the same range as bounds."""
    return () if rule["type"] == "integer" and rule["description"] else (("bound-loosened", _at(name, "enum")),)


def _default(page: str, text: str, name: str, rule: dict[str, Any]) -> Iterator[Edit]:
    was = rule["default"]
    now = not was if isinstance(was, bool) else rule["enum"][0] if "enum" in rule else f"{was}x"
    now = rule["enum"][-1] if now == was and "enum" in rule else now
    now = 7 if name == "seed" else now
    expected = ("default-changed", _at(name, "default"))
    yield _edit(page, text, f"{name} default {now}", _set(name, "default", now), expected)
    yield _edit(page, text, f"{name} no default", _drop(name, "default"), expected)


def _bounds(page: str, text: str, name: str, rule: dict[str, Any]) -> Iterator[Edit]:
    for keyword, lower in (("minimum", True), ("maximum", False), ("maxLength", False)):
        if keyword not in rule:
            continue
        for step in (1, -1):
            kind = "bound-tightened" if (step > 0) == lower else "bound-loosened"
            yield _edit(
                page,
                text,
                f"{name} {keyword} {step:+}",
                _set(name, keyword, rule[keyword] + step),
                (kind, _at(name, keyword)),
            )
        if keyword != "maxLength":  # the description states that one too
            yield _edit(
                page,
                text,
                f"{name} no {keyword}",
                _drop(name, keyword),
                ("bound-loosened", _at(name, keyword)),
            )
    if rule["type"] == "boolean":
        return
    if "enum" not in rule and "maxLength" not in rule and rule["type"] == "string":
        yield _edit(
            page,
            text,
            f"{name} maxLength 900",
            _set(name, "maxLength", 900),
            ("bound-tightened", _at(name, "maxLength")),
        )


def _validations(page: str, text: str, name: str, rule: dict[str, Any]) -> Iterator[Edit]:
    rules = rule.get("validations", [])
    for index, one in enumerate(rules):
        at = _at(name, "validations/" + one["validation_rule"].replace("/", "~1"))
        yield _edit(
            page,
            text,
            f"{name} {one['validation_rule']} other",
            _set(name, "validations", [*rules[:index], {**one, "validation_value": 17}, *rules[index + 1 :]]),
            ("media-rule-changed", at),
        )
        yield _edit(
            page,
            text,
            f"{name} {one['validation_rule']} goes",
            _set(name, "validations", [*rules[:index], *rules[index + 1 :]]),
            ("media-rule-changed", at),
        )


def _words(page: str, text: str, name: str, rule: dict[str, Any]) -> Iterator[Edit]:
    for keyword in ("title", "description"):
        yield _edit(
            page,
            text,
            f"{name} {keyword} in other words",
            _set(name, keyword, rule[keyword] + " Autrement dit."),
            ("wording-only", _at(name, keyword)),
        )


def _prose(page: str, text: str, schema: dict[str, Any]) -> Iterator[Edit]:
    for name, rule in schema["properties"].items():
        for old, (new, keyword) in _PROSE.items():
            if old in rule["description"]:
                yield Edit(
                    name=f"{name}: {old} becomes {new}",
                    page=page,
                    text=replaced(text, old, new),
                    expected=(("media-rule-changed", _at(name, f"media/{keyword}")),),
                )
    chinese = {"2500 Chinese": "2000 Chinese", "2 500 caractères chinois": "2 000 caractères chinois"}
    for old, new in chinese.items():
        if old in text:
            expected = (("bound-tightened", _at("prompt", "maxLengthChinese")),)
            yield Edit(name=f"{old} becomes {new}", page=page, text=replaced(text, old, new), expected=expected)
    if "500 caractères pour" in text:
        yield Edit(
            name="advice of 400",
            page=page,
            text=replaced(text, "de 500 caractères", "de 400 caractères"),
            expected=(("wording-only", _at("prompt", "advice")),),
        )


def _added(page: str, text: str) -> Iterator[Edit]:
    lens = {"title": "Lens", "description": "The lens.", "type": "string"}

    def optional(whole: dict[str, Any]) -> None:
        whole["properties"]["lens"] = lens

    def required(whole: dict[str, Any]) -> None:
        whole["properties"]["lens"] = lens
        whole["required"].append("lens")

    def callback(whole: dict[str, Any]) -> None:
        whole["properties"]["webhook_url"] = {"title": "Webhook", "description": "Who is told.", "type": "string"}

    yield _edit(page, text, "lens comes", optional, ("property-added-optional", _at("lens")))
    yield _edit(page, text, "lens comes, required", required, ("property-added-required", _at("lens")))
    yield _edit(page, text, "webhook comes", callback, ("callback-changed", _at("webhook_url")))


def _answers(page: str, text: str) -> Iterator[Edit]:
    for name in ("image", "video", "images", "videos"):
        yield _answer(page, text, f"answer loses {name}", name, None, ("output-field-removed", f"{ANSWER}/{name}"))
        retyped = ("output-field-retyped", f"{ANSWER}/{name}/type")
        yield _answer(page, text, f"answer has {name} as object", name, "object", retyped)
    come = ("output-field-added", f"{ANSWER}/poster")
    yield _answer(page, text, "answer gains poster", "poster", "string", come)


def _answer(page: str, text: str, name: str, field: str, kind: str | None, expected: Finding) -> Edit:
    """The page with another type of one field of the answer; None takes the field away."""

    def change(whole: dict[str, Any]) -> None:
        fields = whole["output"]["properties"]
        if kind is None:
            del fields[field]
        else:
            fields[field] = {**fields.get(field, {}), "type": kind}

    return Edit(name=name, page=page, text=with_json(text, OUTPUT, change), expected=(expected,))


def _addresses(page: str, text: str) -> Iterator[Edit]:
    for name in ("status", "result", "cancel"):
        yield Edit(
            name=f"{name} moves",
            page=page,
            text=replaced(text, f"/v1/requests/{{request_id}}/{name}", f"/v2/requests/{{request_id}}/{name}"),
            expected=(("endpoint-changed", f"/operations/{name}/path"),),
        )
    yield Edit(
        name="submit moves",
        page=page,
        text=replaced(text, f"{HOST}/v1/models/", f"{HOST}/v2/models/"),
        expected=(("endpoint-changed", "/operations/submit/path"),),
    )
    yield Edit(
        name="cancel by DELETE",
        page=page,
        text=_cancel_by_delete(text),
        expected=(("endpoint-changed", "/operations/cancel/path"),),
    )
    yield Edit(
        name="another host",
        page=page,
        text=replaced(text, HOST, "https://api.runcomfy.example"),
        expected=tuple(
            ("endpoint-changed", f"/operations/{one}/path") for one in ("submit", "status", "result", "cancel")
        ),
    )


def _cancel_by_delete(text: str) -> str:
    head, _, tail = text.rpartition("curl --request POST")
    return f"{head}curl --request DELETE{tail}"


def _rest(page: str, text: str) -> Iterator[Edit]:
    slug = next(line for line in text.splitlines() if "/v1/models/" in line).partition("/v1/models/")[2].split()[0]
    yield Edit(
        name="another model",
        page=page,
        text=replaced(text, slug, slug.replace("-to-video", "-to-video-turbo")),
        expected=(("model-added", ""),),
    )
    headline = "modelApiDoc_authP1" if "modelApiDoc_authP1" in text else "2. Authentication"
    yield Edit(
        name="a price comes",
        page=page,
        text=replaced(text, headline, f"$0.21/second {headline}"),
        expected=(("price-changed", "/price"),),
    )
    if "images ≤ 50 MB" in text:
        for old, new, kind in (("≤ 50 MB", "≤ 40 MB", "image"), ("≤ 100 MB", "≤ 200 MB", "video")):
            at = f"/file_inputs/recommended_megabytes/{kind}"
            yield Edit(
                name=f"files {new}", page=page, text=replaced(text, old, new), expected=(("media-rule-changed", at),)
            )
    if '"in_queue"' in text:
        yield Edit(
            name="canceled with one l",
            page=page,
            text=replaced(text, '"cancelled"', '"canceled"'),
            expected=(("output-field-retyped", "/lifecycle"),),
        )
