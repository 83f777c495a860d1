"""Every conversation ends as it should, and the blocking and the awaiting client have it word for word alike."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest

from client import answers as say
from client.stand_ins import KEY, KINDS, Actor, Kind
from client.talks import hiapi, runcomfy, runflow
from client.talks.talk import Talk
from screentest_client.contract import contract
from screentest_client.errors import ClientError, InvalidInputError
from screentest_client.job import Job

TALKS = (*runcomfy.TALKS, *runflow.TALKS, *hiapi.TALKS)
EACH = pytest.mark.parametrize("talk", TALKS, ids=[f"{one.provider}: {one.name}" for one in TALKS])


def have(kind: Kind, talk: Talk) -> tuple[Actor, Job | ClientError]:
    """Have the conversation: its client, and what the call gave or raised."""
    actor = Actor(kind, talk.provider, *talk.answers, steady=talk.steady)
    method, *args = talk.call
    try:
        return actor, actor.do(method, *args, **talk.options)
    except ClientError as error:
        return actor, error


def facts(end: Job | ClientError) -> tuple[Any, ...]:
    """Everything that a caller can see of it."""
    if isinstance(end, Job):
        return end, end.raw
    fields = end.fields if isinstance(end, InvalidInputError) else ()
    return type(end), str(end), end.status, end.code, end.body, end.retry_after, end.job, fields


@EACH
@pytest.mark.parametrize("kind", KINDS)
def test_conversation_ends_as_expected(kind: Kind, talk: Talk) -> None:
    """The job's outcome, or the class of the error; the whole script is used up, and no key is told."""
    actor, end = have(kind, talk)

    if isinstance(end, Job):
        assert talk.end == end.outcome
    else:
        assert talk.end is type(end), end
        assert KEY not in str(end) + repr(end)
    assert talk.steady or not actor.script


@EACH
def test_blocking_and_awaiting_agree(talk: Talk) -> None:
    """The same requests byte for byte, the same sleeps, the same job or error."""
    blocking, awaiting = have("sync", talk), have("async", talk)

    assert facts(blocking[1]) == facts(awaiting[1])
    assert blocking[0].asked == awaiting[0].asked
    assert [one.content for one in blocking[0].requests] == [one.content for one in awaiting[0].requests]
    assert [dict(one.headers) for one in blocking[0].requests] == [dict(one.headers) for one in awaiting[0].requests]
    assert blocking[0].slept == pytest.approx(awaiting[0].slept, abs=0.5)


@pytest.mark.parametrize(
    ("provider", "schema", "document"),
    [
        ("runcomfy", "Submitted", say.SUBMITTED),
        ("runcomfy", "Status", say.status("in_queue", queue_position=3)),
        ("runcomfy", "Result", say.SUCCEEDED),
        ("runcomfy", "Result", say.result("failed", error="no face found")),
        ("runcomfy", "Cancellation", say.CANCELLED),
        ("runcomfy", "Cancellation", say.NOT_CANCELLABLE),
        ("runcomfy", "Error", say.runcomfy_error(422001, "no", runcomfy.FIELD)),
        ("runflow", "Run", say.runflow_run("succeeded", output=say.OUTPUT)),
        ("runflow", "Run", runflow.FAILED),
        ("runflow", "SyncOutput", {**say.OUTPUT, **runflow.VIDEO}),
        ("runflow", "Error", say.runflow_error("VALIDATION_ERROR", "no", runflow.FIELD)),
        ("hiapi", "TaskCreated", say.CREATED),
        ("hiapi", "TaskDetail", say.SUCCESS),
        ("hiapi", "TaskDetail", say.FAIL),
        ("hiapi", "Error", say.hiapi_error(400, "no", "INVALID_REQUEST")),
    ],
)
def test_stand_ins_speak_the_contract(provider: str, schema: str, document: Any) -> None:
    """The scripted answers satisfy the contract's schemas, so that a client that reads them reads the provider."""
    components = {"schemas": contract(provider).schemas}

    jsonschema_rs.validate({"$ref": f"#/components/schemas/{schema}", "components": components}, document)
