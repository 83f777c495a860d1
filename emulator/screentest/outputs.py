"""Finished media: where it is, and how it is served. A file is built when it is first asked for, and never stored.

Anybody with the link may fetch, with or without a key, as with the providers. Ranges, HEAD and validators work as for
a file.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from msgspec import structs
from starlette.requests import Request
from starlette.responses import Response

from screentest import own_headers
from screentest.engine import Engine
from screentest.faults import Broken
from screentest.jobs import SUCCESSES, Job, ended, fingerprint_of, outcome
from screentest.jobs import clip as made
from screentest.jobs import lifetime as lifetime
from screentest.journal import Seen
from screentest.links import good_until, timed
from screentest.media.artefact import Artefact, artefacts
from screentest.reception import MEDIA, Reception
from screentest_contracts.document import Outputs

Render = Callable[[Artefact], bytes]
Offload = Callable[[Render, Artefact], Awaitable[bytes]]

_CACHED_BYTES = 16 * 2**20
_RANGE = re.compile(r"bytes=([0-9]{0,19})-([0-9]{0,19})", re.IGNORECASE)


def media_url(job: Job, name: str, expires: int | None = None, host: str | None = None) -> str:
    """The link to a job's output; `expires` (Unix seconds of the account's clock) is written into it, and signed.

    `host` stands in the link instead of the name that the emulator was called by; scheme and port stay.
    """
    origin = job.origin
    if host:
        called = urlsplit(job.origin)
        origin = called._replace(netloc=host if called.port is None else f"{host}:{called.port}").geturl()
    url = f"{origin}/media/{job.provider}/{job.id}/{name}"
    return url if expires is None else timed(url, f"{job.id}/{name}", expires)


def files(job: Job, outputs: Outputs) -> dict[str, Artefact]:
    """What the job makes, by file name; but for the fingerprint, which only the bytes of a file show."""
    return artefacts(made(job), outputs.name.rpartition(".")[0])


class Media:
    """The endpoint ``/media/{provider}/{job}/{name}``.

    `offload` runs `render` beside the event loop, so that building one file holds up nobody else.
    """

    def __init__(self, engine: Engine, render: Render, offload: Offload) -> None:
        self._engine = engine
        self._render = render
        self._offload = offload
        self._built: OrderedDict[str, bytes] = OrderedDict()

    async def serve(self, request: Request) -> Response:
        """Answer GET or HEAD of one output."""
        job = await self._engine.job(request.path_params["job"])
        if job is None or job.provider != request.path_params["provider"]:
            return _plain(404, "no such output")
        row = await self._engine.store.account(job.account)
        assert row is not None, "jobs belong to accounts"
        keyed = "authorization" in request.headers
        seen = Seen(job.provider, MEDIA, account=row.id, label=row.label, job=job.id, model=job.model, keyed=keyed)

        async def proceed() -> Response:
            return await self._file(request, job)

        reception = Reception(self._engine, self._engine.contracts[job.provider].provider.refusals)
        answer = await reception.answer(request, seen, proceed, self)
        return answer or Response(status_code=499)

    async def show(self, request: Request) -> Response:
        """One output as the job made it, for people who watch: no fault, no expiry, and no trace in the journal."""
        job = await self._engine.job(request.path_params["job"])
        artefact = self._artefact(job, request, await self._engine.now(job.account)) if job else None
        if artefact is None:
            return _plain(404, "no such output")
        return ranged(request, await self._bytes(artefact), artefact.media_type, f'"{artefact.digest()[:32]}"', {})

    def _artefact(self, job: Job, request: Request, now: float) -> Artefact | None:
        """The file of the name in the path, if the job has made it by now."""
        made = files(job, self._engine.contracts[job.provider].provider.outputs)
        artefact = made.get(request.path_params["name"]) if outcome(job, now) in SUCCESSES else None
        if artefact is None:
            return None
        return structs.replace(artefact, fingerprint=fingerprint_of(job))

    async def _file(self, request: Request, job: Job) -> Response:
        outputs = self._engine.contracts[job.provider].provider.outputs
        now = await self._engine.now(job.account)
        artefact = self._artefact(job, request, now)
        if artefact is None:
            return _plain(404, "no such output")
        if now >= self._expiry(job, request):
            return _plain(outputs.expired_status, "this link has expired")
        headers = {own_headers.JOB: job.id}
        etag = f'"{artefact.digest()[:32]}"'
        if _known_to_client(request, etag):
            return Response(status_code=304, headers={**headers, **_validators(etag)})
        answer = ranged(request, await self._bytes(artefact), artefact.media_type, etag, headers)
        return _cut_off(answer, request) if job.plan.truncated else answer

    def error(self, seen: Seen, status: int, retry_after: str) -> Response:
        """An error as a storage tells it: in plain text."""
        answer = _plain(status, f"HTTP {status}")
        if retry_after:
            answer.headers["retry-after"] = retry_after
        return answer

    def refuse(self, seen: Seen, failure: str, detail: str) -> Response:
        """One of the contract's failures; a storage has no envelope for it."""
        asked = self._engine.contracts[seen.provider].provider.failures[failure]
        return self.error(seen, asked.status, asked.headers.get("retry-after", "").format(detail=detail or "1"))

    def broken(self, seen: Seen) -> Response:
        """The emulator itself has failed."""
        return self.error(seen, 500, "")

    def _expiry(self, job: Job, request: Request) -> float:
        """When the link stops working: as written into it, else a lifetime after the end of the job."""
        outputs = self._engine.contracts[job.provider].provider.outputs
        seconds = lifetime(job, outputs)
        if seconds is None:
            return float("inf")
        if outputs.renewed and "expires" in request.query_params:
            return good_until(request.query_params, f"{job.id}/{request.path_params['name']}") or 0.0
        return int(ended(job)[0]) + seconds  # whole seconds, as in the answers that say it

    async def _bytes(self, artefact: Artefact) -> bytes:
        """The file, from a bounded cache of those built last."""
        digest = artefact.digest()
        if digest not in self._built:
            self._built[digest] = await self._offload(self._render, artefact)
        self._built.move_to_end(digest)
        while sum(map(len, self._built.values())) > _CACHED_BYTES and len(self._built) > 1:
            self._built.popitem(last=False)
        return self._built[digest]


