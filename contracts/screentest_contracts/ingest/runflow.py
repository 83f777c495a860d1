"""Runflow's model pages: parameter tables (flattened or with cells), a price, limits in prose, a Python example.

The marketing page has three columns and marks nothing as required; the documentation page has more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from screentest_contracts.ingest.enums import cut
from screentest_contracts.ingest.fragment import Answer, Endpoint, Findings, Fragment
from screentest_contracts.ingest.json_blocks import loose_json
from screentest_contracts.ingest.page import Page, PageError, check_size
from screentest_contracts.ingest.pricing import dated, rates
from screentest_contracts.ingest.properties import Parameter, pointer, property_of, type_of
from screentest_contracts.ingest.tables import Table, tables
from screentest_contracts.reading import Json

NAME = "runflow"
MARKETING = ("api-page", "api-pages")
DOCUMENTATION = ("model-page", "model-pages")

_LABEL = re.compile(r"(?<![\w/.])([a-z0-9][\w.-]*(?:/[\w.-]+){1,4})(?![\w/])")
_POST = re.compile(r"(?:requests\.post\(\s*|\bPOST\s+|--url\s+)[\"']?https?://([^\s/\"']+)(/[^\s\"']*)")
_JSON = re.compile(r"(?:\bjson\s*=\s*|--data\s+'|-d\s+')(?=\{)")
_READS = re.compile(r"\b(?:data|result|response\.json\(\))((?:\[(?:\"\w+\"|'\w+'|\d+)\])+)")
_STEP = re.compile(r"\[[\"']?(\w+)[\"']?\]")
_HEADER = re.compile(r"^.*\b(?:Aspect ratios?|Resolutions?)\s*:.*$", re.MULTILINE | re.IGNORECASE)
_LISTED = re.compile(r"\b(Aspect ratio|Resolution)s?\s*:\s*([^.;]+)", re.IGNORECASE)
_FIELDS = re.compile(r"\b\w+(?:/\w+){2,}(/?\s*etc\.?)?")
_ANY = ("yes", "true", "required", "✓", "✔", "✅")


def known_by(text: str) -> bool:
    """Whether this looks like one of Runflow's pages."""
    return "api.runflow.io" in text or "RUNFLOW_API_KEY" in text


def ingest(page: Page) -> Fragment:
    """The page as a fragment; raises `PageError` for one without a parameter table or a model id."""
    findings = Findings()
    found = list(tables(page.text.splitlines()))
    inputs, outputs = _two_tables(found, page)
    check_size(len(inputs.rows) + len(inputs.unread), page.name)
    posted = _POST.findall(page.text)
    model_id = _model_id(page, [path for _, path in posted])
    example = _example(page.text, findings)
    properties = _properties(inputs, example, findings)
    _listed_above(page.text, properties, findings)
    marked = "required" in inputs.columns
    fragment = Fragment(
        provider=NAME,
        page=page.name,
        model_id=model_id,
        properties=properties,
        required=tuple(row.cells["name"] for row in inputs.rows if _is_required(row.cells)) if marked else None,
        example=example,
        rates=rates(page.text, [str(value) for value in properties.get("resolution", {}).get("enum", ())], findings),
        seen=dated(page.text),
        endpoints=tuple(dict.fromkeys(_endpoint(host, path, model_id) for host, path in posted)),
        answer=_answer(outputs, page.text, findings),
        words={f"{pointer(row.cells['name'])}/description": row.cells.get("description", "") for row in inputs.rows},
        speaks_for=DOCUMENTATION if marked else MARKETING,
    )
    return findings.told(fragment)


def _two_tables(found: Sequence[Table], page: Page) -> tuple[Table, Table | None]:
    if not found:
        raise PageError(
            f"{page.name}: no parameter table (Parameter, Type, Description) could be read; save the model's page"
        )
    return found[0], found[1] if len(found) > 1 else None


def _model_id(page: Page, paths: Iterable[str]) -> str:
    """The model's id, with its owner: the line under the title that the example's address ends with."""
    labels = [found[1] for line in page.text.splitlines() if (found := _LABEL.fullmatch(line.strip()))]
    for label in labels:
        for path in paths:
            if path.endswith((label, label.partition("/")[2])) or f"/{label}/runs" in path:
                return label
    if labels:
        return labels[0]
    raise PageError(f"{page.name}: no model id (<owner>/<model>) could be read; save the model's page")


