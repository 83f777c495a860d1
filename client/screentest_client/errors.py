"""What can go wrong, by whose fault it is.

    ClientError                     every error of this package
    ├── RefusedError                the provider answered, and said no
    │   ├── AuthError               the key is missing, unknown, or may not do this (401, 403)
    │   ├── BalanceError            the account cannot pay (402)
    │   ├── InvalidInputError       the request is wrong; `fields` says where (400, 413, 415, 422)
    │   ├── NotFoundError           no such job or model (404)
    │   ├── ConflictError           not now, or not with this idempotency key (409)
    │   └── RateLimitedError        too many requests; `retry_after` seconds if the provider says (429)
    ├── ServerError                 the provider is in trouble (5xx, 408)
    ├── UnexpectedAnswerError       an answer that the contract does not know: not JSON, wrong shape, a redirect
    ├── ConnectionFailedError       no answer at all
    ├── DownloadError               a medium that is not there, or did not arrive whole
    ├── JobFailedError              the job ended in failure; `job`
    ├── JobCancelledError           the job was cancelled; `job`
    └── WaitTimeoutError            the caller's patience ended, the job goes on; `job` as last seen

RunComfy's business codes decide where they say more than the HTTP status: 400004 is an AuthError, 400002 a
BalanceError, 400001 a NotFoundError (unknown model), whatever the status. An API key appears in no message and no
`body`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

if TYPE_CHECKING:
    from screentest_client.job import Job

Field = tuple[str, str]

BLOT = "[key]"
SHORTEST_SECRET = 8
"""A shorter key is none that anybody was given, and would be found within words."""


class ClientError(Exception):
    """Any error of this package; the message says what happened, where, and what to do.

    `status` is the HTTP status, `code` the provider's business code, `body` the answer (parsed JSON, else text) and
    `retry_after` the seconds that the provider asked to wait: each None when there is none. `job` is the job in
    question, as last seen, when there is one.
    """

    advice: ClassVar[str] = ""

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        code: str | int | None = None,
        body: Any = None,
        retry_after: float | None = None,
        job: Job | None = None,
    ) -> None:
        # an answer's JSON can hold half a character, which could not be printed
        super().__init__(message.encode(errors="backslashreplace").decode())
        self.status = status
        self.code = code
        self.body = body
        self.retry_after = retry_after
        self.job = job

    def __reduce__(self) -> tuple[Any, ...]:
        # Exception's own way calls cls(*args), which the keyword-only facts of a subclass would not survive.
        return _revive, (type(self), self.args), self.__dict__


class RefusedError(ClientError):
    """The provider answered, and said no."""


class AuthError(RefusedError):
    """The API key is missing, unknown, revoked, or may not do this."""

    advice = "Check the API key, and that it belongs to this provider and account."


class BalanceError(RefusedError):
    """The account cannot pay for the job; nothing was created."""

    advice = "Top up the account, then submit again."


class InvalidInputError(RefusedError):
    """The request is wrong. `fields` are pairs (path, message), as far as the provider names them.

    A path is dotted and relative to the model's input: "duration", "reference_image.0".
    """

    advice = "Correct the request; sending it again unchanged gives the same answer."
    fields: tuple[Field, ...] = ()


class NotFoundError(RefusedError):
    """No such job or model, or not for this account."""

    advice = "Check the id; jobs of another account, and old ones, are not found either."


class ConflictError(RefusedError):
    """The request clashes with an earlier one, or with the state of the job."""

    advice = "An idempotency key belongs to one request: repeat it unchanged, or take a new key."


class RateLimitedError(RefusedError):
    """Too many requests; `retry_after` holds the seconds to wait if the provider says."""

    advice = "Wait, then try again."


class ServerError(ClientError):
    """The provider could not do it this time; nothing is wrong with the request."""

    advice = "Try again later."


class UnexpectedAnswerError(ClientError):
    """An answer that the contract does not know: not JSON, the wrong shape, or a redirect."""

    advice = "Check that the base URL is the API's origin; otherwise the provider has changed."


class ConnectionFailedError(ClientError):
    """No answer: nobody listens, the name is unknown, or the answer did not come in time.

    Raised by a client's constructor too, where the environment's proxy or certificate authorities cannot be used.
    """


class DownloadError(ClientError):
    """The medium is not there, or did not arrive whole. No file was left behind."""


class JobFailedError(ClientError):
    """The job ended in failure; `job` is its last document and `code` the provider's failure code, if any."""

    job: Job


class JobCancelledError(ClientError):
    """The job was cancelled; `job` is its last document."""

    job: Job


class WaitTimeoutError(ClientError):
    """The job did not end in the time given. It goes on, and may be charged; `job` is how it was last seen."""

    job: Job


def blot(error: ClientError, key: str) -> None:
    """Take an API key, which some gateways quote, out of all that an error says, and out of the errors behind it.

    `job` stays as the provider described it. Behind an error is its cause; what else was being handled may be the
    caller's own, and is touched only if it is one of ours.
    """
    if len(key) < SHORTEST_SECRET:
        return
    forms = (key, quote(key, safe=""))  # the latter in a URL
    behind: list[BaseException] = [error]
    while behind:
        one = behind.pop()
        one.args = _blotted(one.args, forms)
        if isinstance(one, ClientError):
            facts = {name: fact for name, fact in vars(one).items() if name != "job"}
            vars(one).update(_blotted(facts, forms))
        if one.__cause__ is not None:
            behind.append(one.__cause__)
        elif isinstance(one.__context__, ClientError):
            behind.append(one.__context__)


def _blotted(said: Any, forms: tuple[str, ...]) -> Any:
    """A copy of what JSON can hold without the key in it."""
    try:
        if isinstance(said, str):
            for form in forms:
                said = said.replace(form, BLOT)
        elif isinstance(said, dict):
            return {_blotted(name, forms): _blotted(value, forms) for name, value in said.items()}
        elif isinstance(said, (list, tuple)):
            return type(said)(_blotted(item, forms) for item in said)
    except RecursionError:  # JSON is read to a greater depth than Python calls
        return BLOT
    return said


def _revive(kind: type[ClientError], args: tuple[Any, ...]) -> ClientError:
    return kind.__new__(kind, *args)
