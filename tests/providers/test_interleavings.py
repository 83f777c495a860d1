"""Whatever three accounts do, in whatever order: states move forward, nobody sees another, callbacks keep schedule."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from driving import Answer, Emulator
from providers.samples import HIAPI, R2V, RUNFLOW, Sample, job_id, reading
from screentest.sender import Posted
from screentest_contracts.document import Lifecycle

KEYS = ("sk-a", "sk-b", "sk-c")
RECEIVER = "http://127.0.0.1:9/hook"
FAULTS = (
    "status: 503",
    "truncated-json",
    "wrong-type",
    "gateway-page",
    "gateway-timeout",
    "lost-answer",
    "rate-limited",
)


@dataclass(slots=True)
class Mine:
    """A job that an account knows of, and the states it has seen."""

    sample: Sample
    id: str
    seen: list[str] = field(default_factory=list)


class Interleavings(RuleBasedStateMachine):
    """Each step is one account's; the others must not notice."""

    accounts = st.sampled_from(KEYS)
    samples = st.sampled_from((R2V, RUNFLOW, HIAPI))
    jobs: Bundle[tuple[str, Mine]] = Bundle("jobs")

    @initialize()
    def start(self) -> None:
        self.emulator = Emulator()
        self.known: dict[str, list[Mine]] = {key: [] for key in KEYS}

    @rule(
        target=jobs,
        key=accounts,
        sample=samples,
        scenario=st.sampled_from(("", "fail", "slow: 30s")),
    )
    def submit(self, key: str, sample: Sample, scenario: str) -> Any:
        """A job with a receiver where the provider has callbacks."""
        body = sample.body()
        if sample is HIAPI:
            body["callback"] = {"url": RECEIVER}
        elif sample is RUNFLOW:
            body["callback_url"] = RECEIVER
        headers = {"screentest-scenario": scenario} if scenario else {}
        answer = self.emulator.post(sample.path, body, key=key, headers=headers)
        if answer.status not in (200, 201, 202) or not _whole(answer):
            assert "screentest-fault" in answer.headers or answer.status == 0
            return multiple()
        mine = Mine(sample, job_id(answer))
        self.known[key].append(mine)
        return key, mine

    @rule(job=jobs)
    def poll(self, job: tuple[str, Mine]) -> None:
        """The state is one that the provider has, never before one that was seen, and an end is final."""
        key, mine = job
        answer = self.emulator.get(reading(mine.sample, mine.id), key=key)
        if mine not in self.known[key]:
            assert answer.status in (0, 404, 429, 502, 503, 504)
        elif answer.status == 200 and _whole(answer):
            mine.seen.append(_state(answer, mine.sample))
            self._goes_forward(mine)

    @rule(job=jobs)
    def cancel(self, job: tuple[str, Mine]) -> None:
        """RunComfy's callers can cancel; whatever is answered, the states keep their order."""
        key, mine = job
        if mine.sample is R2V:
            self.emulator.post(f"/runcomfy/v1/requests/{mine.id}/cancel", key=key)

    @rule(key=accounts, seconds=st.floats(0, 400))
    def advance(self, key: str, seconds: float) -> None:
        events = self.emulator.advance(seconds, key)
        assert [event["at"] for event in events] == sorted(event["at"] for event in events)
        assert {event["job"] for event in events} <= self._ids(key)

    @rule(key=accounts, fault=st.sampled_from(FAULTS), times=st.integers(1, 3))
    def arm(self, key: str, fault: str, times: int) -> None:
        assert self.emulator.post("/_control/faults", {"fault": fault, "times": times}, key=key).status == 200

    @rule(key=accounts)
    def disarm(self, key: str) -> None:
        self.emulator.request("DELETE", "/_control/faults", key=key)

    @rule(status=st.sampled_from((200, 500)))
    def receiver(self, status: int) -> None:
        self.emulator.receiver = Posted(status, "")

    @rule(key=accounts)
    def reset(self, key: str) -> None:
        """The account is as new; what it knew is gone."""
        self.emulator.post("/_control/reset", key=key)
        self.known[key] = []

    @rule(one=jobs, key=accounts)
    def look_at_another(self, one: tuple[str, Mine], key: str) -> None:
        owner, mine = one
        if owner != key:
            assert self.emulator.get(reading(mine.sample, mine.id), key=key).status != 200

    @invariant()
    def everybody_sees_only_their_own(self) -> None:
        for key in KEYS if hasattr(self, "known") else ():
            listed = self.emulator.get("/_control/jobs", key=key).json()["jobs"]
            assert {mine.id for mine in self.known[key]} <= {job["id"] for job in listed}
            others = {mine.id for other in KEYS if other != key for mine in self.known[other]}
            assert not others & {job["id"] for job in listed}

    @invariant()
    def callbacks_keep_the_schedule(self) -> None:
        for key in KEYS if hasattr(self, "known") else ():
            for delivery in self.emulator.get("/_control/deliveries", key=key).json()["deliveries"]:
                self._check(delivery, key)

    def _check(self, delivery: dict[str, Any], key: str) -> None:
        policy = self.emulator.engine.contracts[delivery["provider"]].provider.callbacks
        assert policy is not None
        attempts = delivery["attempts"]
        job = self.emulator.get(f"/_control/jobs/{delivery['job']}", key=key).json()
        assert len(attempts) <= len(policy.offsets)
        for attempt, offset in zip(attempts, policy.offsets, strict=False):
            assert abs(attempt["at"] - (job["ends"] + offset)) < 1e-3
        assert all(attempt["status"] == 500 for attempt in attempts[:-1])
        if delivery["state"] == "delivered":
            assert attempts[-1]["status"] == 200

    def _goes_forward(self, mine: Mine) -> None:
        lifecycle = self.emulator.engine.contracts[mine.sample.provider].provider.lifecycle
        ranks = [_rank(word, lifecycle) for word in mine.seen]
        assert ranks == sorted(ranks), mine.seen
        ends = {word for word in mine.seen if _rank(word, lifecycle) == len(lifecycle.steps)}
        assert len(ends) <= 1, mine.seen

    def _ids(self, key: str) -> set[str]:
        listed = self.emulator.get("/_control/jobs", key=key, query={"limit": 1000}).json()["jobs"]
        return {job["id"] for job in listed}


def _rank(word: str, lifecycle: Lifecycle) -> int:
    waiting = [step.word for step in lifecycle.steps]
    return waiting.index(word) if word in waiting else len(waiting)


def _whole(answer: Answer) -> bool:
    """Whether a client can read the answer."""
    fault = answer.headers.get("screentest-fault", "")
    return not any(name in fault for name in ("truncated-json", "gateway", "status", "rate-limited"))


def _state(answer: Answer, sample: Sample) -> str:
    shown = answer.json()
    shown = shown["data"] if sample is HIAPI else shown
    return str(shown["status_code"] if sample is RUNFLOW else shown["status"])


TestInterleavings = Interleavings.TestCase
TestInterleavings.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