def ranged(request: Request, body: bytes, media_type: str, etag: str, extra: dict[str, str]) -> Response:
    """Bytes served as a file would be: whole, or the one range asked for (RFC 9110 §14)."""
    headers = _validators(etag) | {"accept-ranges": "bytes", **extra}
    wish = _RANGE.fullmatch(request.headers.get("range", "").strip()) if request.method == "GET" else None
    if not wish or not any(wish.groups()) or request.headers.get("if-range", etag) != etag:
        return Response(body, 200, headers, media_type)
    size = len(body)
    if wish[1]:
        first, last = int(wish[1]), min(int(wish[2] or size - 1), size - 1)
    else:
        first, last = max(0, size - int(wish[2])), size - 1
    if first > last:
        return Response(status_code=416, headers=headers | {"content-range": f"bytes */{size}"})
    return Response(
        body[first : last + 1], 206, headers | {"content-range": f"bytes {first}-{last}/{size}"}, media_type
    )


def _cut_off(answer: Response, request: Request) -> Response:
    """The same answer, stopping half-way, and saying that this is on purpose."""
    answer.headers[own_headers.FAULT] = "truncated"
    return answer if request.method == "HEAD" else Broken(answer)


def _validators(etag: str) -> dict[str, str]:
    return {"etag": etag, "cache-control": "private, max-age=3600"}


def _known_to_client(request: Request, etag: str) -> bool:
    said = request.headers.get("if-none-match", "")
    return said.strip() == "*" or etag in (tag.strip().removeprefix("W/") for tag in said.split(","))


def _plain(status: int, text: str) -> Response:
    return Response(text + "\n", status, media_type="text/plain")
