"""Files pulled over real sockets: this machine only, no redirects, bounded in bytes and in time."""

from __future__ import annotations

import asyncio
import base64
import ssl
import time
from collections.abc import Iterator, Sequence

import pytest
import trustme
from hypothesis import given, settings
from hypothesis import strategies as st

from inputs.answering import Talker, http, samples_served
from screentest.input_files.file import examine
from screentest.network.egress import Egress
from screentest.network.fetching import Fetched, Unreachable, fetch, read_data_uri
from screentest.network.outbound import NotConnectedError, Resolve, opened, system_resolver
from screentest.samples.files import content
from screentest.samples.names import parse

HERE = Egress()
LIMIT = 1_000_000
PICTURE = content(parse("640x480.png"))


async def pull(
    url: str, egress: Egress = HERE, limit: int = LIMIT, timeout: float = 5, resolve: Resolve = system_resolver
) -> Fetched | Unreachable:
    return await fetch(url, egress=egress, limit_bytes=limit, timeout=timeout, resolve=resolve)


def fetched(
    url: str, egress: Egress = HERE, limit: int = LIMIT, resolve: Resolve = system_resolver
) -> Fetched | Unreachable:
    return asyncio.run(pull(url, egress, limit, resolve=resolve))


def talked(talker: Talker, limit: int = LIMIT, timeout: float = 5, path: str = "/a.png") -> Fetched | Unreachable:
    """What a fetch from this talker gives."""

    async def talk() -> Fetched | Unreachable:
        async with talker.up() as origin:
            return await pull(origin + path, limit=limit, timeout=timeout)

    return asyncio.run(talk())


def answers(*addresses: str) -> Resolve:
    """A resolver that knows one answer."""

    async def resolve(host: str, port: int) -> Sequence[str]:
        return addresses

    return resolve


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    with samples_served() as served:
        yield served


def test_a_file_on_this_machine(origin: str) -> None:
    """The very bytes that are served, with the type that is claimed for them."""
    assert fetched(f"{origin}/inputs/640x480.png") == Fetched(PICTURE, "image/png")
    lying = fetched(f"{origin}/inputs/640x480.png?type=text/html")
    assert isinstance(lying, Fetched)
    assert (lying.content_type.split(";")[0], examine(lying.data).format) == ("text/html", "png")


@pytest.mark.parametrize("host", ["localhost", "media.localhost", "LOCALHOST.", "2130706433", "127.1"])
def test_this_machine_by_other_names(origin: str, host: str) -> None:
    """However it is spelled, it is the address that counts; of ::1 and 127.0.0.1 the one that answers."""
    port = origin.rsplit(":", 1)[1]
    answer = fetched(f"http://{host}:{port}/inputs/64x48.png")
    assert isinstance(answer, Fetched) or (answer.kind, host) == ("url", "127.1")


def test_what_is_asked() -> None:
    """A plain GET under the host's own name, though the connection goes to an address, without any credentials."""
    talker = Talker(http(PICTURE))

    async def talk() -> None:
        async with talker.up() as origin:
            port = origin.rsplit(":", 1)[1]
            url = f"http://user:secret@media.example:{port}/a%20b.png?x=1#top"
            answer = await pull(url, resolve=answers("127.0.0.1"))
            assert answer == Fetched(PICTURE, "")

    asyncio.run(talk())
    asked = talker.asked[0].decode().lower()
    assert asked.startswith("get /a%20b.png?x=1 http/1.1\r\n")
    assert "\r\nhost: media.example:" in asked
    assert "\r\naccept-encoding: identity\r\n" in asked
    for header in ("authorization", "cookie"):
        assert header not in asked


@pytest.mark.parametrize(
    ("host", "addresses"),
    [
        ("static.example", ["203.0.113.5"]),
        ("mixed.example", ["127.0.0.1", "203.0.113.5"]),
        ("metadata.example", ["169.254.169.254"]),
        ("any.example", ["0.0.0.0"]),
        ("any6.example", ["::"]),
        ("mapped.example", ["::ffff:10.0.0.1"]),
        ("local6.example", ["fe80::1%eth0"]),
        ("3405803781", ["203.0.113.5"]),
        ("nothing.example", []),
    ],
)
def test_other_machines_are_refused(host: str, addresses: list[str]) -> None:
    """No connection is tried, and the reason says what would allow it."""
    answer = fetched(f"http://{host}/a.png", resolve=answers(*addresses))
    assert answer == Unreachable(
        "egress", f"http://{host}/a.png is outside this machine; --allow-egress {host} would let it through"
    )


