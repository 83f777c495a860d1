"""What the bytes of a request body must be before anybody looks at what they say."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from screentest.errors import Refusal
from screentest_contracts.json_values import deeper

_DEEPEST = 100  # levels that everything behind here, the store included, takes without recursing


def parse_json(raw: bytes) -> Any:
    """A JSON document by RFC 8259 that can be said again: UTF-8, no lone surrogates, no number that is none, and no
    integer of more digits than Python reads (4300 as it is shipped)."""
    try:
        value = msgspec.json.decode(raw)
    except UnicodeDecodeError:
        raise Refusal("malformed-json", "not UTF-8") from None
    except RecursionError:
        raise Refusal("malformed-json", "nested too deeply") from None
    except msgspec.DecodeError as error:
        raise Refusal("malformed-json", _surrogate(raw) or str(error)[:200]) from None
    # With no more brackets than levels are allowed it need not be walked.
    if raw.count(b"{") + raw.count(b"[") > _DEEPEST and deeper(value, _DEEPEST):
        raise Refusal("malformed-json", "nested too deeply")
    return value


def _surrogate(raw: bytes) -> str:
    """What is wrong, when it is half a surrogate pair: msgspec calls some of those a document that was cut."""
    try:
        json.dumps(json.loads(raw), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return "lone surrogate in a string"
    except (ValueError, RecursionError):
        pass
    return ""
