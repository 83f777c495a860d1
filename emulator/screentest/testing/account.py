"""One account of an emulator, as a test holds it: addresses, key, time, what goes wrong, what happened."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from screentest.environment import variables
from screentest.testing.clock import Clock
from screentest.testing.control import Control
from screentest.testing.receiver import Receiver
from screentest.testing.verdict import Verdict, read_verdict
from screentest.testing.wishes import Wishes
from screentest_contracts.load import PROVIDERS

_MOST = 1000


class Screentest:
    """An account of its own, with its own jobs, clock, rules and receiver of callbacks.

    `url` is the emulator's origin, `key` the account's key for all three providers, `clock` its time, `receiver` what
    hears its callbacks, `control` the door to ``/_control`` for everything that has no method here. Wishes that cannot
    be granted raise ControlError.
    """

    def __init__(self, control: Control, key: str, receiver: Receiver) -> None:
        self.control = control
        self.url = control.url
        self.key = key
        self.clock = Clock(control)
        self.receiver = receiver

    def base_url(self, provider: str) -> str:
        """Where clients of a provider go: runcomfy, runflow or hiapi."""
        if provider not in PROVIDERS:
            raise ValueError(f"no provider {provider!r}; there are {', '.join(PROVIDERS)}")
        return f"{self.url}/{provider}"

    @property
    def runcomfy(self) -> str:
        return self.base_url("runcomfy")

    @property
    def runflow(self) -> str:
        return self.base_url("runflow")

    @property
    def hiapi(self) -> str:
        return self.base_url("hiapi")

    @property
    def env(self) -> dict[str, str]:
        """The environment variables that clients read, with this account's key."""
        return variables(self.url, dict.fromkeys(PROVIDERS, self.key))

    def sleep(self, seconds: float) -> None:
        """Sleep no real time: the account's clock goes on instead. For clients that take a `sleep`."""
        self.clock.advance(seconds)

    async def asleep(self, seconds: float) -> None:
        """`sleep` for an event loop, which goes on meanwhile: a receiver of yours in it can answer."""
        await asyncio.to_thread(self.sleep, seconds)

    def configure(self, **settings: Any) -> None:
        """Change `balance`, `key_state`, `requests_per_minute` or `callback_secret` of the account; None unsets one."""
        self.control.put("account", wish=settings)
        if "callback_secret" in settings:
            self.receiver.secret = settings["callback_secret"] or ""

    @property
    def secret(self) -> str:
        """What signs the account's callbacks. There is none, as documented, until it is asked for here or set."""
        if not self.receiver.secret:
            self.secret = f"whsec_{self.key}"
        return self.receiver.secret

    @secret.setter
    def secret(self, secret: str) -> None:
        self.configure(callback_secret=secret)

    def scenario(self, wish: str, **which: Any) -> str:
        """Let jobs go as `wish` says, such as "fail: nsfw"; the rule's id.

        `which` narrows it down: provider, model, input, chance, times.
        """
        return str(self.control.post("scenarios", wish={"scenario": wish, **which})["armed"])

    def fault(self, wish: str, **which: Any) -> str:
        """Let HTTP go wrong as `wish` says, such as "status: 503"; the rule's id.

        `which` narrows it down: provider, operation, chance, times.
        """
        return str(self.control.post("faults", wish={"fault": wish, **which})["armed"])

    def become(self, wishes: Wishes) -> None:
        """Be as a test's marker wants it."""
        if wishes.rate is not None:
            self.clock.rate(wishes.rate)
        if wishes.settings:
            self.configure(**wishes.settings)
        if wishes.scenario:
            self.scenario(wishes.scenario)

    def jobs(self, **query: Any) -> Sequence[dict[str, Any]]:
        """The account's jobs, newest first, as ``GET /_control/jobs`` tells them; `query` is that route's."""
        return self._listed("jobs", query)

    def requests(self, **query: Any) -> Sequence[dict[str, Any]]:
        """The requests that were made, oldest first, as ``GET /_control/requests`` tells them."""
        return self._listed("requests", query)

    def deliveries(self, **query: Any) -> Sequence[dict[str, Any]]:
        """The callbacks owed and made, oldest first, as ``GET /_control/deliveries`` tells them."""
        return self._listed("deliveries", query)

    def spend(self) -> dict[str, Any]:
        """What was not spent: ``{"usd", "jobs", "jobs_of_unknown_price", "models"}``."""
        return dict(self.control.get("spend"))

    def processed(self, delivery: str) -> None:
        """Say that the code under test acted on a callback, so that the verdict can judge it.

        It is named by its id, or by its job's, which receivers know; then the job's newest callback is meant.
        """
        self.control.post("deliveries", delivery, "processed", wish={})

    def verdict(self, **query: Any) -> Verdict:
        """What was wrong with how the emulator was called, so far; `query` is that of ``GET /_control/verdict``."""
        return read_verdict(self.control.get("verdict", **query))

    def _listed(self, kind: str, query: dict[str, Any]) -> Sequence[dict[str, Any]]:
        found: Sequence[dict[str, Any]] = self.control.get(kind, **{"limit": _MOST, **query})[kind]
        return found

    def __repr__(self) -> str:
        return f"Screentest({self.url!r}, {self.key!r})"
