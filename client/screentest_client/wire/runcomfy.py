"""RunComfy: flat input as the body, two documents a job (status and result), and one way to cancel."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar

from screentest_client.job import Job, Outcome, Output
from screentest_client.steps import Request, Response
from screentest_client.wire.base import Wire
from screentest_client.wire.refusals import Said, code_of, located, message_of
from screentest_client.wire.shape import Document, digits, text, whole


class RunComfyWire(Wire):
    name = "runcomfy"
    poll = 2.0  # the official command line's pace
    status_operation = "status"
    result_operation = "result"
    id_key = "request_id"
    state_key = "status"
    tolerated: ClassVar[Mapping[str, Outcome]] = {
        "succeeded": "succeeded",  # of the result; its command line takes it in a status too
        "failed": "failed",
        "canceled": "cancelled",
    }

    def submit(self, model: str, input: Mapping[str, Any]) -> Request:
        return self.request("submit", model, body=input)

    def cancel(self, job_id: str) -> Request:
        return self.request("cancel", job_id)

    def read_submitted(self, response: Response, model: str) -> Job:
        body = self.open(response)
        return Job(
            provider=self.name,
            id=self.id(response, body),
            model=model,
            state=text(body, self.state_key) or self.provider.lifecycle.words[0],
            raw=body,
        )

    def read_status(self, response: Response, seen: Job) -> Job:
        body = self.open(response)
        state = self.required(response, body, self.state_key)
        return Job(
            provider=self.name,
            id=self.same(response, body, seen),
            model=seen.model,
            state=state,
            outcome=self.outcomes.get(state),
            error=error_text(body.get("error")),
            queue_position=whole(body, "queue_position"),
            raw=body,
        )

    def read_result(self, response: Response, seen: Job) -> Job:
        """The result: its words are its own, and only here a success has outputs and a failure its reason."""
        body = self.open(response)
        state = self.required(response, body, self.state_key)
        error = body.get("error")
        return Job(
            provider=self.name,
            id=self.same(response, body, seen),
            model=text(body, "model_id") or seen.model,
            state=state,
            outcome=self.results.get(state),
            outputs=self._outputs(response, body),
            error=error_text(error),
            error_code=text(error, "type") if isinstance(error, dict) else None,
            raw=body,
        )

    def read_cancelled(self, response: Response, seen: Job) -> Job:
        """The answer to a cancel. `outcome` is "cancelled" only if it is; its example pairs that with another state."""
        body = self.open(response)
        state = self.required(response, body, self.state_key)
        done = "cancelled" in (body.get("outcome"), self.outcomes.get(state))
        return Job(
            provider=self.name,
            id=self.same(response, body, seen),
            model=seen.model,
            state=state,
            outcome="cancelled" if done else self.outcomes.get(state),
            raw=body,
        )

    @cached_property
    def results(self) -> Mapping[str, Outcome]:
        """What a word of the result says about the end."""
        return self.ends(self.provider.lifecycle.results)

    def open(self, response: Response) -> Document:
        """RunComfy reports some errors with HTTP 200 and an `error_code`; its own clients check every answer for it."""
        body = super().open(response)
        if body.get("error_code") is not None:
            code = str(self.said(body).code)
            meant = digits(code[:3]) if len(code) == 6 and digits(code) else None
            raise self.refused(response, body, meant)
        return body

    def said(self, body: Any) -> Said:
        if not isinstance(body, dict):
            return Said(message=message_of(body))
        code = code_of(body, "error_code", "code")
        return Said(message=message_of(body), code=code, fields=located(body.get("detail")))

    def _outputs(self, response: Response, body: Document) -> tuple[Output, ...]:
        """Which key a model fills is not documented: every URL counts, under ``video``, ``videos``, ``image`` ..."""
        output = body.get("output")
        if output is None:
            return ()
        if isinstance(output, (str, list)):  # the documentation's prose; its example and schema say object
            output = {"file": output}
        if not isinstance(output, dict):
            raise self.unexpected(response, "has an output that is not an object", body)
        found: dict[str, Output] = {}
        for key, value in output.items():
            for url in value if isinstance(value, list) else [value]:
                if isinstance(url, str) and url:
                    found.setdefault(url, Output(url=url, type=key.removesuffix("s")))
        return tuple(found.values())


def error_text(error: Any) -> str | None:
    """The reason of a failure; its shape is not documented, a sentence or an object with one."""
    if error is None or isinstance(error, str):
        return error or None
    return message_of(error)


RUNCOMFY = RunComfyWire()
