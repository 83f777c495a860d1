"""Examples on documentation pages: find them, and run them as printed with the host swapped."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2

FIXTURES = Path(__file__).parents[2] / "fixtures" / "pages"
HOSTS = {
    "runcomfy": "https://model-api.runcomfy.net",
    "runflow": "https://api.runflow.io",
    "hiapi": "https://api.hiapi.ai",
}

_CURL_POST = re.compile(r"curl --request POST(?:(?!curl --request).)*?--data '(\{.*?\n\s*\})'", re.DOTALL)
_CURL_OTHER = r"curl --request {} \\\n\s*--url \S+/{} \\\n.*\n?"
_SNIPPET = re.compile(r"^import requests$.*?^print\(.*?\)$", re.DOTALL | re.MULTILINE)
_BODY = re.compile(r"^Request body\n(\{.*?^\})", re.DOTALL | re.MULTILINE)


def submit_runcomfy(page: str, origin: str) -> dict[str, Any]:
    """The answer to the page's own submit line. A body that the shell would break is sent as the same JSON instead."""
    found = _CURL_POST.search(page)
    assert found, "the page has no curl example"
    line, body = found[0].replace(HOSTS["runcomfy"], f"{origin}/runcomfy"), found[1]
    if "'" not in body:
        return _json(_curl(line))
    url = re.search(r"--url (\S+)", line)
    assert url
    return dict(httpx2.post(url[1], json=json.loads(body), headers={"authorization": "Bearer <token>"}).json())


def ask_runcomfy(page: str, origin: str, document: str, request_id: str) -> dict[str, Any]:
    """The answer to the page's own status, result or cancel line for one request."""
    method = "POST" if document == "cancel" else "GET"
    found = re.search(_CURL_OTHER.format(method, document), page)
    assert found, f"the page has no curl example for {document}"
    line = re.sub(r'(<token>").*', r"\1", found[0])
    return _json(_curl(line.replace(HOSTS["runcomfy"], f"{origin}/runcomfy").replace("{request_id}", request_id)))


def run_python(page: str, origin: str) -> str:
    """What the page's Python snippet prints."""
    found = _SNIPPET.search(page)
    assert found, "the page has no Python example"
    snippet = found[0].replace(HOSTS["runflow"], f"{origin}/runflow")
    return subprocess.run(
        [sys.executable, "-c", snippet], capture_output=True, text=True, timeout=60, check=True
    ).stdout.strip()


def request_bodies(page: str) -> list[dict[str, Any]]:
    """Every example body on a page of request bodies."""
    return [json.loads(found) for found in _BODY.findall(page)]


def _curl(line: str) -> str:
    command = line.rstrip().rstrip("\\").replace("curl ", "curl --silent --show-error ", 1)
    return subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, timeout=60, check=True).stdout


def _json(text: str) -> dict[str, Any]:
    answer = json.loads(text)
    assert isinstance(answer, dict)
    return answer
