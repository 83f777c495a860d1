"""Where the emulator may connect to: this machine, and what ``--allow-egress`` names. Pure.

What counts is the address that a connection will really have. A host may be spelled in many ways (``2130706433``,
``0177.0.0.1``, ``[::ffff:127.0.0.1]``, a name that resolves to 127.0.0.1), so it is resolved first, by whoever asks,
and its addresses are judged; the connection must then go to one of those very addresses.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from screentest.errors import SetupError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
# The last label of a name begins with a letter: 2130706433 and 0x7f.1 are addresses in disguise.
_NAME = re.compile(rf"(?:{_LABEL}\.)*[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])?")


@dataclass(frozen=True)
class Egress:
    """The policy. `allowed` are host names, addresses and ranges such as 10.0.0.0/8, as given on the command line.

    Raises SetupError for an entry that is none of these.
    """

    allowed: tuple[str, ...] = ()
    _names: frozenset[str] = field(init=False, repr=False, compare=False)
    _networks: tuple[Network, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        read = [_entry(entry) for entry in self.allowed]
        object.__setattr__(self, "_names", frozenset(one for one in read if isinstance(one, str)))
        object.__setattr__(self, "_networks", tuple(one for one in read if not isinstance(one, str)))

    def permits(self, host: str, addresses: Sequence[str]) -> bool:
        """Whether a connection to `host`, which resolved to `addresses`, is one we may make.

        An allowed name may be anywhere. Of any other, every address has to be loopback or allowed: one among several
        that is not could be the one connected to.
        """
        if not addresses:
            return False
        return self.names(host) or all(self._permits(address) for address in addresses)

    def names(self, host: str) -> bool:
        """Whether the host is allowed by its name, wherever it may be."""
        return _plain(host) in self._names

    def _permits(self, text: str) -> bool:
        address = read_address(text)
        if address is None:
            return False
        return address.is_loopback or any(address in network for network in self._networks)


def read_address(text: str) -> Address | None:
    """An IP address in its usual notation, None for anything else. An IPv4 address inside IPv6 is that address."""
    try:
        address = ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _entry(text: str) -> str | Network:
    """One allowed host name, or the range of one address or more."""
    try:
        network = ipaddress.ip_network(text.strip("[]"), strict=False)
    except ValueError:
        name = _plain(text)
        if not _NAME.fullmatch(name):
            raise SetupError(
                f"--allow-egress {text!r} is neither a host name nor an address or range such as 10.0.0.0/8"
            ) from None
        return name
    # 96 bits are the prefix of ::ffff:0:0/96, which holds IPv4.
    inner = getattr(network.network_address, "ipv4_mapped", None)
    if inner is not None and network.prefixlen >= 96:
        return ipaddress.IPv4Network((inner, network.prefixlen - 96))
    return network


def _plain(host: str) -> str:
    """A name as names are compared: without case, and without the dot of the root."""
    return host.lower().removesuffix(".")
