"""The guard between a run and a live provider: it decides what may leave, counts what it costs, and stops the run.

    side = Guard(side, contract, Terms(tier="free", hosts=frozenset({"api.hiapi.ai"})))

What may not leave is a DeniedError, and the engines go on. When the provider accepts what it should not, the breaker
opens: the job is cancelled where that is possible, the answer is still judged, and the next request is a TrippedError.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from decimal import Decimal
from urllib.parse import quote, urlsplit

from msgspec import Struct, structs

from screentest.verify.around import Around
from screentest.verify.budget import Budget
from screentest.verify.exposure import Exposure, exposure
from screentest.verify.session import Enough
from screentest.verify.side import Ask, DeniedError, Side, UnreachableError
from screentest.verify.tiers import Terms, is_harmless, why_not_change, why_not_submit, why_not_there
from screentest_contracts.conformance import Judge
from screentest_contracts.conformance.operations import Found
from screentest_contracts.exchange import NO_ANSWER, Exchange, NotJson
from screentest_contracts.json_values import texts
from screentest_contracts.load import Contract

_UNKNOWN_END = 500
_KEY_FAILURES = frozenset({"key-malformed", "key-mismatch", "key-in-flight"})


class TrippedError(Enough):
    """The guard has stopped the run."""


class Trip(Struct, frozen=True):
    """Why the guard stopped the run. `risk` is what the job that should not be costs at worst, None without one."""

    why: str
    risk: Exposure | None = None

    def __str__(self) -> str:
        return self.why if self.risk is None else f"{self.why}; worst case {self.risk}"


class Guard(Around):
    """A `Side` that lets through what `terms` and `budget` allow. `stopped` is the kill switch, asked every time."""

    def __init__(
        self,
        inner: Side,
        contract: Contract,
        terms: Terms,
        budget: Budget | None = None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        super().__init__(inner)
        self.terms = terms
        self.budget = budget or Budget()
        self.trip: Trip | None = None
        self.accepted = 0
        self._contract = contract
        self._judge = Judge(contract, inner.base)
        self._stopped = stopped
        self._host = urlsplit(inner.base).hostname
        self._jobs: set[str] = set()
        self._going: dict[str, str] = {}

    def send(self, ask: Ask) -> Exchange:
        if self.trip is None and self._stopped():
            self.trip = Trip("stopped from outside (SCREENTEST_STOP)")
        if self.trip:
            raise TrippedError(str(self.trip))
        url = ask.target(self.base)
        headers = ask.headers_with(None)
        draft = Exchange(
            method=ask.method, url=url, request_headers=headers, request_body=ask.content, status=NO_ANSWER, who=ask.who
        )
        if why := why_not_there(self.terms, url) or self._leak_of_key(draft):
            raise self.deny(why)
        found = self._judge.operations.find(draft)
        if isinstance(found, Found) and found.operation.billable:
            return self._submit(ask, found, draft)
        if why := why_not_change(self._contract, found, draft, self._jobs):
            raise self.deny(why)
        exchange = self.inner.send(ask)
        if isinstance(found, Found):
            self._note_ends(found, exchange)
        return exchange

    def clean_up(self) -> list[str]:
        """Cancel the jobs of this run that were not seen to end, where their owner can; what became of each."""
        return [f"a job had not ended: {self._cancelled(job, who)}" for job, who in sorted(self._going.items())]

    def account_is_empty(self) -> None:
        """From now on the account is known to have no balance."""
        self.terms = structs.replace(self.terms, empty=True)

    def submit_once(self, ask: Ask) -> Exchange:
        """Send a submit that the account, which is said to be empty, must not be able to pay."""
        terms, self.terms = self.terms, structs.replace(self.terms, empty=True)
        try:
            return self.send(ask)
        finally:
            self.terms = terms

    def stop(self, why: str) -> None:
        """Open the breaker, unless it is."""
        self.trip = self.trip or Trip(why)

    def _leak_of_key(self, draft: Exchange) -> str:
        away = urlsplit(draft.url).hostname != self._host
        return "a key goes to the provider's own host only" if away and not is_harmless(draft) else ""

    def _submit(self, ask: Ask, found: Found, draft: Exchange) -> Exchange:
        """A request that could make a job: paid for before it leaves."""
        asked, risk = self._judge.requests.look(found, draft), exposure(self._contract, found, draft)
        valid = not asked.faults
        if why := why_not_submit(self.terms, self.budget, risk, draft, valid=valid):
            raise self.deny(why)
        pays = risk.usd if self.terms.tier == "paid" and risk.usd is not None and not is_harmless(draft) else None
        if pays is not None:
            self.budget = self.budget.paid(pays)
        unanswered = f"{found.operation.id} was not answered, so that there may be a job"
        try:
            exchange = self.inner.send(self._safe_to_repeat(ask, found))
        except UnreachableError:
            self.trip = Trip(unanswered, risk)
            raise
        if exchange.status == NO_ANSWER:
            self.trip = Trip(unanswered, risk)
        self._settle(exchange, found, risk, pays, because=asked.faults[0].message if asked.faults else "")
        return exchange

    def _settle(self, exchange: Exchange, found: Found, risk: Exposure, pays: Decimal | None, because: str) -> None:
        """What came of a submit: the budget, our jobs, and the breaker."""
        if not 200 <= exchange.status < 300:
            if pays is not None and NO_ANSWER < exchange.status < _UNKNOWN_END:
                self.budget = self.budget.given_back(pays)
            return
        jobs = set(self._jobs_in(exchange, found))
        if jobs and jobs <= self._jobs and not because:  # an answer that repeats the one to an earlier submit
            self.budget = self.budget.given_back(pays) if pays is not None else self.budget
            return
        self._jobs |= jobs
        self._going |= dict.fromkeys(jobs, exchange.who)
        self.accepted += 1
        if because or self.terms.tier != "paid" or is_harmless(exchange):
            said = f"although {because}" if because else "although the account should not be able to pay for it"
            ended = "".join(f"; {self._cancelled(job, exchange.who)}" for job in sorted(jobs))
            self.trip = Trip(f"{found.operation.id} accepted a job, {said}{ended}", risk)

    def _note_ends(self, found: Found, exchange: Exchange) -> None:
        """Jobs that an answer shows as ended need no cancelling."""
        schema = found.operation.answers.get(exchange.status)
        if schema and self._going and not isinstance(exchange.answer, NotJson):
            for seen in self._judge.sights.of_answer(found.operation, schema, exchange.answer):
                if seen.id and seen.phase and seen.phase.stage == "end":
                    self._going.pop(seen.id, None)

    def _jobs_in(self, exchange: Exchange, found: Found) -> Iterator[str]:
        """Ids of the jobs that an answer to a submit names."""
        schema = found.operation.answers.get(exchange.status)
        if isinstance(exchange.answer, NotJson):
            return
        if schema:
            yield from (
                one.id for one in self._judge.sights.of_answer(found.operation, schema, exchange.answer) if one.id
            )
        else:
            yield from (word for word in texts(exchange.answer) if self._judge.sights.is_id(word))

    def _cancelled(self, job: str, who: str) -> str:
        """Cancel a job where its owner can; what became of it. One whose cancelling is not answered is still going."""
        cancelling, lifecycle = self._contract.provider.cancelling, self._contract.provider.lifecycle
        if cancelling is None or lifecycle.cancel != "queued":
            self._going.pop(job, None)
            return f"{job} cannot be cancelled"
        operation = self._contract.provider.operations[cancelling.operation]
        path = operation.path.replace("{" + str(operation.job_parameter) + "}", quote(job, safe=""))
        try:
            answer = self.inner.send(Ask(method=operation.method, path=path, who=who))
        except (UnreachableError, DeniedError) as error:
            return f"{job} could not be cancelled: {error}"
        self._going.pop(job, None)
        return f"cancelling {job} was answered with HTTP {answer.status}"

    def _safe_to_repeat(self, ask: Ask, found: Found) -> Ask:
        """With an idempotency key, where the operation takes one and there is none."""
        policy = self._contract.provider.idempotency
        if policy is None or not _KEY_FAILURES & set(found.operation.failures):
            return ask
        if policy.header.lower() in {name.lower() for name in ask.headers}:
            return ask
        return structs.replace(ask, headers={**ask.headers, policy.header: f"screentest-{secrets.token_hex(12)}"})
