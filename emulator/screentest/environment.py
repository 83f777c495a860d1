"""Where an emulator is: its origin, and the environment variables that point clients at it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from screentest_contracts.load import PROVIDERS

EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - named, not bound
"""The addresses of who listens on all there are."""


def origin(scheme: str, host: str, port: int) -> str:
    """The URL of who listens there, without a path; who listens everywhere is called by loopback."""
    if host in EVERYWHERE:
        host = "127.0.0.1"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def read_origin(url: str) -> str:
    """The URL without a slash at its end; "" unless it is scheme, host and port and nothing more."""
    try:
        parts = urlsplit(url)
        right = parts.scheme in ("http", "https") and parts.hostname and (parts.port or True)
    except ValueError:
        right = False
    if not right or parts.path not in ("", "/") or parts.query or parts.fragment:
        return ""
    return url.rstrip("/")


def variables(url: str, keys: Mapping[str, str]) -> dict[str, str]:
    """Names and values: what our client reads, then what the official clients read under other names.

    `url` is the emulator's origin, `keys` has each provider's key.
    """
    found = {}
    for provider in PROVIDERS:
        found[f"{provider.upper()}_BASE_URL"] = f"{url}/{provider}"
        found[f"{provider.upper()}_API_KEY"] = keys[provider]
    found["RUNCOMFY_MODEL_API_BASE"] = f"{url}/runcomfy/v1"
    found["RUNCOMFY_TOKEN"] = found["RUNCOMFY_API_TOKEN"] = keys["runcomfy"]
    return found
