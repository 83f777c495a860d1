"""What can be set, and who may call under which name."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import platformdirs
from msgspec import Struct, field

from screentest.environment import EVERYWHERE
from screentest.errors import SetupError
from screentest.paces import PACES, QUICK
from screentest_contracts.urls import is_link, is_loopback

HOST = "127.0.0.1"
PORT = 8790
"""Where `serve` listens, and where commands look for it."""
SYNC_TIMEOUT = 300.0
MEDIA = ("synthetic", "realistic")
LOGS = ("text", "json", "none")
_FASTEST, _LONGEST_SYNC = 1e6, 86400.0
_LAST_PORT = 65535
_LATEST_START = 1000 * 365.25 * 86400
_NAME = re.compile(r"[a-z0-9._-]+|[0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*")
"""A host as `host_name` gives one: what is anything else would never be that of a caller."""


class Settings(Struct, frozen=True, kw_only=True):
    """Everything that shapes a server. `db` is a file or ":memory:"; `media` is synthetic or realistic;
    `port` 0 is a free one.

    `pace` is instant, quick or realistic, `scenario` the text of the one for requests that ask for none, and
    `scenarios` are files with more of them. `log` is text, json or none, a line for each request.
    """

    host: str = HOST
    port: int = 0
    https_port: int | None = None
    db: str = ":memory:"
    speed: float = 1.0
    seed: str | None = None
    start_time: float | None = None
    public_url: str | None = None
    allow_hosts: tuple[str, ...] = ()
    allow_egress: tuple[str, ...] = ()
    control_token: str | None = None
    sync_timeout: float = SYNC_TIMEOUT
    media: str = "synthetic"
    pace: str = QUICK
    scenario: str = ""
    scenarios: tuple[str, ...] = ()
    log: str = "none"
    switches: Mapping[str, str] = field(default_factory=dict)

    def check(self) -> None:
        """Refuse what cannot work or would be unsafe."""
        if not is_loopback(self.host) and not self.control_token:
            raise SetupError(
                f"--host {self.host} is open to other machines: set --control-token, which /_control then asks for"
            )
        for option, port in (("--port", self.port), ("--https-port", self.https_port)):
            # The system would take a number that is too high for another one, and listen there.
            if port is not None and not 0 <= port <= _LAST_PORT:
                raise SetupError(f"{option} is 0 to {_LAST_PORT}, where 0 is a free one, not {port}")
        if self.port and self.port == self.https_port:
            raise SetupError(f"--port and --https-port are both {self.port}: give each one of its own")
        if self.public_url is not None and not _can_lead(self.public_url):
            raise SetupError(
                f"--public-url {self.public_url!r} is no http or https URL without ? and #, such as https://emulator.test"
            )
        for name in self.allow_hosts:
            if not _NAME.fullmatch(name):
                raise SetupError(
                    f"--allow-host {name!r} is no name such as emulator.test: in lower case, without scheme and port"
                )
        # Written so that NaN, with which no comparison holds, is refused too.
        if not 0 <= self.speed <= _FASTEST:
            raise SetupError(f"--speed is a number from 0 to {_FASTEST:.0f}, not {self.speed}")
        if not 0 <= self.sync_timeout <= _LONGEST_SYNC:
            raise SetupError(f"--sync-timeout is 0 to {_LONGEST_SYNC:.0f} seconds, not {self.sync_timeout}")
        choices = (("--media", self.media, MEDIA), ("--pace", self.pace, PACES), ("--log", self.log, LOGS))
        for option, value, known in choices:
            if value not in known:
                raise SetupError(f"{option} is {' or '.join(known)}, not {value!r}")


def names(settings: Settings) -> tuple[str, ...]:
    """Our names beside those of loopback: as we were told, as we listen, and as a proxy calls us."""
    own = [] if settings.host in EVERYWHERE else [settings.host.lower()]
    called = [host_name(urlsplit(settings.public_url).netloc)] if settings.public_url else []
    return (*settings.allow_hosts, *own, *called)


class Access(Struct, frozen=True):
    """Who may use /_control: callers that name us by loopback or by one of `allow_hosts`, with the token if there is
    one."""

    allow_hosts: tuple[str, ...] = ()
    control_token: str | None = None

    def allows_host(self, header: str) -> bool:
        name = host_name(header)
        return is_loopback(name) or name in self.allow_hosts

    def allows_origin(self, origin: str) -> bool:
        return self.allows_host(origin.partition("://")[2])


def host_name(header: str) -> str:
    """The host of a Host header, without its port, in lower case; "" for one that cannot be read."""
    try:
        return urlsplit(f"//{header}").hostname or ""
    except ValueError:
        return ""


def _can_lead(url: str) -> bool:
    """Whether a path can be put behind it."""
    if not is_link(url) or re.search(r"[?#\s]", url):
        return False
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False


def read_time(text: str) -> float:
    """Unix seconds, from a time by RFC 3339; one without a zone is UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise SetupError(f"--start-time {text!r} is no time such as 2027-01-01T00:00:00Z") from None
    seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    if not 0 < seconds < _LATEST_START:
        raise SetupError(f"--start-time {text!r}: between 1970 and 2970, please")
    return seconds


def cache_folder() -> Path:
    """Where what can be made again is kept."""
    return Path(platformdirs.user_cache_dir("screentest", appauthor=False))


def state_file() -> str:
    """Where `serve` keeps its jobs unless --db says otherwise."""
    folder = os.environ.get("SCREENTEST_STATE_DIR") or platformdirs.user_state_dir("screentest", appauthor=False)
    return str(Path(folder) / "screentest.sqlite3")
