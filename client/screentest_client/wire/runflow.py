"""Runflow: input in an envelope, one document a run, no public cancel; and the synchronous route of its model pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, TypedDict

from screentest_client.errors import ClientError, JobCancelledError, JobFailedError
from screentest_client.job import Job, Outcome, Output
from screentest_client.steps import Request, Response
from screentest_client.wire.base import Wire
from screentest_client.wire.refusals import Said, code_of, located, message_of
from screentest_client.wire.shape import Document, nested, number, text, whole


class RunflowOptions(TypedDict, total=False):
    """What a run may carry beside its input.

    `metadata` comes back on the run and its callbacks; `callback_url` (up to 2048 characters) is told about the end;
    `client_ref` (up to 255) is a label to find runs by, not unique; `idempotency_key` makes a repeated submit create
    nothing new.
    """

    metadata: Mapping[str, Any] | None
    callback_url: str | None
    client_ref: str | None
    idempotency_key: str | None


class RunflowWire(Wire):
    name = "runflow"
    poll = 2.0  # the official SDK's pace
    status_operation = "get-run"
    result_operation = "get-run"
    id_key = "id"
    state_key = "status_code"
    tolerated: ClassVar[Mapping[str, Outcome]] = {"cancelled": "cancelled"}

    def submit(
        self,
        model: str,
        input: Mapping[str, Any],
        *,
        metadata: Mapping[str, Any] | None = None,
        callback_url: str | None = None,
        client_ref: str | None = None,
        idempotency_key: str | None = None,
    ) -> Request:
        given = {"metadata": metadata, "callback_url": callback_url, "client_ref": client_ref}
        body = {"input": input} | {key: value for key, value in given.items() if value is not None}
        return self.request("create-run", model, body=body, idempotency_key=idempotency_key)

    def run(self, model: str, input: Mapping[str, Any], timeout: float) -> Request:
        return self.request("run", model, body=input, timeout=timeout)

    def read_submitted(self, response: Response, model: str) -> Job:
        body = self.open(response)
        return self._job(response, body, self.id(response, body), model)

    def read_status(self, response: Response, seen: Job) -> Job:
        body = self.open(response)
        return self._job(response, body, self.same(response, body, seen), seen.model)

    def read_run(self, response: Response, model: str) -> Job:
        """The answer of the synchronous route: an output without a run, so the job has no id."""
        try:
            body = self.open(response)
        except ClientError as error:
            if self.outcomes.get(str(error.code).lower()) == "cancelled":  # the run's status, in the manner of a code
                job = self._ended(model, "cancelled")
                told = f"{self.provider.title}: the run of {model} was cancelled; submit again to have it made."
                raise JobCancelledError(told, status=error.status, code=error.code, body=error.body, job=job) from error
            if error.code is None or error.status != self.provider.failures["generation-failed"].status:
                raise  # with that status every code is one that the run has failed with
            reason = self.said(error.body).message
            job = self._ended(model, "failed", error=reason, error_code=str(error.code))
            told = f"{self.provider.title}: the run of {model} failed: {error.code}: {reason}"
            raise JobFailedError(told, status=error.status, code=error.code, body=error.body, job=job) from error
        outputs = self._outputs(response, body)
        clip = text(nested(body, "video"), "url")
        if not outputs and clip:
            outputs = (Output(url=clip, type="video"),)
        return self._ended(model, "succeeded", outputs=outputs, raw=body)

    def said(self, body: Any) -> Said:
        if not isinstance(body, dict):
            return Said(message=message_of(body))
        return Said(message=message_of(body), code=code_of(body, "code"), fields=located(body.get("errors")))

    def _job(self, response: Response, body: Document, run_id: str, model: str | None) -> Job:
        state = self.required(response, body, self.state_key)
        return Job(
            provider=self.name,
            id=run_id,
            model=model,  # the run's own model_id is a UUID, not the name that one submits
            state=state,
            outcome=self.outcomes.get(state),
            outputs=self._outputs(response, nested(body, "output")),
            error=text(body, "failure_message"),
            error_code=text(body, "failure_code"),
            raw=body,
        )

    def _ended(self, model: str, outcome: Outcome, **facts: Any) -> Job:
        state = self.provider.lifecycle.outcomes[outcome]
        return Job(provider=self.name, id="", model=model, state=state, outcome=outcome, **facts)

    def _outputs(self, response: Response, output: Document) -> tuple[Output, ...]:
        entries = output.get("outputs")
        if entries is None:
            return ()
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise self.unexpected(response, "has outputs that are not a list of objects", output)
        return tuple(
            Output(
                url=self.required(response, entry, "url"),
                type=self.required(response, entry, "type"),
                width=whole(entry, "width"),
                height=whole(entry, "height"),
                duration=number(entry, "duration"),
            )
            for entry in entries
        )


RUNFLOW = RunflowWire()
