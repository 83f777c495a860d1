"""The package as users import it, and its errors as they meet them."""

from __future__ import annotations

import copy
import inspect
import pickle
import subprocess
import sys

import pytest

import screentest_client
from client.stand_ins import CLIENTS
from screentest_client import client, errors
from screentest_client.base import AsyncClient, Client
from screentest_client.job import Job

JOB = Job(provider="hiapi", id="tk-1", model="m", state="fail", outcome="failed", raw={"a": 1})
ERRORS = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, errors.ClientError)]


def test_importing_the_package_imports_no_http_library() -> None:
    """Names are lazy: whoever only wants the version, or a test plugin, pays nothing."""
    code = "import sys, screentest_client; print('httpx2' in sys.modules, 'jsonschema_rs' in sys.modules)"

    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert told.stdout.split() == ["False", "False"]


@pytest.mark.parametrize("name", screentest_client.__all__)
def test_every_exported_name_is_there(name: str) -> None:
    """`from screentest_client import X` works for all of `__all__`, and each X says what it is."""
    assert getattr(screentest_client, name).__doc__
    assert name in dir(screentest_client)


def test_unknown_name_is_an_attribute_error() -> None:
    """A typing mistake is told as for any module."""
    with pytest.raises(AttributeError, match="no attribute 'HiApi'"):
        _ = screentest_client.HiApi  # type: ignore[attr-defined]


def test_all_errors_are_exported_and_drawn() -> None:
    """The tree in the module's docstring and `__all__` know every class."""
    for error in ERRORS:
        assert error.__name__ in screentest_client.__all__
        assert f"{error.__name__} " in (errors.__doc__ or "")


@pytest.mark.parametrize("error", ERRORS)
def test_errors_survive_pickle_and_copy(error: type[errors.ClientError]) -> None:
    """A test runner that spreads over processes sends errors between them."""
    raised = error("what, where, what to do", status=422, code="X", body={"a": 1}, retry_after=2.0, job=JOB)
    raised.__dict__["fields"] = (("duration", "too long"),)

    for again in (pickle.loads(pickle.dumps(raised)), copy.copy(raised)):
        assert type(again) is error
        assert (str(again), vars(again)) == (str(raised), vars(raised))


def test_only_runcomfy_can_cancel() -> None:
    """The others have no such operation, and a method that could only fail would be a lie."""
    assert {name for (name, _), kind in CLIENTS.items() if hasattr(kind, "cancel")} == {"RunComfy"}
    assert {name for (name, _), kind in CLIENTS.items() if hasattr(kind, "list")} == {"HiAPI"}
    assert {name for (name, _), kind in CLIENTS.items() if hasattr(kind, "run_sync")} == {"Runflow"}


@pytest.mark.parametrize("provider", ["RunComfy", "Runflow", "HiAPI"])
def test_twins_have_the_same_methods(provider: str) -> None:
    """Whatever one can do the other can, with the same arguments, and says how."""
    blocking, awaiting = CLIENTS[provider, "sync"], CLIENTS[provider, "async"]
    assert issubclass(blocking, Client)
    assert issubclass(awaiting, AsyncClient)
    names = {name for name in dir(blocking) if not name.startswith("_")}

    assert names == {name for name in dir(awaiting) if not name.startswith("_")}
    for name in names - {"base_url"}:
        one, other = getattr(blocking, name), getattr(awaiting, name)
        assert inspect.signature(one) == inspect.signature(other)
        assert one.__doc__
        assert other.__doc__


def test_users_may_import_from_the_owning_module() -> None:
    """The lazy names are the same objects."""
    assert screentest_client.HiAPI is client.HiAPI
    assert screentest_client.JobFailedError is errors.JobFailedError


def test_job_is_a_value() -> None:
    """Two looks at the same state are equal and hash alike; the raw document does not count, and is not printed."""
    other = Job(provider="hiapi", id="tk-1", model="m", state="fail", outcome="failed", raw={"b": 2})

    assert other == JOB
    assert len({other, JOB}) == 1
    assert "raw" not in repr(JOB)
