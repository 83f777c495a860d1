"""A server that runs somewhere, through its control API, and what can go wrong on the way there in words.

NoServerError         nobody answers, or somebody else does
UntrustedServerError  the server's certificate is not trusted here
LostServerError       the server went away before it had answered
RefusedError          the server answered that it will not; its sentence, and exit code 1 instead of 2
"""

from __future__ import annotations

import contextlib
import json
import os
import ssl
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote, urlsplit

import click

from screentest import own_headers
from screentest.errors import ScreentestError, SetupError
from screentest_contracts.urls import is_loopback

if TYPE_CHECKING:
    import httpx2

_CONNECT, _ANSWER = 10.0, 60.0
"""Seconds. A stream of events says something every quarter of a minute at least."""


class NoServerError(ScreentestError):
    """There is no server of ours at the URL."""


class UntrustedServerError(ScreentestError):
    """Who answers over https shows a certificate that is not trusted."""


class LostServerError(ScreentestError):
    """The connection ended before the answer did."""


class RefusedError(click.ClickException):
    """The server's own sentence."""


@dataclass(frozen=True, slots=True)
class Remote:
    """Where the server is, such as http://127.0.0.1:8790, and the account that is meant; without `key` all are."""

    url: str
    key: str | None = field(default=None, repr=False)
    control_token: str | None = field(default=None, repr=False)

    def one_account(self, why: str) -> None:
        """UsageError unless an account is named. `why` is what is done to it."""
        if self.key is None:
            raise click.UsageError(f"{why}: pass --key, or set SCREENTEST_KEY", click.get_current_context())

    def get(self, *path: str, **query: object) -> dict[str, Any]:
        """What is at ``/_control/<path>``; query parameters that are None are left out."""
        return self._ask("GET", path, params={name: str(value) for name, value in query.items() if value is not None})

    def post(self, *path: str, body: object = None, patient: bool = False) -> dict[str, Any]:
        """The answer to a wish; `patient` waits for it for ever."""
        options: dict[str, Any] = {"timeout": None} if patient else {}
        return self._ask("POST", path, content=_json(body), **options)

    def delete(self, *path: str) -> dict[str, Any]:
        return self._ask("DELETE", path)

    @contextlib.contextmanager
    def following(self) -> Iterator[Iterator[tuple[str, dict[str, Any]]]]:
        """What happens from now on: kind and data of each event. LostServerError when the server goes away."""
        with self._connected() as http, http.sse(_address(("events",))) as source:
            if not source.response.headers.get("content-type", "").startswith("text/event-stream"):
                source.response.read()
                self._told(source.response)
            yield ((event.event, cast("dict[str, Any]", event.json())) for event in source)

    def _ask(self, method: str, path: Iterable[str], **options: Any) -> dict[str, Any]:
        with self._connected() as http:
            return self._told(http.request(method, _address(path), **options))

    @contextlib.contextmanager
    def _connected(self) -> Iterator[httpx2.Client]:
        """A client of the server, whose troubles with the connection become our errors."""
        import httpx2

        try:
            with httpx2.Client(
                base_url=self.url,
                headers=self._headers(),
                timeout=httpx2.Timeout(_ANSWER, connect=_CONNECT),
                # A proxy of the environment cannot find this machine.
                trust_env=not is_loopback(urlsplit(self.url).hostname or ""),
                verify=self._trusted(),
            ) as http:
                yield http
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            wrong = _tls_trouble(error)
            if isinstance(wrong, ssl.SSLCertVerificationError):
                raise UntrustedServerError(
                    f"the certificate of {self.url} is not trusted: {wrong.verify_message.rstrip('.')};"
                    " set SSL_CERT_FILE to the file that `screentest serve` tells to trust"
                ) from None
            if wrong:
                raise NoServerError(f"what answers at {self.url} speaks no https: pass --url with http://") from None
            raise NoServerError(f"no server at {self.url}: start one with `screentest serve`, or pass --url") from None
        except httpx2.ReadTimeout:
            raise LostServerError(f"the server at {self.url} did not answer within {_ANSWER:.0f} seconds") from None
        except httpx2.TransportError:
            raise LostServerError(f"the server at {self.url} went away before it had answered") from None

    def _trusted(self) -> ssl.SSLContext:
        """Whose certificates are good: as SSL_CERT_FILE says, also on loopback, where we look at no other variable."""
        import httpx2

        if not self.url.startswith("https:"):  # certificates take longer to load than all the rest
            return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        try:
            return httpx2.create_ssl_context()
        except OSError as error:
            where = os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR")
            raise SetupError(f"SSL_CERT_FILE: no certificates in {where}: {error.strerror or error}") from None

    def _headers(self) -> dict[str, str]:
        headers = {"authorization": f"Bearer {self.key}"} if self.key else {}
        return headers | ({own_headers.CONTROL_TOKEN: self.control_token} if self.control_token else {})

    def _told(self, answer: httpx2.Response) -> dict[str, Any]:
        """The answer's object; RefusedError with the server's sentence where it has one instead."""
        try:
            told = answer.json()
        except ValueError:
            told = None
        if isinstance(told, dict) and answer.is_success:
            return told
        if isinstance(told, dict) and isinstance(told.get("error"), str):
            if answer.status_code == 401 and self.control_token:
                wrong = "the control token is not the server's: look at --control-token, or SCREENTEST_CONTROL_TOKEN"
                raise RefusedError(wrong)
            hint = "; pass --control-token, or set SCREENTEST_CONTROL_TOKEN" if answer.status_code == 401 else ""
            raise RefusedError(told["error"] + hint)
        where = f"{answer.request.method} {answer.request.url.path}"
        if answer.status_code == 500:
            raise RefusedError(f"the server at {self.url} failed at {where}: what it printed says why")
        raise NoServerError(f"what answers at {self.url} is no screentest server ({answer.status_code} to {where})")


def _tls_trouble(error: BaseException | None) -> ssl.SSLError | None:
    """What TLS found wrong, where that is why a connection failed."""
    while error is not None and not isinstance(error, ssl.SSLError):
        error = error.__cause__ or error.__context__
    return error


def _json(body: object) -> bytes:
    """What is sent for a body; nothing for None."""
    try:
        return b"" if body is None else json.dumps(body, allow_nan=False).encode()
    except ValueError:
        raise click.UsageError("NaN and Infinity cannot be sent: JSON has no such numbers") from None


def _address(path: Iterable[str]) -> str:
    return "/".join(("/_control", *(quote(part, safe="") for part in path)))
