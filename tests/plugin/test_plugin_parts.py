"""The parts of the fixture by themselves: receiver, verdict, tally, control."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from importlib import import_module
from urllib.parse import urlsplit

import httpx2
import pytest

import screentest
from screentest.server import Running
from screentest.system_clock import SystemClock
from screentest.testing import Control, ControlError, NothingReceivedError, Receiver, Screentest
from screentest.testing.receiver import Receivers
from screentest.testing.tally import Tally
from screentest_contracts.load import load
from screentest_contracts.signing import sign

IMAGE = ["https://example.com/fox.jpg"]


@pytest.fixture(scope="module")
def receivers() -> Iterator[Receivers]:
    with Receivers() as open_:
        yield open_


@pytest.fixture
def receiver(receivers: Receivers, request: pytest.FixtureRequest) -> Receiver:
    return receivers.open(str(abs(hash(request.node.nodeid))))


@pytest.fixture
def account(server: Running, receiver: Receiver, request: pytest.FixtureRequest) -> Screentest:
    key = f"rf_live_{abs(hash(request.node.nodeid))}"
    found = Screentest(Control(server.url, key), key, receiver)
    found.clock.freeze()
    return found


def order(account: Screentest, provider: str) -> None:
    """Submit one job that calls back."""
    headers = {"authorization": f"Bearer {account.key}"}
    url = account.receiver.url
    if provider == "runflow":
        path = "/v1/models/alibaba/happy-horse/reference-to-video/runs"
        body: dict[str, object] = {"input": {"prompt": "a", "image_urls": IMAGE}, "callback_url": url}
    else:
        path = "/v1/tasks"
        inputs = {"prompt": "a", "reference_image": IMAGE}
        body = {"model": "happyhorse-1.1/reference-to-video", "input": inputs, "callback": {"url": f"{url}/hook?a=b"}}
    httpx2.post(account.base_url(provider) + path, json=body, headers=headers).raise_for_status()


@pytest.mark.parametrize("provider", ["runflow", "hiapi"])
def test_callbacks_are_heard_and_verified(account: Screentest, provider: str) -> None:
    """A secret signs them from the moment that it is asked for; before, and with another one, they are not trusted."""
    order(account, provider)
    account.clock.advance(60)
    assert account.secret == account.secret != ""
    order(account, provider)
    account.clock.advance(60)
    account.scenario("wrong-secret-callback")
    order(account, provider)
    account.clock.advance(60)

    heard = account.receiver.wait_for(3)

    assert [one.problem for one in heard] == ["not signed", "", "wrong signature"]
    assert {one.method for one in heard} == {"POST"}
    assert {one.target for one in heard} == {"" if provider == "runflow" else "/hook?a=b"}
    assert heard[0].json
    assert [one["state"] for one in account.deliveries()] == ["delivered"] * 3


def test_the_receiver_answers_as_it_is_told(account: Screentest) -> None:
    """The next two callbacks fail, those after them do not, until every one is refused."""
    account.receiver.fail_next(2, status=502)
    order(account, "hiapi")
    account.clock.advance(7200)
    account.receiver.answer(410)
    order(account, "hiapi")
    account.clock.advance(7200)

    tried = [[attempt["status"] for attempt in one["attempts"]] for one in account.deliveries()]

    assert tried == [[502, 502, 204], [410] * 4]


def test_waiting_ends_when_enough_came(receiver: Receiver) -> None:
    """A request from another thread ends the wait; `where` says which ones count."""
    threading.Thread(target=lambda: [httpx2.post(receiver.url, content=text) for text in ("no", "yes")]).start()

    (heard,) = receiver.wait_for(where=lambda one: one.body == b"yes")

    assert heard.body == b"yes"
    assert len(receiver.received) == 2


def test_waiting_in_vain_is_told(receiver: Receiver) -> None:
    """The error says how long, how many came, and what to look at."""
    httpx2.post(receiver.url, content="no")

    with pytest.raises(NothingReceivedError, match=r"waited 0 s for 1 at http://127.*; 1 came, 0 of them fitting"):
        receiver.wait_for(timeout=0, where=lambda one: one.body == b"yes")


def test_receivers_do_not_hear_each_other(receivers: Receivers) -> None:
    """Each has a path of its own; a closed one answers 404."""
    first, second = receivers.open("first"), receivers.open("second")
    statuses = [httpx2.post(first.url).status_code]
    receivers.close("first")
    statuses.append(httpx2.post(first.url).status_code)

    assert statuses == [204, 404]
    assert (len(first.received), len(second.received)) == (1, 0)


def test_an_old_signature_is_not_trusted(receiver: Receiver) -> None:
    """The time stamp is compared with the machine's clock."""
    policy = load("hiapi").provider.callbacks
    assert policy
    receiver.secret = "secret"
    httpx2.post(receiver.url, content=b"{}", headers=sign(policy.signature, "secret", b"{}", 1_000_000_000))

    assert receiver.received[0].problem == "time stamp out of tolerance"


