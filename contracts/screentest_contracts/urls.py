"""What kind of URL one is."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

_IMPOSSIBLE = re.compile(r"[\x00-\x1f\x7f]|^\s|^[^:/?#]*://[^/?#]*[\s\\]")
"""Control characters anywhere; white space at the start, or before the path, or a backslash there."""
_HALF = re.compile(r"[\ud800-\udfff]")


def scheme_matches(url: str, *schemes: str) -> bool:
    """Whether `url` is of one of these kinds, which a media property may name in ``schemes``."""
    if _IMPOSSIBLE.search(url):  # what `urlsplit` strips, or takes for a part of the host
        return False
    if url.startswith("data:"):
        return "data" in schemes and "," in url
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return any(_is_of(parts, host, scheme) for scheme in schemes)


def _is_of(parts: SplitResult, host: str, scheme: str) -> bool:
    match scheme:
        case "data":
            return False  # in capitals, say
        case "runflow-asset":
            return parts.scheme == "runflow" and host == "assets" and len(parts.path) > 1
        case "http-loopback":
            return parts.scheme == "http" and is_loopback(host)
        case _:
            return parts.scheme == scheme and bool(host)


def is_link(text: str) -> bool:
    """Whether `text` is a URL that can be fetched. JSON can hold half a character, which no request carries."""
    return not _HALF.search(text) and scheme_matches(text, "http", "https")


def is_loopback(host: str) -> bool:
    """Whether the host is this machine, by a name that always is or by its address."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
