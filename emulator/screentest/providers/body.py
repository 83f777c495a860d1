"""What the bytes of a request body must be before anybody looks at what they say."""

from __future__ import annotations

import json
import math
from typing import Any

from screentest.errors import Refusal
from screentest_contracts.json_values import deeper

_DEEPEST = 100  # levels that everything behind here, the store included, takes without recursing
_MOST_DIGITS = 1000


def parse_json(raw: bytes) -> Any:
    """A JSON document by RFC 8259 that can be said again: UTF-8, no lone surrogates, no number that is none."""
    try:
        text = raw.decode()
        value = _DECODER.decode(text)
        if "\\u" in text:  # the only way to write half a surrogate pair in UTF-8
            json.dumps(value, ensure_ascii=False).encode()
    except UnicodeDecodeError:
        raise Refusal("malformed-json", "not UTF-8") from None
    except UnicodeEncodeError:
        raise Refusal("malformed-json", "lone surrogate in a string") from None
    except RecursionError:
        raise Refusal("malformed-json", "nested too deeply") from None
    except ValueError as error:
        raise Refusal("malformed-json", str(error)[:200]) from None
    # With no more brackets than levels are allowed it need not be walked.
    if raw.count(b"{") + raw.count(b"[") > _DEEPEST and deeper(value, _DEEPEST):
        raise Refusal("malformed-json", "nested too deeply")
    return value


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(f"number {digits[:40]} is out of range")
    return number


def _integer(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise ValueError(f"a number of {len(digits)} digits is out of range")
    return int(digits)


_DECODER = json.JSONDecoder(parse_constant=_no_constant, parse_float=_finite, parse_int=_integer)
