"""HiAPI: every answer in an envelope, one document a task, a list, no cancel."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, TypedDict

from screentest_client.errors import ConflictError, Field, ServerError
from screentest_client.job import Job, JobPage, Output
from screentest_client.steps import Request, Response
from screentest_client.wire.base import Wire
from screentest_client.wire.refusals import Kind, Said, code_of, dotted, message_of
from screentest_client.wire.shape import Document, nested, text, whole

_NEXT = re.compile(r"\s*[;\n]\s*(?:-\s*)?(?=at '|additional propert|missing propert)")
_AT = re.compile(r"at '(?P<pointer>[^']*)': (?P<rest>.+)", re.DOTALL)
_NAMED = re.compile(r"(?:additional|missing) propert(?:y|ies) (?P<names>'[^']*'(?:, '[^']*')*)")


class HiAPIOptions(TypedDict, total=False):
    """What a task may carry beside its input.

    `callback` is the URL to be told about the end, or the object ``{"url": ..., "when": "final"}``; `idempotency_key`
    (up to 255 characters) makes a repeated submit create nothing new; `route` picks a model's route; `storage` is
    "temp" or "persistent".
    """

    callback: str | Mapping[str, Any] | None
    idempotency_key: str | None
    route: str | None
    storage: str | None


class HiAPIWire(Wire):
    name = "hiapi"
    poll = 3.0  # the official SDKs' pace
    status_operation = "detail"
    result_operation = "detail"
    id_key = "taskId"
    state_key = "status"
    codes: ClassVar[Mapping[str, Kind]] = {  # codes of the official SDKs that say more than the status beside them
        "IDEMPOTENCY_KEY_MISMATCH": ConflictError,
        "MODEL_UNAVAILABLE": ServerError,
        "STORAGE_UNAVAILABLE": ServerError,
        "TASK_TIMEOUT": ServerError,
    }

    def submit(
        self,
        model: str,
        input: Mapping[str, Any],
        *,
        callback: str | Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
        route: str | None = None,
        storage: str | None = None,
    ) -> Request:
        body: dict[str, Any] = {"model": model, "input": input}
        if callback is not None:
            body["callback"] = {"url": callback} if isinstance(callback, str) else callback
        # an empty route means none, and must not change the bytes that an idempotency key is compared by
        body |= {key: value for key, value in (("route", route), ("storage", storage)) if value}
        return self.request("create", body=body, idempotency_key=idempotency_key)

    def list(self, page: int | None, size: int | None) -> Request:
        query = {key: value for key, value in (("page", page), ("size", size)) if value is not None}
        return self.request("list", query=query)

    def read_submitted(self, response: Response, model: str) -> Job:
        data = self.open(response)
        return Job(
            provider=self.name,
            id=self.id(response, data),
            model=model,
            state=text(data, self.state_key) or self.provider.lifecycle.words[0],
            raw=data,
        )

    def read_status(self, response: Response, seen: Job) -> Job:
        data = self.open(response)
        self.same(response, data, seen)
        return self._job(response, data, seen.model)

    def read_list(self, response: Response) -> JobPage:
        data = self.open(response)
        page, size, total, tasks = (data.get(key) for key in ("page", "size", "total", "tasks"))
        if not isinstance(tasks, list) or not all(isinstance(task, dict) for task in tasks):
            raise self.unexpected(response, "has no list under 'tasks'", data)
        if not (isinstance(page, int) and isinstance(size, int) and isinstance(total, int)):
            raise self.unexpected(response, "lacks page, size or total", data)
        return JobPage(jobs=tuple(self._job(response, task, None) for task in tasks), page=page, size=size, total=total)

    def open(self, response: Response) -> Document:
        """What is inside the envelope, whose `code` repeats the HTTP status and is believed where it does not."""
        body = super().open(response)
        code = whole(body, "code")
        if body.get("error_code") is not None or (code is not None and not 200 <= code < 300):
            raise self.refused(response, body, code)
        data = body.get("data")
        if not isinstance(data, dict):
            raise self.unexpected(response, "has no object under 'data'", body)
        return data

    def said(self, body: Any) -> Said:
        message = message_of(body)
        if not isinstance(body, dict):
            return Said(message=message)
        return Said(message=message, code=code_of(body, "error_code"), fields=tuple(fields_of(message)))

    def kind(self, status: int, said: Said) -> Kind:
        return self.codes.get(str(said.code)) or super().kind(status, said)

    def _job(self, response: Response, task: Document, model: str | None) -> Job:
        state = self.required(response, task, self.state_key)
        error = nested(task, "error")
        return Job(
            provider=self.name,
            id=self.id(response, task),
            model=text(task, "model") or model,
            state=state,
            outcome=self.outcomes.get(state),
            outputs=tuple(self._outputs(response, task)),
            error=text(error, "message") or text(task, "error"),
            error_code=text(error, "code"),
            raw=task,
        )

    def _outputs(self, response: Response, task: Document) -> Iterator[Output]:
        entries = task.get("output")
        if entries is not None and not isinstance(entries, list):
            raise self.unexpected(response, "has an output that is not a list", task)
        for entry in entries or ():
            if not isinstance(entry, dict):
                raise self.unexpected(response, "has an output that is not an object", task)
            url, kind = (self.required(response, entry, key) for key in ("url", "type"))
            yield Output(url=url, type=kind, expires_at=whole(entry, "expireAt"))


def fields_of(message: str) -> Iterator[Field]:
    """The fields that a message names: "at '/duration': ...", "additional properties 'x' not allowed"."""
    for part in _NEXT.split(message):
        at, named = _AT.search(part), _NAMED.search(part)
        parent = at["pointer"].strip("/").split("/") if at and at["pointer"].strip("/") else []
        if named:
            yield from ((dotted([*parent, name]), part.strip()) for name in re.findall(r"'([^']*)'", named["names"]))
        elif at:
            yield dotted(parent), at["rest"].strip()


HIAPI = HiAPIWire()
