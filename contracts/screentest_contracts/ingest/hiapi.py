"""HiAPI's model pages: a list of parameters, each a line ``name type required``, its text, its default and its values.

The list is flat: what belongs to ``input`` and what to ``callback`` follows from their order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct, structs

from screentest_contracts.ingest.fragment import Answer, Endpoint, Findings, Fragment
from screentest_contracts.ingest.json_blocks import blocks
from screentest_contracts.ingest.page import Page, PageError, check_size
from screentest_contracts.ingest.pricing import dated, rates
from screentest_contracts.ingest.properties import Parameter, pointer, property_of
from screentest_contracts.ingest.tables import Row, tables
from screentest_contracts.reading import Json

NAME = "hiapi"
OUTER = ("model", "input", "callback", "route", "storage")
"""What stands beside the input in a request."""

_LINE = re.compile(
    r"[•*-]?\s*`?([A-Za-z_]\w*(?:\.\w+)*)`?\s+\(?([a-z]+(?:\[\])?)\)?,?\s+(required|optional)\b\s*(?:[-–—:]\s*(.*))?"
)
_DEFAULT = re.compile(r"\bdefault\s*:?\s*(?P<value>\"[^\"]*\"|\S+)", re.IGNORECASE)
_VALUES = re.compile(r"\b(?:enum|values|options)\s*:\s*(?P<values>.+?)\s*$", re.IGNORECASE)
_ATTRIBUTES = re.compile(r"(default|enum|example|values|options)\b", re.IGNORECASE)
_MODEL = re.compile(r"(?:Fixed value|Model name)[\s:`]+([a-z0-9][\w.-]*(?:/[\w.-]+)*?)[`.]*(?=\s|$)", re.MULTILINE)
_ENDPOINT = re.compile(r"\b(GET|POST|PUT|DELETE|PATCH)\s+(?:https?://([^\s/]+))?(/v\d+/[\w/:{}-]*\w\}?)")
_FIELD = re.compile(r"\b(\w+)\[\]\.(\w+)")
_STATUS = re.compile(r"\bstatus\s*=\s*(\w+)")
_MARKS = {"yes": True, "required": True, "true": True, "no": False, "optional": False, "false": False}


class _Listed(Struct, frozen=True, kw_only=True):
    """One parameter and the name of what it stands in, "" for the request itself."""

    inside: str
    parameter: Parameter


def known_by(text: str) -> bool:
    """Whether this looks like one of HiAPI's pages."""
    return "hiapi" in text.lower() and "/v1/tasks" in text


def ingest(page: Page) -> Fragment:
    """The page as a fragment; raises `PageError` for one without parameters or a model id."""
    findings = Findings()
    lines = [line.strip() for line in page.text.splitlines()]
    listed = list(_nested(_parameters(lines, findings), findings))
    inputs = [one.parameter for one in listed if one.inside == "input"]
    if not inputs:
        raise PageError(
            f"{page.name}: no parameter list (name, type, required or optional) could be read; save the model's page"
        )
    check_size(len(listed), page.name)
    example = _example(page.text, findings)
    properties = {one.name: property_of(one, example, findings) for one in inputs}
    fragment = Fragment(
        provider=NAME,
        page=page.name,
        model_id=_model_id(page),
        properties=properties,
        required=tuple(one.name for one in inputs if one.required),
        example=example,
        rates=rates(page.text, [str(value) for value in properties.get("resolution", {}).get("enum", ())], findings),
        seen=dated(page.text),
        endpoints=_endpoints(page.text),
        answer=_answer(page.text),
        callback=_callback(listed, findings),
        states=tuple(dict.fromkeys(_STATUS.findall(page.text))),
        words={f"{pointer(one.name)}/description": one.description for one in inputs if one.description},
    )
    return findings.told(fragment)


def _model_id(page: Page) -> str:
    found = _MODEL.search(page.text)
    if not found:
        raise PageError(f"{page.name}: no model id (Fixed value …) could be read; save the model's page")
    return found[1]


