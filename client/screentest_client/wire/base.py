"""What all three providers share: requests from the contract's operations, and answers opened with suspicion."""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

from screentest_client.contract import contract
from screentest_client.errors import ClientError, UnexpectedAnswerError
from screentest_client.job import OUTCOMES, Job, Outcome
from screentest_client.steps import IDEMPOTENCY_HEADER, Request, Response
from screentest_client.wire.refusals import Kind, Said, kind_by_status, kinds_by_code, refusal
from screentest_client.wire.shape import Document, parse, start, text
from screentest_contracts.document import Provider

KEY_BYTES = 255  # HiAPI's documented limit; Runflow names none


class Wire(ABC):
    """A provider's translator. Stateless: one instance serves every client."""

    name: ClassVar[str]
    poll: ClassVar[float]
    """Seconds between two looks, as the provider's own clients pace them."""
    status_operation: ClassVar[str]
    result_operation: ClassVar[str]
    id_key: ClassVar[str]
    state_key: ClassVar[str]
    tolerated: ClassVar[Mapping[str, Outcome]] = {}
    """Final words beside the contract's defaults: it knows them as alternatives, or older documentation prints them."""

    @property
    def provider(self) -> Provider:
        return contract(self.name)

    @cached_property
    def outcomes(self) -> Mapping[str, Outcome]:
        """What a word of the status says about the end, where it says it."""
        ends = self.provider.lifecycle.outcomes
        shared = {word for word in ends.values() if list(ends.values()).count(word) > 1}
        return {word: outcome for word, outcome in self.ends(ends).items() if word not in shared}

    def ends(self, words: Mapping[str, str]) -> dict[str, Outcome]:
        """The outcome by its word, from the contract's word by outcome, and the tolerated ones."""
        return {**self.tolerated, **{words[outcome]: outcome for outcome in OUTCOMES if outcome in words}}

    # requests

    def request(
        self,
        operation: str,
        target: str | None = None,
        *,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> Request:
        """A call of one of the contract's operations; `target` is the job or model id in its path."""
        known = self.provider.operations[operation]
        path = _fill(known.path, target) if "{" in known.path else known.path
        headers = {} if idempotency_key is None else {IDEMPOTENCY_HEADER: _idempotency_key(idempotency_key)}
        content = None
        if body is not None:
            content = json.dumps(body, allow_nan=False).encode()
            headers["content-type"] = "application/json"
        return Request(
            method=known.method,
            path=f"{path}?{urlencode(query)}" if query else path,
            content=content,
            headers=headers,
            billable=known.billable,
            timeout=timeout,
        )

    def status(self, job_id: str) -> Request:
        return self.request(self.status_operation, job_id)

    def result(self, job_id: str) -> Request:
        return self.request(self.result_operation, job_id)

    # answers

    @abstractmethod
    def read_submitted(self, response: Response, model: str) -> Job: ...

    @abstractmethod
    def read_status(self, response: Response, seen: Job) -> Job: ...

    def read_result(self, response: Response, seen: Job) -> Job:
        """Only RunComfy has a document of its own for the result."""
        return self.read_status(response, seen)

    @abstractmethod
    def said(self, body: Any) -> Said:
        """What a refusing body says."""

    def open(self, response: Response) -> Document:
        """The JSON object of an answer that says yes; anything else raises the error that it is."""
        if 300 <= response.status < 400:
            there = response.headers.get("location", "nowhere")
            told = f"redirects to {there}, which is not followed: the API key would go along"
            raise self.unexpected(response, told, response.headers.get("location"))
        body = parse(response.content)
        if not 200 <= response.status < 300:
            raise self.refused(response, body)
        if not isinstance(body, dict):
            told = f"is not a JSON object but {start(str(body), 80)!r}" if response.content else "is empty"
            raise self.unexpected(response, told, body)
        return body

    def refused(self, response: Response, body: Any, status: int | None = None) -> ClientError:
        """The error of an answer that says no; `status` is what it means where that is not its HTTP status."""
        said = self.said(body)
        kind = self.kind(status or response.status, said)
        return refusal(kind, self.provider.title, response, said, body)

    def kind(self, status: int, said: Said) -> Kind:
        if said.fields and 400 <= status < 500:
            return kind_by_status(422)
        known = None if said.code is None else kinds_by_code(self.name).get(said.code)
        return known or kind_by_status(status)

    def unexpected(self, response: Response, told: str, body: Any) -> UnexpectedAnswerError:
        doubt = response.doubt if response.status < 300 else ""
        advice = f"{UnexpectedAnswerError.advice} {doubt}".strip()
        return UnexpectedAnswerError(
            f"{self.provider.title}: the answer to {response.where} (HTTP {response.status}) {told}. {advice}",
            status=response.status,
            body=body,
        )

    def required(self, response: Response, document: Document, key: str) -> str:
        """The text under `key`, without which the answer is of no use."""
        value = text(document, key)
        if value is None:
            raise self.unexpected(response, f"has no text under {key!r}", document)
        return value

    def id(self, response: Response, document: Document) -> str:
        """The job's id, one that can be asked about."""
        found = self.required(response, document, self.id_key)
        try:
            _fill("{id}", found)
        except ValueError as error:
            raise self.unexpected(response, f"has an id of which no URL can be made: {error}", document) from None
        return found

    def same(self, response: Response, document: Document, seen: Job) -> str:
        """The id of the answer, which is the one that was asked for."""
        found = self.id(response, document)
        if found != seen.id:
            raise self.unexpected(response, f"is about another job, {found!r}", document)
        return found

    def known(self, job: Job | str) -> Job:
        """A job to ask about: the one given, or one of which only the id is known."""
        if isinstance(job, str):
            return Job(provider=self.name, id=job, model=None, state="unknown")
        if not isinstance(job, Job):
            raise TypeError(f"a job is named by its Job or its id, a text, not {job!r}")
        if job.provider != self.name:
            raise ValueError(f"job {job.id} is of {job.provider}, this client talks to {self.name}")
        return job


def _fill(path: str, target: str | None) -> str:
    """The path with its one parameter filled in. ``{name...}`` spans slashes, ``{name}`` does not."""
    if not isinstance(target, str):
        raise ValueError(f"{target!r} is not an id: it is no text")
    spans = "...}" in path
    segments = target.split("/") if spans else [target]
    if not all(segments) or {".", ".."} & set(segments):
        raise ValueError(f"{target!r} is not an id: it has an empty, '.' or '..' part, or is empty itself")
    filled = "/".join(quote(segment, safe="") for segment in segments)
    return re.sub(r"\{[^}]*\}", lambda _: filled, path)


def _idempotency_key(key: str) -> str:
    if not re.fullmatch(r"[!-~]([ -~]*[!-~])?", key) or len(key) > KEY_BYTES:
        raise ValueError(f"an idempotency key is 1 to {KEY_BYTES} printable ASCII characters, not {key!r}")
    return key
