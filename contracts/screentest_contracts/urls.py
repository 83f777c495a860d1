"""What kind of URL one is."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

_IMPOSSIBLE = re.compile(r"[\x00-\x1f\x7f]|^\s|^[^:/?#]*://[^/?#]*[\s\\]")
"""Control characters anywhere; white space at the start, or before the path, or a backslash there."""
_HALF = re.compile(r"[\ud800-\udfff]")


def scheme_matches(url: str, scheme: str) -> bool:
    """Whether `url` is of one of the kinds a media property may name in ``schemes``."""
    if _IMPOSSIBLE.search(url):  # what `urlsplit` strips, or takes for a part of the host
        return False
    if scheme == "data":
        return url.startswith("data:") and "," in url
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    if scheme == "runflow-asset":
        return parts.scheme == "runflow" and host == "assets" and len(parts.path) > 1
    wanted = "http" if scheme == "http-loopback" else scheme
    return parts.scheme == wanted and bool(host) and (scheme != "http-loopback" or is_loopback(host))


def is_link(text: str) -> bool:
    """Whether `text` is a URL that can be fetched. JSON can hold half a character, which no request carries."""
    return not _HALF.search(text) and (scheme_matches(text, "http") or scheme_matches(text, "https"))


def is_loopback(host: str) -> bool:
    """Whether the host is this machine, by a name that always is or by its address."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
