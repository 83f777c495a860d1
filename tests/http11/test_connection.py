"""Requests and answers over real sockets, between any ASGI app and a client that looks at the bytes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from http11.serving import PATIENCE, Client, connected
from screentest.http11.connection import LONGEST_HEAD, Connection

GET = b"GET /a%20b?c=d HTTP/1.1\r\nHost: x\r\nX-One: 1\r\n\r\n"


def start(*headers: tuple[bytes, bytes], status: int = 200) -> Message:
    return {"type": "http.response.start", "status": status, "headers": list(headers)}


def body(data: bytes, *, more: bool = False) -> Message:
    return {"type": "http.response.body", "body": data, "more_body": more}


def saying(*messages: Message) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    """An app that sends these."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)

    return app


async def whole(receive: Receive) -> bytes:
    """The body of a request."""
    data, more = b"", True
    while more:
        message = await receive()
        assert message["type"] == "http.request"
        data, more = data + message["body"], message["more_body"]
    return data


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """An app that answers with what it got."""
    data = await whole(receive)
    await send(start((b"content-length", b"%d" % len(data))))
    await send(body(data))


def asked(app: Any, *sent: bytes) -> bytes:
    """What comes back until the server closes the connection."""

    async def ask() -> bytes:
        async with connected(app) as client:
            for data in sent:
                client.send(data)
            return await client.rest()

    return asyncio.run(ask())


def talk(app: Any, conversation: Callable[[Client], Awaitable[None]], kind: type[Connection] = Connection) -> None:
    async def talked() -> None:
        async with connected(app, kind) as client:
            await conversation(client)

    asyncio.run(talked())


def test_the_scope_says_what_came() -> None:
    """Path decoded and as it came, query, headers with lower-case names, both ends."""
    seen: list[Scope] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope)
        await send(start((b"connection", b"close")))
        await send(body(b""))

    asked(app, GET)
    (scope,) = seen
    assert (scope["method"], scope["path"]) == ("GET", "/a b")
    assert (scope["raw_path"], scope["query_string"]) == (b"/a%20b", b"c=d")
    assert list(scope["headers"]) == [(b"host", b"x"), (b"x-one", b"1")]
    assert (scope["scheme"], scope["http_version"], scope["client"][0]) == ("http", "1.1", "127.0.0.1")


@pytest.mark.parametrize("pieces", [[b"one"], [b"one", b"", b"two"], []], ids=len)
def test_a_body_of_unknown_length_goes_out_in_chunks(pieces: list[bytes]) -> None:
    """Each piece is one, and the end is told."""
    messages = [*(body(piece, more=True) for piece in pieces), body(b"")]
    said = asked(saying(start((b"connection", b"close")), *messages), GET)
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces if piece)
    assert said == b"HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"


@pytest.mark.parametrize("status", [204, 304])
def test_a_status_without_a_body_has_none(status: int) -> None:
    """And says nothing of one."""
    said = asked(saying(start((b"connection", b"close"), status=status), body(b"")), GET)
    assert said.endswith(b"connection: close\r\n\r\n")
    assert b"transfer-encoding" not in said


def test_head_has_the_head_only() -> None:
    """The length is that of the body which GET would get."""
    app = saying(start((b"content-length", b"3"), (b"connection", b"close")), body(b"one"))
    said = asked(app, GET.replace(b"GET", b"HEAD"))
    assert said == b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\nconnection: close\r\n\r\n"


def test_http_1_0_ends_with_its_answer() -> None:
    """Nobody has to ask for that."""
    said = asked(saying(start((b"content-length", b"3")), body(b"one")), GET.replace(b"1.1", b"1.0"))
    assert said == b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\nconnection: close\r\n\r\none"


