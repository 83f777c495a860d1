"""What a page can change without saying anything else: layout, order, language, typography, the form it is saved in."""

from __future__ import annotations

import html
import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

_TABLE = re.compile(r"^(?:Parameter|Field)TypeDescription$")
_ROW = re.compile(r"^([a-z_]+?)(image_list|video_list|string|integer|boolean|number|json|video)(?=[A-Zt])(.*)$")
_CODE = ("curl ", "{", "}", "import ", "response", "data = ", "print", "modelApiDoc_getStartedBefore")
_PARAMETER = re.compile(r"^(\w+) ([a-z]+(?:\[\])?) (required|optional)$")
_CHIPS = re.compile(r"^(?:default (?P<default>\S+))? ?(?:enum: (?P<values>\S+))?$")
_VALUE = re.compile(r"16:9|9:16|21:9|9:21|2:3|3:2|2:1|16:10|[1-5]:[1-5]|\d{3,4}p|4k|adaptive|auto|final|\d+")


@dataclass(frozen=True, slots=True)
class Noise:
    """A change that says nothing: `apply` takes the text of a page and its provider."""

    name: str
    apply: Callable[[str, str], str]


def _none(text: str, _: str) -> str:
    return text


def _blanks(text: str, _: str) -> str:
    """Other blank lines, ends of lines and blanks."""
    lines = [f"{line}  " if line and not line.endswith("\\") else line for line in text.split("\n")]
    return "\r\n".join(lines).replace(" px", "\u00a0px").replace("2 500", "2\u202f500").replace("  • ", "\t• ")


def _marketing(text: str, _: str) -> str:
    """Other people's words before, behind and in between."""
    before = "New this week\n\nMore than 2000 teams build with 40 models, in 12 languages, up to 3 times faster.\n\n"
    behind = "\n\nTrusted by 9 of 10 studios\n\n  • Careers\n  • 99.9 % uptime\n\nCopyright 2027\n"
    return before + text + behind


def _order(text: str, provider: str) -> str:
    """Properties in another order: of JSON, of a table, of a list of parameters."""
    generator = random.Random(7)
    if provider == "runcomfy":
        return _rewritten(text, lambda value: _shuffled(value, generator), indent=2)
    if provider == "runflow":
        lines = text.split("\n")
        rows = [index for index, line in enumerate(lines) if _ROW.match(line) and index < lines.index("Output schema")]
        mixed = generator.sample(rows, len(rows))
        moved = dict(zip(rows, mixed, strict=True))
        return "\n".join(lines[moved.get(index, index)] for index in range(len(lines)))
    found = re.search(r"\nprompt [a-z\[\]]+ .*?(?=\ncallback object|\nExample requests)", text, re.DOTALL)
    if not found:
        return text
    blocks = re.split(r"\n(?=\w+ [a-z]+(?:\[\])? (?:required|optional)\n)", found[0].strip("\n"))
    generator.shuffle(blocks)
    return text.replace(found[0], "\n" + "\n".join(block.strip("\n") for block in blocks))


def _compact(text: str, provider: str) -> str:
    """JSON on other lines than before."""
    return _rewritten(text, lambda value: value, indent=4) if provider == "runcomfy" else text


def _translated(text: str, provider: str) -> str:
    """Titles in another language, or as keys that nobody translated."""
    if provider == "runcomfy":
        text = re.sub(r'"title": "[^"]*"', '"title": "modelApiDoc_title"', text)
        return re.sub(r'"validation_error": "[^"]*"', '"validation_error": "Das Bild passt nicht."', text)
    for old, new in (("Input schema", "Eingabe"), ("Production guidance", "Betrieb"), ("Run the model", "Aufruf")):
        text = text.replace(old, new)
    return text


def _curled(text: str, provider: str) -> str:
    """Quotes as a text processor writes them, in the JSON of the schema too."""
    if provider != "runcomfy":
        return text.replace("'", "’")
    at = text.index('{\n  "type": "object"') if '{\n  "type": "object"' in text else text.index('{\n"type": "object"')
    schema = text[at:]
    return text[:at] + re.sub(r'"([^"\n]*)"', r"“\1”", schema)


def _markdown(text: str, provider: str) -> str:
    """The page as Markdown."""
    return "\n".join(_as_markdown(text, provider))


