"""Whom a client talks to, and as whom: from arguments, else from the environment, else from the contract."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from screentest_client.contract import contract
from screentest_client.errors import AuthError


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A provider's base URL (an origin, perhaps with a path; no /v1) and the key that goes there and nowhere else."""

    title: str
    base_url: str
    api_key: str = field(repr=False)

    @property
    def local(self) -> bool:
        host = urlsplit(self.base_url).hostname or ""
        return host in ("localhost", "::1") or host.endswith(".localhost") or host.startswith("127.")


def account(name: str, base_url: str | None, api_key: str | None, environ: Mapping[str, str]) -> Account:
    """Settle both; an empty string counts as not given. The environment has NAME_BASE_URL and NAME_API_KEY."""
    provider = contract(name)
    prefix = name.upper()
    given = base_url or environ.get(f"{prefix}_BASE_URL") or provider.base_url
    key = (api_key or environ.get(f"{prefix}_API_KEY") or "").strip()
    if not key:
        raise AuthError(f"{provider.title}: no API key. Pass api_key=..., or set {prefix}_API_KEY.")
    if not re.fullmatch(r"[!-~]+", key):
        raise AuthError(
            f"{provider.title}: the API key has a space or a character that no header carries."
            f" Pass the key alone, without the word Bearer, in api_key=... or {prefix}_API_KEY."
        )
    return Account(title=provider.title, base_url=_origin(given, f"base_url or {prefix}_BASE_URL"), api_key=key)


def _origin(given: str, where: str) -> str:
    base = given.strip().rstrip("/").removesuffix("/v1").rstrip("/")
    try:
        parts = urlsplit(base)
        good = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        good = False
    if not good:
        raise ValueError(f"{where}: expected http(s)://host[:port][/path], such as http://127.0.0.1:8790/hiapi")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError(f"{where}: a base URL has no user, query or fragment")
    return base