@pytest.mark.parametrize("digits", [16, 5000])
def test_a_time_stamp_that_is_too_long_is_not_trusted(receiver: Receiver, digits: int) -> None:
    """It is told like any other that is out of tolerance, and the sender gets its answer."""
    policy = load("hiapi").provider.callbacks
    assert policy
    receiver.secret = "secret"
    headers = sign(policy.signature, "secret", b"{}", 10) | {"X-HiAPI-Timestamp": "9" * digits}

    assert httpx2.post(receiver.url, content=b"{}", headers=headers).status_code == 204
    assert receiver.received[0].problem == "time stamp out of tolerance"


@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "PATCH", "DELETE", "HEAD", "OPTIONS", "PURGE"])
def test_every_method_is_heard(receiver: Receiver, method: str) -> None:
    """What came is everything that came, and is answered as it was told."""
    receiver.answer(202)

    assert httpx2.request(method, f"{receiver.url}/hook").status_code == 202
    assert [(one.method, one.target, one.body) for one in receiver.received] == [(method, "/hook", b"")]


def test_a_body_in_chunks_is_heard_whole(receiver: Receiver) -> None:
    """Who sends as it goes says no length; the signature is over the bytes without their frames."""
    policy = load("hiapi").provider.callbacks
    assert policy
    receiver.secret = "secret"
    headers = sign(policy.signature, "secret", b'{"a": 1}', int(SystemClock().now()))

    assert httpx2.post(receiver.url, content=iter([b'{"a"', b": 1}"]), headers=headers).status_code == 204
    (heard,) = receiver.received
    assert (heard.headers["transfer-encoding"], heard.body, heard.problem) == ("chunked", b'{"a": 1}', "")