def _endpoint(host: str, path: str, model_id: str) -> Endpoint:
    for shown in (model_id, model_id.partition("/")[2]):
        path = path.replace(shown, "{model_id...}") if f"/{shown}" in path else path
    return Endpoint(method="POST", host=host, path=path)


def _properties(table: Table, example: Mapping[str, Json], findings: Findings) -> dict[str, dict[str, Json]]:
    for line in table.unread:
        findings.unread("/input", f"the row {line[:80]!r}")
    found = {}
    for row in table.rows:
        cells = dict(row.cells)
        values = cells.get("values", "")
        if values.lower() in ("any", "nested fields", "-", "—"):
            cells["values"] = ""
        elif values.lower().startswith("suggested"):
            cells["values"] = ""
            findings.note(pointer(cells["name"]), "suggested values bind nobody, left out")
        parameter = Parameter(
            name=cells["name"],
            type=cells.get("type", ""),
            required=None,
            description=cells.get("description", ""),
            default=cells.get("default", ""),
            values=cells.get("values", ""),
        )
        found[parameter.name] = property_of(parameter, example, findings)
    return found


def _is_required(cells: Mapping[str, str]) -> bool:
    return cells.get("required", "").strip().lower() in _ANY


def _listed_above(text: str, properties: Mapping[str, dict[str, Json]], findings: Findings) -> None:
    """Values that the page's first lines list (``Aspect ratios: 16:9, 9:16.``), where the table lists none."""
    header = _HEADER.search(text)
    for noun, listed in _LISTED.findall(header[0]) if header else ():
        name = noun.lower().replace(" ", "_")
        values = cut(listed)
        rule = properties.get(name)
        if rule is None or rule.get("type") != "string":
            findings.note(
                "", f"the first lines list {noun.lower()}s, but the table has no such parameter; the table wins"
            )
        elif values is None:
            findings.unread(f"{pointer(name)}/enum", f"the values of {listed[:80]!r}")
        elif rule.setdefault("enum", values) != values:
            findings.note(pointer(name), "the first lines list other values than the table; the table wins")


def _example(text: str, findings: Findings) -> Mapping[str, Json]:
    found = _JSON.search(text)
    value = loose_json(text[found.end() :]) if found else None
    if not isinstance(value, dict):
        findings.unread("/example", "the example request")
        return {}
    inner = value.get("input")
    return inner if isinstance(inner, dict) else value


def _answer(table: Table | None, text: str, findings: Findings) -> Answer | None:
    if table is None:
        findings.unread("/answer", "the output table")
        return None
    fields: dict[str, Json] = {}
    for row in table.rows:
        kind = type_of(row.cells.get("type", ""))
        if kind is None:
            findings.unread(f"/answer/{row.cells['name']}", f"the type {row.cells.get('type')!r}")
        kind = dict(kind or {})
        kind.pop("media", None)
        fields[row.cells["name"]] = kind | _inner_fields(row.cells.get("description", ""))
    for line in table.unread:
        findings.unread("/answer", f"the row {line[:80]!r}")
    for path in _READS.findall(text):
        _at_path(fields, _STEP.findall(path))
    return Answer(fields=fields, complete=True)


def _inner_fields(description: str) -> dict[str, Json]:
    """The fields of each entry, where a description lists them: ``url/type/width/etc.``"""
    found = _FIELDS.search(description)
    if not found:
        return {}
    names = [name for name in found[0].split("/") if not name.startswith("etc")]
    return {"items": {"properties": {name: {} for name in names}}}


def _at_path(fields: dict[str, Json], steps: Sequence[str]) -> None:
    """Adds the field that the page's example reads, `steps` down; numbers are items of a list."""
    first, *rest = steps
    node = fields.setdefault(first, {})
    for step in rest:
        if step.isdigit():
            node = node.setdefault("items", {})
        else:
            node = node.setdefault("properties", {}).setdefault(step, {})
