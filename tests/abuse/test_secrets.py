"""No file of the project holds a secret."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PATTERNS = {
    "a private key": r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\s*[A-Za-z0-9+/=]{20}",
    "an AWS key": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "a GitHub token": r"\b(?:ghp|gho|ghs|ghu|github_pat)_[0-9A-Za-z_]{30,}",
    "a Slack token": r"\bxox[abprs]-[0-9A-Za-z-]{20,}",
    "a Google key": r"\bAIza[0-9A-Za-z_-]{35}\b",
    "an OpenAI key": r"\bsk-(?:proj-|ant-)?(?=[A-Za-z0-9_-]*[0-9])(?=[A-Za-z0-9_-]*[A-Z])[A-Za-z0-9_-]{32,}\b",
    "a provider's key": r"\brf_(?:live|svc)_(?=[A-Za-z0-9]*[0-9])[A-Za-z0-9]{24,}\b",
    "a JSON web token": r"\beyJ[A-Za-z0-9_-]{15,}\.eyJ[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_-]{20,}",
    "a password in a URL": r"https?://[^\s/:@\"'<>{}]+:[^\s/:@\"'<>{}]{8,}@(?!127\.|localhost|example)",
}
SECRETS = {name: re.compile(pattern) for name, pattern in PATTERNS.items()}


def found_in(text: str) -> list[str]:
    """The kinds of secrets that a text seems to hold."""
    return [name for name, pattern in SECRETS.items() if pattern.search(text)]


def files() -> list[Path]:
    """The files that git would publish; all of them, also those not added yet."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("this is no checkout: git lists no files")
    return [path for name in listed.stdout.splitlines() if (path := ROOT / name).is_file()]


def test_no_file_has_a_secret() -> None:
    """By the patterns of the usual scanners, over every text."""
    leaks = {str(path): kinds for path in files() if (kinds := found_in(path.read_text("utf-8", "ignore")))}

    assert leaks == {}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("AKIA" + "ABCDEFGHIJKLMNOP", "an AWS key"),
        ("ghp_" + "a1" * 18, "a GitHub token"),
        ("sk-" + "aB3" * 15, "an OpenAI key"),
        ("-----BEGIN " + "PRIVATE KEY-----\n" + "MIIE" * 8, "a private key"),
        ("https://me:" + "hunter2hunter2@host.tld/", "a password in a URL"),
    ],
    ids=lambda value: value[:9],
)
def test_the_scan_sees(text: str, kind: str) -> None:
    """Each kind of secret would be found."""
    assert found_in(f"x = '{text}'") == [kind]
