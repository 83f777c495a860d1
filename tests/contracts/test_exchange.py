"""Exchanges as values: what is hidden, what a cassette keeps, and what a script shows."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import asdict

from screentest_contracts.cassette import CassetteError, dumps, load, loads, save
from screentest_contracts.curl import curl_script
from screentest_contracts.exchange import REDACTED, Callback, Exchange, NotJson, parsed, redacted

KEY = "sk-0123456789"
SUBMIT = Exchange(
    method="POST",
    url="http://127.0.0.1:8790/hiapi/v1/tasks",
    request_headers={"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"},
    request_body=b'{"model": "m", "input": {"prompt": "it\'s $HOME"}}',
    status=200,
    headers={"Content-Type": "application/json"},
    body=b'{"data": {"taskId": "tk-hiapi-01KYV4GTDQPDGKR8ZRRXCTF1H8"}}',
    at=10.0,
    who="one",
)
READ = Exchange(
    method="GET",
    url="http://127.0.0.1:8790/hiapi/v1/tasks/tk-hiapi-01KYV4GTDQPDGKR8ZRRXCTF1H8",
    status=200,
    body=b"{}",
    at=13.0,
    who="two",
)
HEARD = Callback(
    url="http://127.0.0.1:1/hook", headers={"X-HiAPI-Signature": "ab"}, body=b"\xff", at=14.5, answered=503
)


def test_header_names_are_kept_in_lower_case() -> None:
    """However they were sent."""
    assert SUBMIT.request_headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("secret", "exchange"),
    [
        (KEY, SUBMIT),
        ("ab12cd", Exchange(method="GET", url="https://x.example/a?X-Amz-Signature=ab12cd&b=1", status=200)),
        ("user:pass", Exchange(method="GET", url="https://user:pass@x.example/a", status=200)),
        ("whsec_1", Exchange(method="POST", url="/s", status=201, body=b'{"plain_secret": "whsec_1", "id": "a"}')),
        (
            "ab12cd",
            Exchange(method="GET", url="/s", status=200, body=b'{"url": "https://x.example/?Signature=ab12cd"}'),
        ),
        ("id=1", Exchange(method="GET", url="/s", status=200, headers={"Set-Cookie": "id=1"})),
        (KEY, Exchange(method="GET", url=f"/s?q={KEY}", status=200, body=f'{{"echo": "{KEY}"}}'.encode())),
    ],
    ids=["header", "query", "login", "member", "signed link", "cookie", "anywhere"],
)
def test_nothing_secret_is_left(secret: str, exchange: Exchange) -> None:
    """Keys, signatures and cookies are gone from headers, URLs and bodies; the rest is as it was."""
    hidden = redacted(exchange, keys=(KEY,))
    assert secret in str(asdict(exchange))
    assert secret not in str(asdict(hidden))
    assert isinstance(hidden, Exchange)
    assert (hidden.status, hidden.at, hidden.who) == (exchange.status, exchange.at, exchange.who)
    assert redacted(hidden, keys=(KEY,)) == hidden


def test_a_callbacks_signature_is_hidden_and_its_body_is_not_touched() -> None:
    """Byte for byte, so that what is judged of it stays the same."""
    hidden = redacted(HEARD)
    assert hidden.headers == {"x-hiapi-signature": REDACTED}
    assert hidden.body == HEARD.body


def test_an_idempotency_key_is_no_secret() -> None:
    """Without it a replay could not be judged."""
    exchange = Exchange(method="POST", url="/", status=200, request_headers={"Idempotency-Key": "order-1"})
    hidden = redacted(exchange)
    assert isinstance(hidden, Exchange)
    assert hidden.request_headers == {"idempotency-key": "order-1"}


def test_a_cassette_gives_back_what_was_saved(tmp_path: Path) -> None:
    """One readable line each; what was secret is hidden on the way."""
    path = tmp_path / "one.jsonl"
    save(path, "hiapi", [SUBMIT, HEARD, READ], keys=(KEY,))
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) == 4
    assert KEY not in text
    assert load(path) == ("hiapi", (redacted(SUBMIT, (KEY,)), redacted(HEARD), READ))


@given(
    st.builds(
        Exchange,
        method=st.sampled_from(["GET", "POST"]),
        url=st.text(),
        status=st.integers(0, 999),
        request_headers=st.dictionaries(st.text(), st.text()),
        request_body=st.binary(),
        body=st.binary() | st.text().map(lambda text: text.encode("utf-8", "ignore")),
        at=st.floats(allow_nan=False, allow_infinity=False),
        who=st.text(),
    )
)
def test_any_exchange_survives_a_cassette(exchange: Exchange) -> None:
    """Bytes that are no text, line ends inside values, any header."""
    assert loads(dumps("x", [exchange])) == ("x", (exchange,))


HEAD = '{"screentest-cassette": 1, "provider": "hiapi"}'
LINE = json.loads(dumps("x", [HEARD]).splitlines()[1])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "c:1: not JSON"),
        ("<html>", "c:1: not JSON"),
        ("[]", "c:1: expected an object, got list"),
        ('{"log": {}}', "c:1: not a cassette of version 1; record it again"),
        ('{"screentest-cassette": 2, "provider": "x"}', "c:1: not a cassette of version 1; record it again"),
        ('{"screentest-cassette": 1}', 'c:1: missing key "provider"'),
        (HEAD + "\n{", "c:2: not JSON"),
        (HEAD + '\n{"kind": "wish"}', "c:2/kind: 'wish' is none of exchange, callback"),
        (HEAD + "\n" + json.dumps(LINE | {"colour": 1}), 'c:2: unknown key "colour"'),
        (HEAD + "\n\n" + json.dumps(LINE | {"base64": "?"}), "c:3/base64: "),
        (HEAD + "\n" + json.dumps(LINE | {"text": "x"}), "c:2: a body is either text or base64, not both"),
        (HEAD + "\n" + json.dumps(LINE | {"headers": {"a": 1}}), "c:2/headers/a: expected str, got int"),
        (HEAD + "\n" + "[" * 100_000, "c:2: nested too deeply"),
    ],
)
def test_what_is_no_cassette_is_refused_in_one_line(text: str, said: str) -> None:
    """The message names the file, the line and the place."""
    with pytest.raises(CassetteError) as refusal:
        loads(text, "c")
    assert str(refusal.value).startswith(said)
    assert "\n" not in str(refusal.value)


def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    """Absent, or no text."""
    (tmp_path / "x").write_bytes(b"\xff\xfe")
    for name in ("x", "none"):
        with pytest.raises(CassetteError, match="cannot be read"):
            load(tmp_path / name)


@pytest.mark.parametrize(
    ("body", "disputed"),
    [
        (b"", False),
        (b"{", False),
        (b"NaN", False),
        (b"\xff", False),
        (b"[" * 200 + b"]" * 200, True),
        (b"[" * 100_000, True),
        (b"1e999", True),
        (b"1" * 5000, True),
        (b'"\\ud800"', True),
    ],
)
def test_what_is_no_json_and_what_is_disputed(body: bytes, disputed: bool) -> None:
    """A body that some servers read and others do not is told apart from one that nobody reads."""
    found = parsed(body)
    assert isinstance(found, NotJson)
    assert found.disputed == disputed
    assert not isinstance(parsed(b'{"a": [1.5, "\\ud83d\\ude00"]}'), NotJson)


def test_a_script_sends_the_same_bytes(tmp_path: Path) -> None:
    """A stand-in for curl prints its arguments: quotes and dollars arrive, the id is taken from the answer."""
    curl = tmp_path / "curl"
    curl.write_text('#!/bin/sh\nfor one in "$@"; do echo "<$one>" >> log; done\ncat answer\n')
    curl.chmod(0o755)
    (tmp_path / "sleep").write_text("#!/bin/sh\n")
    (tmp_path / "sleep").chmod(0o755)
    (tmp_path / "answer").write_bytes(b'HTTP/1.1 200 OK\n\n{"data": {"taskId": "tk-hiapi-NEW"}}\n')
    script = curl_script([SUBMIT, READ])
    assert KEY not in script
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "KEY": "k1", "KEY_2": "k2"}
    done = subprocess.run(["sh"], input=script.encode(), cwd=tmp_path, env=environment, check=False)
    assert done.returncode == 0
    log = (tmp_path / "log").read_text()
    assert "<Authorization: Bearer k1>" in log
    assert "<Authorization: Bearer k2>" in log
    assert f"<{SUBMIT.request_body.decode()}>" in log
    assert "<http://127.0.0.1:8790/hiapi/v1/tasks/tk-hiapi-NEW>" in log
    assert "sleep 3" in script