def test_a_name_is_resolved_once() -> None:
    """A resolver that changes its mind between the check and the connection changes nothing."""
    asked: list[str] = []

    async def turncoat(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["203.0.113.5"]

    async def talk() -> Fetched | Unreachable:
        async with Talker(http(PICTURE)).up() as origin:
            return await pull(origin.replace("127.0.0.1", "rebound.example") + "/a.png", resolve=turncoat)

    assert asyncio.run(talk()) == Fetched(PICTURE, "")
    assert asked == ["rebound.example"]


def test_what_was_allowed_is_fetched() -> None:
    """--allow-egress lets a name or a range through: here an address of this machine that is not loopback."""

    async def talk(egress: Egress) -> Fetched | Unreachable:
        async with Talker(http(PICTURE)).up() as origin:
            url = origin.replace("127.0.0.1", "static.example") + "/a.png"
            # 0.0.0.0 is not loopback to the policy, yet a connection to it arrives here.
            return await pull(url, egress, resolve=answers("0.0.0.0"))

    assert asyncio.run(talk(Egress(("static.example",)))) == Fetched(PICTURE, "")
    assert asyncio.run(talk(Egress(("0.0.0.0/32",)))) == Fetched(PICTURE, "")
    assert isinstance(asyncio.run(talk(HERE)), Unreachable)


def test_https_on_this_machine_and_elsewhere() -> None:
    """A server on this machine signs its own certificate and is believed; one elsewhere is not."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("static.example", "127.0.0.1").configure_cert(tls)

    async def talk(address: str) -> Fetched | Unreachable:
        async with Talker(http(PICTURE)).up(tls) as origin:
            url = origin.replace("127.0.0.1", "static.example") + "/a.png"
            return await pull(url, Egress(("static.example",)), resolve=answers(address))

    assert asyncio.run(talk("127.0.0.1")) == Fetched(PICTURE, "")
    elsewhere = asyncio.run(talk("0.0.0.0"))
    assert isinstance(elsewhere, Unreachable)
    assert "CERTIFICATE_VERIFY_FAILED" in elsewhere.reason


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(origin: str, status: int) -> None:
    """Not even to this machine."""
    answer = fetched(f"{origin}/inputs/64x48.png?status={status}")
    assert isinstance(answer, Unreachable)
    assert answer.reason.endswith(f"answers {status}, a redirect, which is not followed")


@pytest.mark.parametrize("status", [204, 206, 401, 403, 404, 429, 500])
def test_another_status_is_no_file(status: int) -> None:
    """Only 200 brings one."""
    answer = talked(Talker(http(b"" if status == 204 else b"{}", status=f"{status} Said")))
    assert isinstance(answer, Unreachable)
    assert (answer.kind, answer.reason.split()[1:]) == ("status", ["answers", str(status)])


def test_a_file_beyond_the_limit_is_cut() -> None:
    """The limit itself is whole; one byte more is cut and told."""
    assert talked(Talker(http(PICTURE)), limit=len(PICTURE)) == Fetched(PICTURE, "")
    cut = talked(Talker(http(PICTURE)), limit=len(PICTURE) - 1)
    assert cut == Fetched(PICTURE[:-1], "", more=True)


def test_an_endless_file_is_dropped_at_the_limit() -> None:
    """Without a Content-Length as well; the connection is closed, so the sender gets no further than its buffers."""
    talker = Talker(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", endless=b"\xff" * 65536)
    answer = talked(talker)
    assert isinstance(answer, Fetched)
    assert (len(answer.data), answer.more) == (LIMIT, True)
    assert talker.sent < 50 * LIMIT


@pytest.mark.parametrize("claimed", [10**15, len(PICTURE) + 1])
def test_a_length_that_promises_too_much(claimed: int) -> None:
    """A file that ends before its announced length is not taken for a file."""
    answer = talked(Talker(http(PICTURE, length=claimed)))
    assert isinstance(answer, Unreachable)
    assert answer.kind == "protocol"


def test_a_length_that_promises_too_little() -> None:
    """What comes behind the announced length is no part of the file."""
    assert talked(Talker(http(PICTURE, length=10))) == Fetched(PICTURE[:10], "")


def test_an_encoding_that_nobody_asked_for() -> None:
    """Compressed bodies are not unpacked, so they cannot be bombs."""
    answer = talked(Talker(http(b"\x1f\x8b\x08" + bytes(100), "Content-Encoding: gzip")))
    assert isinstance(answer, Unreachable)
    assert answer.kind == "encoding"


@pytest.mark.parametrize(
    "talker",
    [
        Talker(b"", hangs=True),
        Talker(b"HTTP/1.1 200 OK\r\n", hangs=True),
        Talker(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc", hangs=True),
    ],
    ids=["silent", "in the headers", "in the body"],
)
def test_a_server_that_hangs(talker: Talker) -> None:
    """The whole fetch has one limit of time, wherever it is spent."""
    started = time.perf_counter()
    answer = talked(talker, timeout=0.2)
    assert isinstance(answer, Unreachable)
    assert (answer.kind, answer.reason.split(" ", 1)[1]) == ("timeout", "gave no whole answer within 0.2 s")
    assert time.perf_counter() - started < 4


def test_a_resolver_that_hangs() -> None:
    """Its time counts too."""

    async def never(host: str, port: int) -> Sequence[str]:
        await asyncio.Event().wait()
        raise AssertionError("nobody sets the event")

    answer = asyncio.run(pull("http://static.example/", timeout=0.1, resolve=never))
    assert isinstance(answer, Unreachable)
    assert answer.kind == "timeout"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "protocol"),
        (b"hello\r\n\r\n", "protocol"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "protocol"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000, "protocol"),
    ],
)
def test_a_server_that_speaks_nonsense(data: bytes, kind: str) -> None:
    """It is unreachable, and nothing is raised."""
    answer = talked(Talker(data))
    assert isinstance(answer, Unreachable)
    assert answer.kind == kind


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("file:///etc/passwd", "url"),
        ("file://localhost/etc/passwd", "url"),
        ("ftp://127.0.0.1/a", "url"),
        ("http://", "url"),
        ("//127.0.0.1/", "url"),
        ("http://[/", "egress"),
        ("http://127.0.0.1:0/", "url"),
        ("http://0177.0.0.1/", "url"),
        ("http://127.0.0.1:99999/", "url"),
        ("", "url"),
        ("http://127.0.0.1:1/", "connect"),
        ("http://localhost:1/", "connect"),
        ("http://no.such.name.invalid/", "egress"),
        ("http://" + "a" * 300 + ".localhost.invalid/", "egress"),
        ("data:;base64,****", "data"),
        ("data:image/png", "data"),
    ],
)
def test_urls_that_lead_nowhere(url: str, kind: str) -> None:
    """Each has its kind of reason, in a sentence of bearable length."""
    answer = fetched(url)
    assert isinstance(answer, Unreachable)
    assert answer.kind == kind
    assert len(answer.reason) < 400


@settings(max_examples=60)
@given(st.text(max_size=40))
def test_any_url_is_fetched_or_not(text: str) -> None:
    """Whatever a caller sends as a URL, nothing is raised."""

    async def nowhere(host: str, port: int) -> Sequence[str]:
        raise OSError("no such host")

    for url in (text, "http://" + text, "https://127.0.0.1:1/" + text, "data:" + text):
        assert isinstance(fetched(url, resolve=nowhere), Fetched | Unreachable)


def test_data_uris() -> None:
    """They are read on the spot, with the same limit."""
    uri = "data:image/png;base64," + base64.b64encode(PICTURE).decode()
    assert fetched(uri) == read_data_uri(uri, LIMIT) == Fetched(PICTURE, "image/png")
    assert fetched(uri, limit=10) == Fetched(PICTURE[:10], "image/png", more=True)


def test_a_post_takes_the_same_way() -> None:
    """What fetches files can deliver callbacks: method, body and headers are the sender's."""
    talker = Talker(http(b"thanks"))

    async def talk() -> tuple[int, bytes]:
        async with (
            talker.up() as origin,
            opened(
                "POST", origin + "/hook", egress=HERE, timeout=5, content=b"{}", headers={"x-sign": "abc"}
            ) as answer,
        ):
            return answer.status_code, await answer.aread()

    assert asyncio.run(talk()) == (200, b"thanks")
    asked = talker.asked[0].decode().lower()
    assert asked.startswith("post /hook http/1.1\r\n")
    assert "\r\nx-sign: abc\r\n" in asked


def test_a_refused_post_says_why() -> None:
    """The error carries the kind in one word."""

    async def talk() -> None:
        async with opened("POST", "http://h.example/", egress=HERE, timeout=5, resolve=answers("203.0.113.5")):
            raise AssertionError("no connection was allowed")

    with pytest.raises(NotConnectedError, match="--allow-egress") as caught:
        asyncio.run(talk())
    assert caught.value.kind == "egress"
