"""A request as text to paste: curl, and Python with httpx2. Pure; the key is never known, so it is a variable."""

from __future__ import annotations

import json
import pprint
import shlex
from collections.abc import Mapping
from typing import Any


def curl(request: Mapping[str, Any]) -> str:
    """The request for a POSIX shell."""
    body = json.dumps(request["body"], ensure_ascii=False)
    lines = [
        f"curl -sS -X {request['method']} {shlex.quote(request['url'])}",
        '  -H "Authorization: Bearer $KEY"',
        "  -H 'Content-Type: application/json'",
        f"  -d {shlex.quote(body)}",
    ]
    return " \\\n".join(lines)


def python(request: Mapping[str, Any]) -> str:
    """The request for Python; the answer is in `answer`."""
    body = pprint.pformat(request["body"], sort_dicts=False, width=100)
    return (
        "import os\n\nimport httpx2\n\n"
        f"body = {body}\n"
        "answer = httpx2.request(\n"
        f"    {request['method']!r},\n    {request['url']!r},\n    json=body,\n"
        '    headers={"Authorization": f"Bearer {os.environ[\'KEY\']}"},\n'
        ")\nprint(answer.status_code, answer.json())\n"
    )
