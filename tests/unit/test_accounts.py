"""A bearer token is an account; its prefix says whether it is bad, empty or an administrator's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screentest.accounts import Key, read_key, without_keys

printable = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=80)


def key(token: str) -> Key:
    """The key of ``Authorization: Bearer <token>``."""
    read = read_key(f"Bearer {token}")
    assert read is not None
    return read


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Bearer    ", "Basic dXNlcjpwYXNz", "sk-abc", "Token sk-abc", "Bearersk"]
)
def test_no_bearer_token_is_no_key(header: str | None) -> None:
    """Without the scheme Bearer and a token after it there is no key, which is not the same as a bad one."""
    assert read_key(header) is None


@pytest.mark.parametrize("header", ["Bearer sk-abc", "bearer sk-abc", "BEARER   sk-abc", "  Bearer sk-abc  "])
def test_the_scheme_is_read_in_any_case(header: str) -> None:
    """The name of an authentication scheme is case-insensitive, and blanks around the token do not count."""
    read = read_key(header)
    assert read is not None
    assert (read.token, read.bad, read.empty, read.admin) == ("sk-abc", False, False, False)


@pytest.mark.parametrize("token", ["invalid", "invalid-1", "revoked_x", "expired", "expiredsoon"])
def test_prefixes_of_bad_keys(token: str) -> None:
    """Tokens that begin with invalid, revoked or expired are bad."""
    assert key(token).bad


@pytest.mark.parametrize("token", ["sk-invalid", "Invalid", "xexpired", "empty-invalid"])
def test_bad_words_count_only_in_front(token: str) -> None:
    """The words mean nothing elsewhere in a token, or in other letters."""
    assert not key(token).bad


@pytest.mark.parametrize("token", ["two words", "tab\tbed", "caf\xe9", "\x00", "x" * 4097])
def test_a_token_with_odd_characters_is_bad(token: str) -> None:
    """A token is printable ASCII without blanks, up to 4096 characters."""
    assert key(token).bad


def test_the_longest_token_is_good() -> None:
    """4096 characters are still a token."""
    assert not key("x" * 4096).bad


@pytest.mark.parametrize(("token", "empty"), [("empty", True), ("empty_1", True), ("sk-empty", False)])
def test_prefix_of_an_empty_account(token: str, empty: bool) -> None:
    """A token that begins with empty is an account without balance, and not a bad key."""
    assert (key(token).empty, key(token).bad) == (empty, False)


def test_an_admin_key_belongs_to_its_live_account() -> None:
    """rf_svc_X is the administrator's key of the account rf_live_X."""
    admin, owner = key("rf_svc_abc"), key("rf_live_abc")
    assert admin.account == owner.account
    assert (admin.admin, owner.admin) == (True, False)


def test_another_live_key_is_another_account() -> None:
    """rf_svc_X says nothing about rf_live_Y."""
    assert key("rf_svc_abc").account != key("rf_live_abd").account


def test_the_account_does_not_hold_the_token() -> None:
    """What is stored of a key does not give the key away: a digest, and a shortened label."""
    read = key("sk-secret-secret-secret")
    assert "secret-secret" not in read.account + read.label
    assert read.label == "sk-secre...ret"


@given(printable)
def test_a_token_is_always_the_same_account(token: str) -> None:
    """The account of a token does not depend on anything else."""
    assert key(token).account == key(token).account
    assert len(key(token).account) == 24


@given(printable, printable)
def test_other_tokens_are_other_accounts(one: str, other: str) -> None:
    """Two tokens are two accounts, but for an administrator's and its owner's."""
    same = one.replace("rf_svc_", "rf_live_", 1) == other.replace("rf_svc_", "rf_live_", 1)
    assert (key(one).account == key(other).account) == same


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda raw: raw.decode("latin-1")))
def test_reading_never_raises(header: str) -> None:
    """Any header at all is a key, a bad key or none."""
    read = read_key(header)
    assert read is None or isinstance(read.bad, bool)


@pytest.mark.parametrize(
    ("query", "kept", "keys"),
    [
        ("", "", []),
        ("page=1&size=10", "page=1&size=10", []),
        ("q=sk-mine", "q=redacted", ["q"]),
        ("api_key=other", "api_key=redacted", ["api_key"]),
        ("a=1&access_token=Bearer%20sk-mine", "a=1&access_token=redacted", ["access_token"]),
        ("next=a%2Fb&key=x", "next=a/b&key=redacted", ["key"]),
    ],
)
def test_a_query_fit_to_be_kept(query: str, kept: str, keys: list[str]) -> None:
    """The account's key goes wherever it stands, other values go where they are called keys."""
    mine = read_key("Bearer sk-mine")
    assert mine is not None
    shown, found = without_keys(query, mine.account)
    assert (shown, [name for name, _ in found]) == (kept, keys)