@pytest.mark.parametrize(
    ("framing", "sent"),
    [
        pytest.param("content-length: many", "", id="no length"),
        pytest.param("content-length: -1", "", id="a length below nothing"),
        pytest.param(f"content-length: {10**30}", "", id="a length beyond everything"),
        pytest.param("content-length: 5", "abc", id="a body that breaks off"),
        pytest.param("transfer-encoding: chunked", "many\r\n", id="no size of a chunk"),
        pytest.param("transfer-encoding: chunked", "-1\r\n", id="a size below nothing"),
        pytest.param("transfer-encoding: chunked", "2\r\nabcd\r\n0\r\n\r\n", id="a chunk that is longer"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(receiver: Receiver, framing: str, sent: str) -> None:
    """400, and what is no request is not kept as one."""
    parts = urlsplit(receiver.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=5) as connection:
        connection.sendall(f"POST {parts.path} HTTP/1.1\r\nhost: x\r\n{framing}\r\n\r\n{sent}".encode())
        connection.shutdown(socket.SHUT_WR)
        answer = connection.makefile("rb").readline()

    assert answer.split()[1] == b"400"
    assert receiver.received == ()


def test_the_frames_of_chunks_may_say_more(receiver: Receiver) -> None:
    """Extensions behind a size and headers behind the body are read over."""
    parts = urlsplit(receiver.url)
    chunks = "3;a=b\r\nabc\r\nA\r\n0123456789\r\n0\r\nexpires: never\r\n\r\n"
    with socket.create_connection((parts.hostname, parts.port), timeout=5) as connection:
        head = f"POST {parts.path} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: Chunked\r\n\r\n"
        connection.sendall((head + chunks).encode())
        assert b" 204 " in connection.makefile("rb").readline()

    assert receiver.received[0].body == b"abc0123456789"


def look(account: Screentest, job: str, times: int) -> None:
    headers = {"authorization": f"Bearer {account.key}"}
    for _ in range(times):
        httpx2.get(f"{account.hiapi}/v1/tasks/{job}", headers=headers).raise_for_status()


def test_the_verdict_names_what_is_wrong(account: Screentest) -> None:
    """Looks on an unmoved clock are a finding, told in a line with job and requests; kinds can be allowed."""
    order(account, "hiapi")
    job = account.jobs()[0]["id"]
    assert account.verdict().ok
    look(account, job, 3)

    verdict = account.verdict()

    assert not verdict.ok
    assert verdict.judged["polled-unmoved-clock"]
    assert verdict.not_judged["key-to-foreign-host"]
    kinds = {finding.kind for finding in verdict.findings}
    verdict.assert_clean(allow=kinds)
    with pytest.raises(AssertionError) as caught:
        verdict.assert_clean(allow=kinds - {"polled-unmoved-clock"})
    told = str(caught.value).splitlines()
    assert told[0] == "one thing is wrong with how the emulator was called:"
    assert told[1].startswith("polled-unmoved-clock: ")
    assert f"(job {job}) [requests " in told[1]
    with pytest.raises(ValueError, match="no kind of finding 'polled-to-fast'; there are downloaded-"):
        verdict.assert_clean(allow=["polled-to-fast"])


def test_a_callback_acted_upon_twice_is_found(account: Screentest) -> None:
    """The test says when its code acted, by the delivery's id or the job's; the second time is one too many."""
    order(account, "hiapi")
    account.clock.advance(60)
    (delivery,) = account.deliveries()
    account.processed(delivery["id"])
    account.verdict().assert_clean(allow=["processed-badly-signed"])

    account.processed(delivery["job"])

    assert "processed-twice" in {finding.kind for finding in account.verdict().findings}
    with pytest.raises(ControlError, match="no delivery 'task-none'"):
        account.processed("task-none")


@pytest.mark.parametrize(
    ("tally", "told"),
    [
        (Tally(1, 31, 12, 18.2, 4), "31 jobs, 12 callbacks, would have cost $18.20 (4 jobs of unknown price)"),
        (Tally(1, 1, 1, 0.5, 0), "1 job, 1 callback, would have cost $0.50"),
        (Tally(1, 2, 0, 0.0, 2), "2 jobs, 0 callbacks, price unknown"),
        (Tally(1), "0 jobs, 0 callbacks, would have cost $0.00"),
    ],
)
def test_the_summary_counts(tally: Tally, told: str) -> None:
    """Unknown prices are never summed, and one thing is not two."""
    assert str(tally) == told


def test_a_control_that_is_not_there_is_told(server: Running) -> None:
    """A wrong address, or one of something else, is one sentence."""
    with pytest.raises(ControlError, match=r"no screentest server answers at http://127\.0\.0\.1:9"):
        Control("http://127.0.0.1:9", "key").get("clock")
    with pytest.raises(ControlError, match="nothing at /elsewhere/_control/clock"):
        Control(f"{server.url}/elsewhere", "key").get("clock")


def test_running_is_at_the_top() -> None:
    """`screentest.running()` serves outside pytest; other names are refused as usual."""
    with screentest.running() as up:
        assert httpx2.get(f"{up.url}/_control/health").json()["status"] == "ok"
    with pytest.raises(AttributeError, match="no attribute 'runing'"):
        import_module("screentest").runing  # noqa: B018