def test_a_client_is_told_to_go_on_when_the_app_wants_the_body() -> None:
    """Expect: 100-continue; without it the body would never come."""

    async def conversation(client: Client) -> None:
        client.send(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
        assert await client.until(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.send(b"one")
        assert await client.until(b"one") == b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\none"

    talk(echo, conversation)


def test_an_app_that_answers_at_once_wants_no_body() -> None:
    """The client that waits for a 100 gets the answer instead."""

    async def conversation(client: Client) -> None:
        client.send(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
        assert (await client.until(b"no")).startswith(b"HTTP/1.1 401 ")

    talk(saying(start((b"content-length", b"2"), status=401), body(b"no")), conversation)


def test_megabytes_arrive_whole_both_ways() -> None:
    """Though neither end takes them at once, and a connection keeps little of what it cannot pass on."""
    data = bytes(range(256)) * 2**14

    async def conversation(client: Client) -> None:
        client.send(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(data) + data)
        assert b" 200 " in await client.until(b"\r\n\r\n")
        assert await client.exactly(len(data)) == data

    talk(echo, conversation)


def test_a_head_waits_for_a_piece_of_its_body() -> None:
    """As ASGI has it; what streams sends an empty one first."""
    go_on = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start((b"content-length", b"3")))
        await send(body(b"", more=True))
        await go_on.wait()
        await send(body(b"one"))

    async def conversation(client: Client) -> None:
        client.send(GET)
        assert await client.until(b"\r\n\r\n") == b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n"
        go_on.set()
        assert await client.exactly(3) == b"one"

    talk(app, conversation)


def test_requests_that_come_together_are_answered_one_after_the_other() -> None:
    """However long each takes, in their order."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        data = await whole(receive)
        for _ in range(10 - 3 * int(data)):
            await asyncio.sleep(0)
        await send(start((b"content-length", b"1")))
        await send(body(data))

    async def conversation(client: Client) -> None:
        one = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n"
        client.send(b"".join(one + b"%d" % number for number in range(4)))
        heads = [await client.until(b"\r\n\r\n") + await client.exactly(1) for _ in range(4)]
        assert [head[-1:] for head in heads] == [b"0", b"1", b"2", b"3"]

    talk(app, conversation)


def test_requests_that_come_together_let_others_have_their_turn() -> None:
    """Between any two of them, even when the app waits for nothing."""
    turns: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        turns.append("app")
        await send(start((b"content-length", b"0")))
        await send(body(b""))
        asyncio.get_running_loop().call_soon(turns.append, "other")

    async def conversation(client: Client) -> None:
        client.send(GET * 3)
        for _ in range(3):
            await client.until(b"\r\n\r\n")

    talk(app, conversation)
    assert turns == ["app", "other"] * 3


def test_the_app_hears_that_the_client_is_gone() -> None:
    """While it waits for that."""
    heard: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await whole(receive)
        await send(start())
        await send(body(b"one", more=True))
        heard.append(await receive())
        await send(body(b"two"))  # to nobody

    async def conversation(client: Client) -> None:
        client.send(GET)
        await client.until(b"one")

    talk(app, conversation)
    assert heard == [{"type": "http.disconnect"}]


async def fails(scope: Scope, receive: Receive, send: Send) -> None:
    raise LookupError("a fault of the app")


async def says_nothing(scope: Scope, receive: Receive, send: Send) -> None:
    """An app that forgets to answer."""


smuggles = saying(start((b"x-bad", b"a\r\nb: c")))


@pytest.mark.parametrize("app", [fails, says_nothing, smuggles], ids=["fails", "silent", "smuggles"])
def test_an_app_without_an_answer_is_a_500(app: Any, caplog: pytest.LogCaptureFixture) -> None:
    """And the connection ends, since nobody knows where the request would."""
    caplog.set_level(logging.CRITICAL, "screentest")
    said = asked(app, GET)
    assert said.startswith(b"HTTP/1.1 500 Internal Server Error\r\n")
    assert said.endswith(b"connection: close\r\n\r\nInternal Server Error")


@pytest.mark.parametrize("sent", [[b"fo"], [b"four"], [b"on", b"es"]], ids=["short", "long", "long in pieces"])
def test_a_broken_promise_ends_the_connection(sent: list[bytes], caplog: pytest.LogCaptureFixture) -> None:
    """Rather than have the next one read as the rest of it."""
    caplog.set_level(logging.CRITICAL, "screentest")
    messages = [body(one, more=number + 1 < len(sent)) for number, one in enumerate(sent)]
    said = asked(saying(start((b"content-length", b"3")), *messages), GET + GET)
    head, _, rest = said.partition(b"\r\n\r\n")
    assert head == b"HTTP/1.1 200 OK\r\ncontent-length: 3"
    assert len(rest) < 3


@pytest.mark.parametrize("reset", [True, False])
def test_an_app_breaks_the_connection(reset: bool) -> None:
    """With a reset, or after what was sent."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start((b"content-length", b"3")))
        await send(body(b"o", more=True))
        scope["extensions"]["screentest.abort"]["abort"](reset)

    async def conversation(client: Client) -> None:
        client.send(GET)
        if reset:
            with pytest.raises(ConnectionResetError):
                await client.rest()
        else:
            assert (await client.rest()).endswith(b"\r\n\r\no")

    talk(app, conversation)


def test_a_client_that_is_gone_cannot_be_reset(caplog: pytest.LogCaptureFixture) -> None:
    """Nor has the app failed because it wanted to."""
    heard = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await whole(receive)
        heard.set()
        assert await receive() == {"type": "http.disconnect"}
        scope["extensions"]["screentest.abort"]["abort"](True)

    async def conversation(client: Client) -> None:
        client.send(GET)
        await heard.wait()

    talk(app, conversation)
    assert not caplog.records


class Hurried(Connection):
    """A connection with little patience."""

    patience = 0.05


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: x\r\n", GET], ids=["nothing", "half-a-head", "idle"])
def test_nobody_waits_for_ever(sent: bytes) -> None:
    """A head that never comes, or no further request, ends the connection."""

    async def conversation(client: Client) -> None:
        client.send(sent)
        assert (await client.rest()).endswith(b"one" if sent == GET else b"")

    talk(saying(start((b"content-length", b"3")), body(b"one")), conversation, Hurried)


@pytest.mark.parametrize("more", [b"", GET[:9]], ids=["nothing", "a part of the next"])
def test_who_waits_for_an_answer_is_not_idle(more: bytes) -> None:
    """However long it takes, and whatever of another request has come meanwhile."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(4 * Hurried.patience)  # the patience of a connection is real time
        await send(start((b"content-length", b"3")))
        await send(body(b"one"))

    async def conversation(client: Client) -> None:
        client.send(GET + more)
        assert (await client.until(b"one")).startswith(b"HTTP/1.1 200 ")

    talk(app, conversation, Hurried)


def test_what_follows_a_request_and_is_none_costs_no_answer() -> None:
    """A request that is complete is answered, then the connection closes: it may have been accepted, and charged."""
    sent = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nokGARBAGE"
    answer = asked(echo, sent)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b"\r\n\r\nok")
    assert b"connection: close" in answer


def test_a_broken_body_costs_no_answer_to_what_came_before_it() -> None:
    """Neither that of the request which is being answered, nor those of what waits behind it."""
    understood = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nok" * 2
    broken = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nno length\r\n"
    said = asked(echo, understood + broken)
    assert said.count(b"HTTP/1.1 200 ") == said.count(b"HTTP/1.1 ") == 2
    assert said.endswith(b"connection: close\r\n\r\nok")


def test_nothing_is_kept_of_what_cannot_be_understood(caplog: pytest.LogCaptureFixture) -> None:
    """And it is told once, however much comes while a request before it is answered."""
    go_on = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await go_on.wait()
        await echo(scope, receive, send)

    async def conversation(client: Client) -> None:
        client.send(GET + b"GARBAGE" * 2**20)
        await asyncio.wait_for(client.writer.drain(), PATIENCE)
        go_on.set()

    talk(app, conversation)
    assert [record.message for record in caplog.records] == ["Invalid HTTP request received."]


def test_an_upgrade_with_a_body_of_no_kind() -> None:
    """It is refused as it is without the upgrade."""
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n"
    for offer in (b"", b"Connection: Upgrade\r\nUpgrade: h2c\r\n"):
        assert asked(echo, head + offer + b"\r\n").startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("trailers", [b"x: " + b"y" * 1000 + b"\r\n", b"y" * 1000], ids=["many", "one"])
def test_trailers_without_an_end(trailers: bytes) -> None:
    """Nobody wants them, so the connection ends before they have taken much memory."""
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nx: "
    answer = asked(echo, head + (trailers * 300)[:LONGEST_HEAD])
    assert answer.startswith(b"HTTP/1.1 400 ")


def test_a_body_in_many_small_chunks_is_no_head() -> None:
    """However many they are."""
    many = LONGEST_HEAD // 4
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    assert asked(echo, head + b"1\r\nx\r\n" * many + b"0\r\n\r\n").endswith(b"x" * many)


def test_an_older_client_gets_no_chunks() -> None:
    """HTTP/1.0 has none, as proxies speak it: the end of the connection ends the body."""
    app = saying(start(), body(b"one ", more=True), body(b"two"))
    answer = asked(app, b"GET / HTTP/1.0\r\n\r\n")
    assert answer.endswith(b"\r\n\r\none two")
    assert b"transfer-encoding" not in answer