def _parameters(lines: Sequence[str], findings: Findings) -> Iterator[Parameter]:
    """The parameters in order, from tables where the page has some, else line by line."""
    tabled = [row for table in tables(lines) if "required" in table.columns for row in table.rows]
    if tabled:
        yield from (_from_row(row, findings) for row in tabled)
        return
    starts = [(index, found) for index, line in enumerate(lines) if (found := _LINE.fullmatch(line))]
    ends = [*(start for start, _ in starts[1:]), len(lines)]
    for (index, found), end in zip(starts, ends, strict=False):
        name, kind, mark, text = found.groups()
        described, default, values = _body(lines[index + 1 : end], last=end == len(lines))
        yield Parameter(
            name=name,
            type=kind,
            required=mark == "required",
            description=" ".join(part for part in (text, described) if part),
            default=default,
            values=values,
        )


def _from_row(row: Row, findings: Findings) -> Parameter:
    cells = row.cells
    marked = _MARKS.get(cells.get("required", "").lower())
    if marked is None:
        findings.unread(pointer(cells["name"]), f"whether {cells.get('required')!r} means required")
    return Parameter(
        name=cells["name"],
        type=cells.get("type", ""),
        required=marked,
        description=cells.get("description", ""),
        default=cells.get("default", ""),
        values=cells.get("values", ""),
    )


def _body(lines: Sequence[str], *, last: bool) -> tuple[str, str, str]:
    """Description, default and values of a parameter; behind the last one the page goes on with something else."""
    described: list[str] = []
    default = values = ""
    for line in lines:
        if not line:
            continue
        if _ATTRIBUTES.match(line):
            if found := _VALUES.search(line):
                values = found["values"]
                line = line[: found.start()]
            if found := _DEFAULT.search(line):
                default = found["value"].strip('"')
        elif described and last:
            break
        else:
            described.append(line)
    return " ".join(described), default, values


def _nested(parameters: Iterator[Parameter], findings: Findings) -> Iterator[_Listed]:
    """Each parameter with what it stands in: the last object of the request before it, or what its dots say."""
    inside = ""
    for one in parameters:
        *outer, name = one.name.split(".")
        if outer:
            yield _Listed(inside=outer[0], parameter=structs.replace(one, name=name))
        elif one.name in OUTER:
            inside = one.name if one.type == "object" else inside
            yield _Listed(inside="", parameter=one)
        else:
            if one.type in ("object", "object[]"):
                findings.unread(pointer(one.name), "which of the parameters after it belong to it")
            yield _Listed(inside=inside, parameter=one)


def _callback(listed: Sequence[_Listed], findings: Findings) -> Mapping[str, Json] | None:
    outer = [one.parameter.name for one in listed if not one.inside]
    if "callback" not in outer:
        return {} if "model" in outer else None
    inner = [one.parameter for one in listed if one.inside == "callback"]
    aside = Findings()
    schema = {
        "type": "object",
        "required": [one.name for one in inner if one.required],
        "properties": {one.name: property_of(one, {}, aside) for one in inner},
    }
    for remark in aside.left:
        findings.unread(remark.at.replace("/input/properties", "/callback/properties"), remark.text)
    return schema


def _example(text: str, findings: Findings) -> Mapping[str, Json]:
    for block in blocks(text):
        inner = block.value.get("input") if isinstance(block.value, dict) else None
        if isinstance(inner, dict):
            return inner
    findings.unread("/example", "the example request")
    return {}


def _endpoints(text: str) -> tuple[Endpoint, ...]:
    found = [
        Endpoint(method=method, host=host, path=re.sub(r":(\w+)", r"{\1}", path))
        for method, host, path in _ENDPOINT.findall(text)
    ]
    return tuple(dict.fromkeys(found))


def _answer(text: str) -> Answer | None:
    """The fields of the finished task that the page names (``output[].url``); it lists no others."""
    fields: dict[str, Json] = {}
    for name, inner in _FIELD.findall(text):
        items = fields.setdefault(name, {"type": "array", "items": {"properties": {}}})["items"]
        items["properties"].setdefault(inner, {})
    return Answer(fields=fields, complete=False) if fields else None
