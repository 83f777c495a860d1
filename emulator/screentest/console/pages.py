"""A visit of somebody's browser: what the emulator tells it, and the page made of that.

Jinja2 is imported when the first page is made, not before: a server that nobody looks at does without.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlencode

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from screentest.console import wording
from screentest.console.asking import Told, ask

if TYPE_CHECKING:
    from jinja2 import Environment

ACCOUNT_COOKIE = "screentest_account"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
}
SECTIONS = (
    ("jobs", "/", "Jobs"),
    ("requests", "/requests", "Requests"),
    ("callbacks", "/callbacks", "Callbacks"),
    ("rules", "/rules", "Scenarios & faults"),
    ("contract", "/contract", "Contract"),
    ("spend", "/spend", "Spend avoided"),
)
_LARGEST_FORM = 8 * 2**20


class NotShownError(Exception):
    """The emulator has refused what a page or a button wanted; becomes a page with its sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class Visit(Struct, frozen=True):
    """One request to the console. `accounts` are all there are, `account` is the one chosen in the top bar."""

    request: Request
    app: ASGIApp
    accounts: tuple[Mapping[str, Any], ...] = ()
    account: Mapping[str, Any] | None = None

    async def known(self) -> Visit:
        """The same visit, once the accounts are known."""
        accounts = tuple((await self.get("/_control/accounts"))["accounts"])
        wanted = self.request.cookies.get(ACCOUNT_COOKIE)
        chosen = next((one for one in accounts if one["id"] == wanted), None)
        return Visit(self.request, self.app, accounts, chosen)

    def of_account(self, **query: str) -> dict[str, str]:
        """The query with the chosen account, if there is one, and without what is empty."""
        chosen = {"account": str(self.account["id"])} if self.account else {}
        return {name: value for name, value in query.items() if value} | chosen

    @property
    def here(self) -> str:
        """The page that was asked for, with its query."""
        url = self.request.url
        return url.path + (f"?{url.query}" if url.query else "")

    def _listed(self, section: str) -> str:
        """The list of a section as it is filtered now, from its newest on: where another account is looked at."""
        path = next((path for name, path, _ in SECTIONS if name == section), "/")
        if self.request.url.path != path:
            return path
        filters = [(name, value) for name, value in self.request.query_params.multi_items() if name != "before"]
        return path + (f"?{urlencode(filters)}" if filters else "")

    async def get(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        """What ``/_control`` answers, as JSON."""
        return _granted(await ask(self.app, self.request, "GET", path, query=query))

    async def do(self, method: str, path: str, query: Mapping[str, str], wish: Mapping[str, Any]) -> Any:
        """Have ``/_control`` do something."""
        body = json.dumps(wish).encode() if wish or method != "DELETE" else b""
        return _granted(await ask(self.app, self.request, method, path, query=query, body=body))

    async def submit(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Told:
        """A request to a provider, as a program would send it."""
        return await ask(self.app, self.request, method, path, headers=headers, body=body)

    async def form(self) -> list[tuple[str, str]]:
        """The fields of the form that was sent."""
        body = await self.request.body()
        if len(body) > _LARGEST_FORM:
            raise NotShownError(413, "the form is larger than 8 MiB")
        fields = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
        return [(name, value.replace("\r\n", "\n")) for name, value in fields]

    def page(
        self, template: str, *, section: str = "", twin: str = "", of: str = "", status: int = 200, **context: Any
    ) -> Response:
        """A page. `twin` is the address of the same as JSON, `of` the account that it is about, if of one."""
        clocked = next((one for one in self.accounts if one["id"] == of), self.account)
        if clocked is None and len(self.accounts) == 1:
            clocked = self.accounts[0]
        followed = f"?account={self.account['id']}" if self.account and not of else ""
        text = (
            environment()
            .get_template(template)
            .render(
                visit=self,
                sections=SECTIONS,
                section=section,
                twin=twin,
                clocked=clocked,
                here=self.here,
                listed=self._listed(section),
                feed=f"/_control/events{followed}",
                **context,
            )
        )
        return Response(text.encode("utf-8", "replace"), status, HEADERS, "text/html; charset=utf-8")


def twin_of(path: str, query: Mapping[str, str] | None = None) -> str:
    """The address of a page's twin below ``/_control``."""
    return quote(path) + (f"?{urlencode(query)}" if query else "")


@cache
def environment() -> Environment:
    """The templates. Everything that is put into them is escaped."""
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    made = Environment(
        loader=PackageLoader("screentest.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "moment": wording.moment,
        "lasting": wording.lasting,
        "dollars": wording.dollars,
        "json": wording.as_json,
        "compact": wording.compact,
        "shape": wording.shape,
        "ticked": lambda text: Markup(wording.ticked(text)),  # noqa: S704 - escaped there
        "status_shape": wording.kind_of,
        "segment": lambda text: quote(str(text), safe=""),
        "query": lambda filters, **more: urlencode({name: one for name, one in {**filters, **more}.items() if one}),
        "path": lambda text: quote(str(text), safe="/"),
    }
    made.globals["HOW"] = wording.HOW
    return made


def _granted(told: Told) -> Any:
    answer = told.json()
    if told.status >= 400:
        raise NotShownError(told.status, str(answer.get("error", answer)))
    return answer
