"""What a cassette hides, and that the judges see no difference in what it leaves."""

from __future__ import annotations

import json
from typing import TypeVar

import pytest
from msgspec.structs import replace

from conformance.journeys import SAMPLES, body_with_hook, look
from conformance.watching import HOOK, JUDGES, Watched
from providers.samples import job_id
from screentest_contracts.conformance import Monitor
from screentest_contracts.exchange import Callback, Exchange, redacted, without_secrets

AnyEvent = TypeVar("AnyEvent", Exchange, Callback)

PLAIN = [
    "HTTPS://0",
    "https://h/cb?",
    "https://h/cb#",
    "http://[::1",
    "//h/x?a=b;c",
    "https://h/?a=%7e&b=+&c",
    "tokens",
    "",
]


@pytest.mark.parametrize("url", PLAIN)
def test_a_url_without_secrets_stays_as_it_is(url: str) -> None:
    """Character for character, whether anybody can read it or not."""
    assert without_secrets(url) == url


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://h/cb?token=abc&x=%7e", "https://h/cb?token=redacted&x=%7e"),
        ("HTTPS://h/cb?a=1&X-Amz%2DSignature=ab+c#t", "HTTPS://h/cb?a=1&X-Amz%2DSignature=redacted#t"),
        ("https://h/cb#access_token=abc", "https://h/cb#access_token=redacted"),
        ("https://me:pass@h/@x", "https://h/@x"),
        ("http://me:p@[::1?api_key=k", "http://[::1?api_key=redacted"),
    ],
)
def test_what_is_secret_in_a_url_is_hidden_and_nothing_else(url: str, shown: str) -> None:
    """In its query, its fragment and before its host; so it is inside bodies, and once is as good as twice."""
    body = json.dumps({"callback": {"url": url}, "n": 1.50}).encode()
    exchange = redacted(Exchange(method="POST", url=url, status=200, request_body=body, body=body))

    assert isinstance(exchange, Exchange)
    assert exchange.url == shown
    assert json.loads(exchange.request_body) == json.loads(exchange.body) == {"callback": {"url": shown}, "n": 1.5}
    assert redacted(exchange) == exchange


def test_a_body_with_nothing_to_hide_is_left_byte_for_byte() -> None:
    """Although it has words in it that are often secret."""
    body = b'{ "prompt": "a token @ work: https://h/?a=b" ,"secret" : 5, "url": "http://[::1"}'
    hidden = redacted(Exchange(method="POST", url="/", status=200, request_body=body, body=body))

    assert isinstance(hidden, Exchange)
    assert hidden.request_body == hidden.body == body


def test_a_url_that_cannot_be_read_hides_nothing_else() -> None:
    """What stands beside it is hidden all the same."""
    hidden = redacted(Exchange(method="GET", url="/", status=200, body=b'{"secret":"x","url":"http://[::1"}'))

    assert isinstance(hidden, Exchange)
    assert hidden.body == b'{"secret":"redacted","url":"http://[::1"}'


@pytest.mark.parametrize(
    "url", ["HTTPS://127.0.0.1:9/Hook", "https://127.0.0.1:9/hook?", "https://127.0.0.1:9/hook?token=abc&b=1"]
)
@pytest.mark.parametrize("provider", ["runflow", "hiapi"])
def test_a_callback_comes_where_the_job_asked_for_it_in_a_cassette_too(provider: str, url: str) -> None:
    """What is hidden of its address is hidden in the submit as well, and of older cassettes at least in the one."""
    sample = SAMPLES[provider]
    emulator, body = Watched(provider), body_with_hook(sample)
    told: list[Callback] = []

    def keep(callback: Callback) -> list[Callback]:
        told.append(replace(callback, url=url))
        return []

    emulator.retold = keep
    asked = json.loads(json.dumps(body).replace(json.dumps(HOOK), json.dumps(url)))
    job = job_id(emulator.post(sample.path, asked))
    emulator.advance(60)
    look(emulator, sample, job)

    (callback,) = told
    for submits, callbacks in ((False, False), (True, True), (False, True)):
        monitor = Monitor(JUDGES[provider].contract, judge=JUDGES[provider])
        for exchange in emulator.exchanges:
            monitor.see(hidden(exchange) if submits else exchange)
        found = monitor.heard(hidden(callback) if callbacks else callback)
        assert "callback.unasked" not in {one.kind for one in found}
    assert "callback.unasked" in {one.kind for one in monitor.heard(replace(callback, url="https://127.0.0.1:9/other"))}


def hidden(event: AnyEvent) -> AnyEvent:
    found = redacted(event)
    assert isinstance(found, type(event))
    return found
