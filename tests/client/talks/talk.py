"""A conversation with a provider: the call that makes it, what is answered, and how it ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2

from client.stand_ins import Answer
from screentest_client.errors import ClientError

End = str | type[ClientError] | None


@dataclass(frozen=True)
class Talk:
    """`end` is the outcome of the job that the call gives, or the class of the error that it raises.

    The last answer repeats when `steady`; otherwise the call uses them all.
    """

    provider: str
    name: str
    call: tuple[Any, ...]
    end: End
    answers: tuple[Answer, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    steady: bool = False


def ok(body: Any, status: int = 200) -> Answer:
    return Answer(status, body)


LOST = Answer(fails=httpx2.ConnectError)
ELSEWHERE = {"location": "https://elsewhere.example/"}
