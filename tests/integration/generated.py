"""Generated requests, valid and invalid, for every submit operation and model, judged by the contract."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

import httpx2
import jsonschema_rs
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from screentest_contracts.document import Model, Operation
from screentest_contracts.edges import Case, accepted, refused
from screentest_contracts.load import PROVIDERS, Contract, load
from screentest_contracts.openapi import request_for
from screentest_contracts.reading import Json
from screentest_contracts.strategies import invalid_inputs, valid_inputs

FAST = 100_000.0  # the rate of the accounts' clocks: the synchronous route then answers at once


class Judge:
    """Sends an input to one operation and checks the answer against the contract. Counts what it sent."""

    def __init__(
        self, client: httpx2.Client, contract: Contract, operation: Operation, model: Model, counts: Counter[str]
    ) -> None:
        self.client = client
        self.contract, self.operation, self.model, self.counts = contract, operation, model, counts
        self.error = jsonschema_rs.Draft202012Validator(contract.provider.schemas["Error"])

    def accept(self, value: Json) -> None:
        """A valid input is accepted with a documented status."""
        answer = self._send(value)
        assert answer.status_code in self.operation.answers, f"{value} was refused: {answer.text}"
        self.counts[f"{self.contract.name} {self.operation.id} valid"] += 1

    def refuse(self, case: Case) -> None:
        """An invalid input is refused with the provider's envelope, and the field is named in it."""
        answer = self._send(case.input)
        expected = self.contract.provider.failures["invalid-input"].status
        assert answer.status_code == expected, f"{case} got {answer.status_code}: {answer.text}"
        assert answer.headers["content-type"] == "application/json"
        body = answer.json()
        assert self.error.is_valid(body), f"not the envelope: {body}"
        for name in (token for token in case.path if isinstance(token, str)):
            assert name in json.dumps(body, ensure_ascii=False), f"{name} is not named in {body}"
        self.counts[f"{self.contract.name} {self.operation.id} invalid"] += 1

    def _send(self, value: Json) -> httpx2.Response:
        path, body = request_for(self.operation, self.model, value)
        content = json.dumps(body).encode()
        answer = self.client.post(f"/{self.contract.name}{path}", content=content)
        assert answer.status_code < 500, f"{value}: {answer.status_code} {answer.text}"
        return answer


def caller(url: str) -> httpx2.Client:
    """A client for the judges; the caller closes it."""
    headers = {"authorization": "Bearer rf_live_generated", "content-type": "application/json"}
    return httpx2.Client(base_url=url, headers=headers, timeout=60)


DOCUMENTED = {
    "happyhorse/happyhorse-1.0/reference-to-video",
    "happyhorse/happyhorse-1.0/image-to-video",
    "bytedance/seedance-v1.5-pro/image-to-video",
    "alibaba/happy-horse/reference-to-video",
    "happyhorse-1.1/reference-to-video",
}
"""The models whose documentation pages are the specification; the others are tested in-process."""


def judges(client: httpx2.Client, counts: Counter[str]) -> Iterator[Judge]:
    """One judge for every submit operation and documented model."""
    for provider in PROVIDERS:
        contract = load(provider)
        models = [contract.model(model_id) for model_id in contract.model_ids if model_id in DOCUMENTED]
        for operation in contract.provider.operations.values():
            for model in models if operation.billable else ():
                assert model is not None
                yield Judge(client, contract, operation, model, counts)


def edges(judge: Judge) -> None:
    """Every enumerated edge, on both sides."""
    for case in accepted(judge.model):
        judge.accept(case.input)
    for case in refused(judge.model):
        judge.refuse(case)


def random(judge: Judge, examples: int, number: int) -> None:
    """`examples` random requests, half of them invalid; `number` seeds them."""
    inputs = st.one_of(valid_inputs(judge.model), invalid_inputs(judge.model))

    @seed(number)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(inputs)
    def each(value: Json) -> None:
        if isinstance(value, Case):
            judge.refuse(value)
        else:
            judge.accept(value)

    each()
