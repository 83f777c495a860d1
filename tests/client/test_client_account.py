"""Where a client goes, and as whom: arguments, environment, contract."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from client.stand_ins import CLIENTS
from screentest_client.account import Account, account
from screentest_client.client import HiAPI
from screentest_client.contract import contract
from screentest_client.errors import AuthError

NAMES = ("runcomfy", "runflow", "hiapi")


@pytest.mark.parametrize("name", NAMES)
def test_base_url_defaults_to_the_real_host(name: str) -> None:
    """Without argument and environment the contract's host is meant."""
    assert contract(name).base_url == account(name, None, "k", {}).base_url


@pytest.mark.parametrize("name", NAMES)
def test_environment_has_both(name: str) -> None:
    """NAME_BASE_URL and NAME_API_KEY; arguments win over them."""
    environ = {f"{name.upper()}_BASE_URL": "http://127.0.0.1:1/x", f"{name.upper()}_API_KEY": "from-env"}

    from_env, from_arguments = account(name, None, None, environ), account(name, "http://h", "given", environ)

    assert (from_env.base_url, from_env.api_key) == ("http://127.0.0.1:1/x", "from-env")
    assert (from_arguments.base_url, from_arguments.api_key) == ("http://h", "given")


@pytest.mark.parametrize("provider", ["RunComfy", "Runflow", "HiAPI"])
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_clients_read_the_environment(monkeypatch: pytest.MonkeyPatch, provider: str, kind: Any) -> None:
    """The constructor without arguments is enough where `screentest env` was evaluated."""
    monkeypatch.setenv(f"{provider.upper()}_BASE_URL", "http://127.0.0.1:8790/here/v1")
    monkeypatch.setenv(f"{provider.upper()}_API_KEY", "from-env")
    make: Callable[[], Any] = CLIENTS[provider, kind]

    assert make().base_url == "http://127.0.0.1:8790/here"


@pytest.mark.parametrize(
    "given",
    ["http://h:1/hiapi", "http://h:1/hiapi/", "http://h:1/hiapi/v1", "http://h:1/hiapi/v1/", " http://h:1/hiapi/v1// "],
)
def test_base_url_is_an_origin_without_v1(given: str) -> None:
    """Trailing slashes and /v1 are accepted and dropped, for official clients want them in various ways."""
    assert account("hiapi", given, "k", {}).base_url == "http://h:1/hiapi"


@pytest.mark.parametrize(
    "given",
    [
        "127.0.0.1:8790",
        "ftp://h",
        "http://",
        "http://h:x",
        "http://[h",
        "http://user:pw@h",
        "http://h?x=1",
        "http://h#x",
    ],
)
def test_base_url_that_is_none_is_refused(given: str) -> None:
    """The message says where it came from and what it should look like, and repeats no password."""
    with pytest.raises(ValueError, match="base_url or HIAPI_BASE_URL") as caught:
        account("hiapi", given, "k", {})

    assert "pw" not in str(caught.value)


@pytest.mark.parametrize(("name", "variable"), [("runcomfy", "RUNCOMFY_API_KEY"), ("hiapi", "HIAPI_API_KEY")])
@pytest.mark.parametrize("environ", [{}, {"RUNCOMFY_API_KEY": "", "HIAPI_API_KEY": " "}])
def test_missing_key_is_an_auth_error_before_any_request(name: str, variable: str, environ: dict[str, str]) -> None:
    """It names the argument and the variable; empty counts as missing."""
    with pytest.raises(AuthError, match=f"api_key.*{variable}"):
        account(name, None, None, environ)


@pytest.mark.parametrize("key", ["Bearer sk-1", "sk\n1", "schlüssel", "a b"])
def test_key_that_no_header_carries_is_refused_untold(key: str) -> None:
    """Better here than in the HTTP library, whose error would print the header."""
    with pytest.raises(AuthError, match="without the word Bearer") as caught:
        HiAPI("http://h", key)

    assert key not in str(caught.value)


def test_key_from_a_file_may_end_in_a_newline() -> None:
    """White space around a key is never meant."""
    assert account("hiapi", None, "sk-1\n", {}).api_key == "sk-1"


def test_key_is_in_no_repr() -> None:
    """Neither the account nor the client shows it."""
    assert "sk-1" not in repr(account("hiapi", None, "sk-1", {})) + repr(HiAPI("http://h", "sk-1"))


@pytest.mark.parametrize(
    ("base", "local"),
    [
        ("http://127.0.0.1:1", True),
        ("http://localhost", True),
        ("http://[::1]:1", True),
        ("https://api.hiapi.ai", False),
    ],
)
def test_local_is_this_machine(base: str, local: bool) -> None:
    """Only here a refused connection suggests that the emulator is not running."""
    assert local is Account(title="x", base_url=base, api_key="k").local
