"""Where the emulator may connect to: judged by addresses, however a host is spelled."""

from __future__ import annotations

import ipaddress
import socket

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from screentest.errors import SetupError
from screentest.network.egress import Egress, read_address

HERE = Egress()
v4 = st.ip_addresses(v=4)
v6 = st.ip_addresses(v=6)
loopback = st.ip_addresses(network="127.0.0.0/8") | st.just(ipaddress.ip_address("::1"))


@given(loopback)
def test_loopback_is_always_permitted(address: object) -> None:
    """127.0.0.0/8 and ::1 are this machine, under any name."""
    assert HERE.permits("anything.example", [str(address)])


@given(st.one_of(v4, v6))
def test_nothing_else_is_permitted_by_itself(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    """Without --allow-egress no other address is, public, private or unspecified."""
    plain = read_address(str(address))
    assume(plain is not None and not plain.is_loopback)
    assert not HERE.permits("localhost", [str(address)])


@given(v4)
def test_an_ipv4_address_inside_ipv6_is_that_address(address: ipaddress.IPv4Address) -> None:
    """::ffff:a.b.c.d connects to a.b.c.d, so it is judged as that."""
    mapped = [f"::ffff:{address}", ipaddress.ip_address(f"::ffff:{address}").exploded]
    for egress in (HERE, Egress((f"{address}/9",)), Egress((f"::ffff:{address}",))):
        assert {egress.permits("h", [text]) for text in mapped} == {egress.permits("h", [str(address)])}


@given(st.lists(loopback, max_size=3), v4, st.integers(0, 3))
def test_one_stranger_among_the_addresses_refuses_all(
    good: list[object], stranger: ipaddress.IPv4Address, at: int
) -> None:
    """The connection could go to any of them."""
    assume(not stranger.is_loopback)
    addresses = [str(one) for one in good]
    addresses.insert(at, str(stranger))
    assert not HERE.permits("mixed.example", addresses)


@given(v4)
def test_other_spellings_resolve_to_what_is_judged(address: ipaddress.IPv4Address) -> None:
    """Decimal, hexadecimal and octal spellings are no addresses to the policy; what they resolve to is."""
    number = int(address)
    a, b, c, d = address.packed
    for spelled in (str(number), hex(number), f"0{a:o}.0{b:o}.0{c:o}.0{d:o}", f"{a}.{number & 0xFFFFFF}"):
        assert socket.inet_aton(spelled) == address.packed
        assert HERE.permits(spelled, [str(address)]) == address.is_loopback
        assert not HERE.permits("loopback.example", [spelled]) or spelled == str(address)


@given(st.text(max_size=30), st.lists(st.text(max_size=30), max_size=4))
def test_any_text_is_judged(host: str, addresses: list[str]) -> None:
    """Nothing raises, and what is no address is not permitted."""
    verdict = HERE.permits(host, addresses)
    read = [read_address(text) for text in addresses]
    assert verdict == (bool(read) and all(one is not None and one.is_loopback for one in read))


@given(v4, st.integers(0, 32))
def test_a_range_permits_its_addresses(address: ipaddress.IPv4Address, bits: int) -> None:
    """--allow-egress 10.1.2.3/8 means all of 10.0.0.0/8, and nothing beside it."""
    network = ipaddress.ip_network((address, bits), strict=False)
    egress = Egress((f"{address}/{bits}",))
    assert egress.permits("h", [str(network[0])])
    assert egress.permits("h", [str(network[-1])])
    if bits:
        other = ipaddress.ip_address(int(address) ^ 1 << 31)
        assert egress.permits("h", [str(other)]) == other.is_loopback


@pytest.mark.parametrize(
    ("host", "permitted"),
    [
        ("media.example", True),
        ("MEDIA.example.", True),
        ("other.example", False),
        ("media.example.evil.example", False),
        ("evil-media.example", False),
    ],
)
def test_a_name_is_permitted_as_a_whole(host: str, permitted: bool) -> None:
    """An allowed name is compared without case and final dot, and never as a part of another."""
    assert Egress(("Media.Example",)).permits(host, ["203.0.113.5"]) is permitted


def test_several_entries_and_ipv6() -> None:
    """Entries add up; IPv6 may stand in brackets."""
    egress = Egress(("media.example", "10.0.0.0/8", "[2001:db8::]", "2001:db8:1::/48"))
    assert egress.permits("h", ["10.2.3.4", "2001:db8::", "2001:db8:1::7", "127.0.0.1"])
    assert not egress.permits("h", ["2001:db8::1"])


def test_a_host_without_addresses() -> None:
    """What resolves to nothing is nowhere to connect to."""
    assert not HERE.permits("localhost", [])
    assert not Egress(("localhost",)).permits("localhost", [])


@pytest.mark.parametrize(
    "entry", ["", "10.0.0.0/33", "http://media.example", "a b", "*.example", "2130706433", "0x7f.1"]
)
def test_an_entry_that_means_nothing(entry: str) -> None:
    """A typo on the command line is refused, in one sentence that quotes it."""
    with pytest.raises(SetupError, match="neither a host name nor an address"):
        Egress((entry,))
