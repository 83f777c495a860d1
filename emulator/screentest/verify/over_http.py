"""A side at a URL: the emulator on a socket, or the live provider.

Where the server has control routes, as the emulator does, time is moved there and callbacks are heard on loopback; else
time passes by itself and nothing is heard.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from screentest import own_headers
from screentest.testing.receiver import Receivers
from screentest.verify.side import ADMIN, INVALID, NOBODY, ONE, TRUNCATED, TWO, Ask, DeniedError, UnreachableError
from screentest_contracts.exchange import Callback, Exchange

if TYPE_CHECKING:
    import httpx2

_TIMEOUT = 10.0
_FAST = 50.0  # seconds of an account in a second
_LARGEST = 64 * 2**20
_LONGEST = 30.0
"""Seconds that one answer may take to come in."""


class OverHttp:
    """A `Side` at `base`. `keys` are those to use by WHO; where the server can be controlled, accounts are made up.

    `sleep` is called with seconds where time passes by itself, `clock` tells the time there. Without `control` the
    server is not even asked whether it can be controlled. `timeout` bounds every wait for a part of an answer,
    `longest` the whole of it, in seconds.
    """

    def __init__(
        self,
        base: str,
        provider: str,
        keys: Mapping[str, str] | None = None,
        *,
        callbacks: bool,
        sleep: Callable[[float], None],
        clock: Callable[[], float],
        control: bool = True,
        control_token: str | None = None,
        timeout: float = _TIMEOUT,
        longest: float = _LONGEST,
    ) -> None:
        self.base = base.rstrip("/")
        parts = urlsplit(self.base)
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._given = dict(keys or {})
        self._sleep, self._clock, self._timeout, self._longest = sleep, clock, timeout, longest
        self._http = self._client()
        self._stack = contextlib.ExitStack()
        self._stack.callback(lambda: self._http.close())  # whichever it is by then
        self._token = {own_headers.CONTROL_TOKEN: control_token} if control_token else {}
        self.controlled = control and self._has_control()
        self.sole = self.controlled
        self.media: tuple[str, ...] = (f"{self._origin}/media/",) if self.controlled else ()
        self.hook: str | None = None
        self.secret: str | None = None
        self._receivers = Receivers() if self.controlled and callbacks else None
        if self._receivers:
            self._stack.enter_context(self._receivers)
        self._taken = 0
        self._keys: dict[str, str] = {}
        self._times: dict[str, float] = {}
        self._lag = 0.0  # seconds by which the second account's clock is late; most often nobody asks for it
        self.renew()

    def renew(self) -> None:
        if not self.controlled:
            cut = self._given.get(ONE, "")[:-1]
            self._keys = {INVALID: "invalid-" + secrets.token_hex(8), TRUNCATED: cut, **self._given}
            return
        name, self._lag = secrets.token_hex(6), 0.0
        self._keys = {
            ONE: f"rf_live_{name}",
            ADMIN: f"rf_svc_{name}",
            TWO: f"rf_live_{name}other",
            INVALID: f"invalid-{name}",
            TRUNCATED: f"invalid-{name}"[:-1],
        }
        for who in (ONE, TWO):
            self._control("POST", "clock", {"freeze": True}, who)
        if self._receivers:
            self._receiver = self._receivers.open(name)
            self._taken = 0
            self.hook, self.secret = self._receiver.url, "whsec_" + secrets.token_hex(12)
            self.set_account({"callback_secret": self.secret})

    def send(self, ask: Ask) -> Exchange:
        if ask.who != NOBODY and not self._keys.get(ask.who):
            raise DeniedError(f"there is no key of {ask.who}")
        if ask.who == TWO and self._lag:
            self._control("POST", "clock", {"advance": self._lag}, TWO)
            self._lag = 0.0
        headers, url = ask.headers_with(self._keys.get(ask.who)), ask.target(self.base)
        with self._flowing() if ask.waits else contextlib.nullcontext():
            answer = self._request(ask.method, url, headers, ask.content)
        return Exchange(
            method=ask.method,
            url=url,
            request_headers=headers,
            request_body=ask.content,
            status=answer.status_code,
            headers=dict(answer.headers),
            body=answer.content,
            at=self.now(),
            who=ask.who,
        )

    @contextlib.contextmanager
    def _flowing(self) -> Iterator[None]:
        """Time that passes by itself meanwhile. DeniedError where that may take as long as it likes."""
        if not self.controlled:
            raise DeniedError("jobs of this server may take longer than anybody waits for an answer")
        self._control("POST", "clock", {"rate": _FAST}, ONE)
        try:
            yield
        finally:
            before = self._times[ONE]
            self._control("POST", "clock", {"freeze": True}, ONE)
            self._lag += self._times[ONE] - before

    def wait(self, seconds: float) -> None:
        if not self.controlled:
            self._sleep(seconds)
            return
        self._control("POST", "clock", {"advance": seconds}, ONE)
        self._lag += seconds

    def heard(self) -> Sequence[Callback]:
        if not self._receivers:
            return []
        came = self._receiver.received[self._taken :]
        self._taken += len(came)
        return [
            Callback(
                url=self._receiver.url + one.target,
                headers=one.headers,
                body=one.body,
                at=self.now(),
                who=ONE,
                answered=one.answered,
            )
            for one in came
        ]

    def answer_callbacks(self, statuses: Sequence[int]) -> None:
        if self._receivers:
            for status in statuses:
                self._receiver.fail_next(1, status)

    def now(self) -> float:
        if not self.controlled:
            return self._clock()
        return self._times.get(ONE, 0.0)

    def wall(self) -> float:
        return self._clock()

    def set_account(self, settings: Mapping[str, Any]) -> bool:
        return self.controlled and self._control("PUT", "account", settings, ONE) is not None

    def close(self) -> None:
        self._stack.close()

    def _control(self, method: str, route: str, body: Any, who: str) -> Any:
        url, key = f"{self._origin}/_control/{route}", {"authorization": f"Bearer {self._keys[who]}"}
        headers = {"content-type": "application/json", **key, **self._token}
        answer = self._request(method, url, headers, json.dumps(body).encode())
        wrong = UnreachableError(f"{url}: HTTP {answer.status_code} {answer.text.strip()[:200]}")
        if answer.status_code != 200:
            raise wrong
        try:
            document = answer.json()
            if route == "clock":
                self._times[who] = float(document["now"])
        except (ValueError, TypeError, KeyError, RecursionError):
            raise wrong from None
        return document

    def _has_control(self) -> bool:
        """Whether this is an emulator: it says so at a route that no provider has."""
        answer = self._request("GET", f"{self._origin}/_control/health", self._token, b"")
        try:
            said = answer.json()
        except (ValueError, RecursionError):
            return False
        return answer.status_code == 200 and isinstance(said, dict) and said.get("status") == "ok" and "store" in said

    def _client(self) -> httpx2.Client:
        import httpx2

        return httpx2.Client(timeout=self._timeout, follow_redirects=False, trust_env=False)

    @contextlib.contextmanager
    def _bounded(self) -> Iterator[threading.Event]:
        """The whole of an answer has its time; when that is over, the event is set and the connection closed."""
        late, http = threading.Event(), self._http

        def give_up() -> None:
            late.set()
            http.close()

        # Every byte of a header may come in time, and the header never: then only closing the connection helps.
        watch = threading.Timer(self._longest, give_up)
        watch.daemon = True
        watch.start()
        try:
            yield late
        finally:
            watch.cancel()
            watch.join()  # it may be giving up at this moment; the next request needs a client that stays open
            if late.is_set():
                self._http = self._client()

    def _request(self, method: str, url: str, headers: Mapping[str, str], content: bytes) -> httpx2.Response:
        """The answer, whole. UnreachableError when none comes in time, DeniedError for what HTTP cannot carry."""
        import httpx2

        with self._bounded() as late:
            try:
                return self._answer(method, url, headers, content)
            except (httpx2.HTTPError, httpx2.InvalidURL, OSError, RuntimeError) as error:
                if late.is_set():
                    raise UnreachableError(f"{url}: the answer had not ended after {self._longest:g} s") from None
                if isinstance(error, httpx2.LocalProtocolError):
                    raise DeniedError(f"cannot be sent over HTTP: {error}") from None
                if isinstance(error, httpx2.InvalidURL) and not url.startswith(self._origin):
                    raise DeniedError(f"a link of the server's that cannot be asked: {error}") from None
                if isinstance(error, httpx2.TimeoutException):
                    raise UnreachableError(f"{url}: no answer within {self._timeout:g} s") from None
                if isinstance(error, RuntimeError):
                    raise
                raise UnreachableError(f"{url}: {error}") from None

    def _answer(self, method: str, url: str, headers: Mapping[str, str], content: bytes) -> httpx2.Response:
        import httpx2

        sent = {name.encode(): value.encode("latin-1", "replace") for name, value in headers.items()}
        with self._http.stream(method, url, headers=sent, content=content) as answer:
            body = bytearray()
            for chunk in answer.iter_bytes():  # unpacked: a small answer may be a large one
                body += chunk
                if len(body) > _LARGEST:
                    raise UnreachableError(f"{url}: the answer is larger than {_LARGEST} bytes")
            found = httpx2.Response(answer.status_code, content=bytes(body))
            found.headers = answer.headers
            return found