def _as_markdown(text: str, provider: str) -> Iterator[str]:
    for paragraph in _paragraphs(text):
        if _is_code(paragraph):
            yield "```\n" + "\n".join(paragraph) + "\n```\n"
        elif _TABLE.match(paragraph[0]):
            rows = [_cells(line) for line in paragraph[1:]]
            yield f"| {'Parameter' if 'Param' in paragraph[0] else 'Field'} | Type | Description |\n| --- | --- | --- |"
            yield "\n".join("| " + " | ".join((f"`{name}`", kind, said)) + " |" for name, kind, said in rows) + "\n"
        else:
            yield "\n".join(_markdown_line(line, provider) for line in paragraph) + "\n"


def _markdown_line(line: str, provider: str) -> str:
    if provider == "hiapi" and (found := _PARAMETER.match(line)):
        return f"- **{found[1]}** `{found[2]}` *{found[3]}*"
    if line in ("Input schema", "Output schema", "Request parameters", "Install"):
        return f"## {line}"
    return line


def _html(text: str, provider: str) -> str:
    """The page as HTML, with real tables, chips for values and code in blocks."""
    body = "\n".join(_as_html(text, provider))
    head = "<!DOCTYPE html><html lang=en><head><title>Model page</title><style>p{color:#123456}</style></head>"
    behind = '<script>let a = "{{"</script></body></html>'
    return f'{head}<body><nav><ul><li>Home</li></ul></nav><main class="doc">{body}</main>{behind}'


def _as_html(text: str, provider: str) -> Iterator[str]:
    for paragraph in _paragraphs(text):
        if _is_code(paragraph):
            yield f"<pre><code>{html.escape(chr(10).join(paragraph))}</code></pre>"
        elif _TABLE.match(paragraph[0]):
            name = "Parameter" if "Param" in paragraph[0] else "Field"
            rows = "".join(
                f"<tr><td><code>{name}</code></td><td>{kind}</td><td><p>{html.escape(said)}</p></td></tr>"
                for name, kind, said in (_cells(line) for line in paragraph[1:])
            )
            yield f"<table><thead><tr><th>{name}</th><th>Type</th><th>Description</th></tr></thead>{rows}</table>"
        else:
            yield from (_html_line(line, provider) for line in paragraph)


def _html_line(line: str, provider: str) -> str:
    if provider == "hiapi" and (found := _PARAMETER.match(line)):
        return f"<div><code>{found[1]}</code><span>{found[2]}</span><span class=tag>{found[3]}</span></div>"
    chips = _CHIPS.match(line) if provider == "hiapi" and line else None
    if chips and (chips["default"] or chips["values"]):
        values = _VALUE.findall(chips["values"] or "")
        listed = "".join(f"<code>{value}</code>" for value in values)
        enum = f" <span>enum:</span> {listed}" if "".join(values) == chips["values"] else f" enum: {chips['values']}"
        default = f"<span>default</span> <code>{chips['default']}</code>" if chips["default"] else ""
        return f"<div>{default}{enum if chips['values'] else ''}</div>"
    return f"<p>{html.escape(line)}</p>"


def _paragraphs(text: str) -> Iterator[list[str]]:
    for part in re.split(r"\n\s*\n", text):
        lines = [line for line in part.split("\n") if line.strip()]
        if lines:
            yield lines


def _is_code(paragraph: list[str]) -> bool:
    return paragraph[0].startswith(_CODE) or "{" in paragraph or any(line.endswith("\\") for line in paragraph)


def _cells(line: str) -> tuple[str, str, str]:
    found = _ROW.match(line)
    assert found, line
    return found[1], found[2], found[3]


def _rewritten(text: str, change: Callable[[Any], Any], indent: int) -> str:
    """The text with its schema written anew."""
    at = re.search(r'\{\s*"type": "object"', text)
    assert at
    value, end = json.JSONDecoder().raw_decode(text, at.start())
    return text[: at.start()] + json.dumps(change(value), indent=indent, ensure_ascii=True) + text[end:]


def _shuffled(value: Any, generator: random.Random) -> Any:
    if isinstance(value, dict):
        names = list(value)
        generator.shuffle(names)
        return {name: _shuffled(value[name], generator) for name in names}
    return value


NOISES = (
    Noise("as it is", _none),
    Noise("blanks", _blanks),
    Noise("marketing", _marketing),
    Noise("order", _order),
    Noise("layout of JSON", _compact),
    Noise("translated", _translated),
    Noise("curled quotes", _curled),
    Noise("Markdown", _markdown),
    Noise("HTML", _html),
)
"""The first one is none."""
