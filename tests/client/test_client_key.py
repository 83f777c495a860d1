"""The API key is in nothing that an error says, and what succeeds comes as the provider wrote it."""

from __future__ import annotations

import json
import traceback
from pathlib import Path
from typing import Any

import pytest

from client import answers as say
from client.stand_ins import KEY, KINDS, Actor, Answer, Kind
from client.talks.talk import ok
from screentest_client.errors import ClientError, ConnectionFailedError, blot
from screentest_client.job import Output
from screentest_client.wire.shape import start

QUOTING = f"http://127.0.0.1:8790/media/{KEY}/video.mp4"


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    return request.param  # type: ignore[no-any-return]


def failed(actor: Actor, method: str, *args: Any, **options: Any) -> ClientError:
    """The error of a call, whose whole traceback has no key in it, nor its facts."""
    with pytest.raises(ClientError) as caught:
        actor.do(method, *args, **options)
    assert KEY not in "".join(traceback.format_exception_only(caught.value)) + str(caught.value.__cause__)
    assert KEY not in repr({name: fact for name, fact in vars(caught.value).items() if name != "job"})
    return caught.value


def test_answer_that_holds_the_key_is_given_unchanged(kind: Kind, tmp_path: Path) -> None:
    """A key may be a common word: an id and a URL with it in them are used and told as they came."""
    task = {"taskId": f"{KEY}-01", "status": "success", "output": [{"url": QUOTING, "type": "video"}], KEY: KEY}
    actor = Actor(
        kind, "HiAPI", ok(say.enveloped({"taskId": f"{KEY}-01"})), ok(say.enveloped(task)), Answer(content=b"x")
    )

    job = actor.do("run", say.HIAPI_R2V, say.INPUT)
    actor.do("download", job, tmp_path)

    assert (job.id, job.outputs, job.raw) == (f"{KEY}-01", (Output(url=QUOTING, type="video"),), task)
    assert actor.asked[1] == f"GET /v1/tasks/{KEY}-01"
    assert str(actor.requests[2].url) == QUOTING


def test_key_that_an_answer_quotes_is_blotted_out(kind: Kind) -> None:
    """Some gateways repeat the key that they refuse; neither message nor body keeps it."""
    actor = Actor(kind, "HiAPI", Answer(401, say.hiapi_error(401, f"key {KEY} is not known")))

    error = failed(actor, "status", say.TASK_ID)

    assert "key [key] is not known" in str(error)
    assert error.body == say.hiapi_error(401, "key [key] is not known")
    assert KEY not in repr(actor.client)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(302, headers={"location": f"https://evil.example/?k={KEY}"}),
        ok(say.hiapi_error(400, f"no {KEY}", KEY)),
        ok({"code": 200, KEY: [KEY]}),
        Answer(content=KEY.encode()),
        Answer(502, content=b"x" * 495 + KEY.encode()),
        Answer(content=b"x" * 75 + KEY.encode()),
    ],
    ids=["redirect", "refused under 200", "wrong shape", "no JSON", "cut by a limit", "cut by the other limit"],
)
def test_no_answer_brings_the_key_into_an_error(kind: Kind, answer: Answer) -> None:
    """Whatever the answer and wherever it quotes the key; half a key, from where a long text is cut, is one too."""
    error = failed(Actor(kind, "HiAPI", answer), "status", say.TASK_ID)

    assert KEY[:4] not in str(error)


def test_failed_job_keeps_its_document_and_the_error_is_blotted(kind: Kind) -> None:
    """The message and the body are for logs; `error.job` is the job as the provider described it."""
    task = say.detail("fail", error={"code": "X", "message": f"input of {KEY}"})

    error = failed(Actor(kind, "HiAPI", ok(task)), "wait", say.TASK_ID)

    assert "input of [key]" in str(error)
    assert error.job is not None
    assert task["data"] == error.job.raw


def test_trouble_behind_an_error_is_blotted_too(kind: Kind) -> None:
    """A traceback prints the cause, which quotes the provider as well."""
    actor = Actor(kind, "HiAPI", Answer(503, say.hiapi_error(503, f"no {KEY}"), {"retry-after": "9"}))

    error = failed(actor, "wait", say.TASK_ID, timeout=1.0)

    assert "no [key]" in str(error.__cause__)


def test_foreign_exception_that_is_being_handled_is_left_alone() -> None:
    """What the caller was handling when the call was made is not ours to change."""
    error, cause, handled = ConnectionFailedError(KEY), ConnectionError(KEY), KeyError(KEY)
    error.__cause__, cause.__context__ = cause, handled

    blot(error, KEY)

    assert (str(error), str(cause), handled.args) == ("[key]", "[key]", (KEY,))


def test_key_is_known_in_a_url_and_a_short_one_is_none() -> None:
    """Characters of a key may be escaped in a URL; a key of a few letters would be found within words."""
    escaped, short = ClientError("at https://h/?k=sk%2Fvery%2Bsecret"), ClientError("a task")

    blot(escaped, "sk/very+secret")
    blot(short, "a")

    assert (str(escaped), str(short)) == ("at https://h/?k=[key]", "a task")


def test_body_deeper_than_python_calls_is_blotted_as_far_as_it_goes() -> None:
    """A malicious answer does not turn an error of ours into one of Python's."""
    deep = ClientError("no", body=json.loads('{"a":' * 900 + f'"{KEY}"' + "}" * 900))

    blot(deep, KEY)

    assert KEY not in json.dumps(deep.body)


@pytest.mark.parametrize(
    ("said", "kept"), [("a bc", "a bc"), ("a bcd", "a ..."), ("abcde", "..."), ("abcd e", "abcd ...")]
)
def test_long_text_is_cut_between_words(said: str, kept: str) -> None:
    """No word is cut, for it may be a key."""
    assert kept == start(said, 4)
