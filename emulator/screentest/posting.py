"""Send a callback over real HTTP."""

from __future__ import annotations

from collections.abc import Mapping

from screentest.network.egress import Egress
from screentest.network.outbound import NotConnectedError, opened
from screentest.sender import NotPostedError, Posted

_READ = 65536


class HttpPost:
    """A `Post` to a receiver on this machine, or to where `egress` permits. No redirects, no proxies."""

    def __init__(self, egress: Egress) -> None:
        self._egress = egress

    async def __call__(self, url: str, body: bytes, headers: Mapping[str, str], timeout: float) -> Posted:
        try:
            async with opened(
                "POST", url, egress=self._egress, timeout=timeout, content=body, headers=headers
            ) as answer:
                text = b""
                async for chunk in answer.aiter_raw():
                    text += chunk
                    if len(text) >= _READ:
                        break
                return Posted(answer.status_code, text.decode("utf-8", "replace"))
        except NotConnectedError as error:
            raise NotPostedError(error.kind if error.kind in ("egress", "timeout") else str(error)) from None
