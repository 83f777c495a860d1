"""Lists: their order, their pages, and what has to be in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from screentest_contracts.conformance.judging import Judge
from screentest_contracts.conformance.operations import Found
from screentest_contracts.conformance.sightings import moment
from screentest_contracts.conformance.traces import Trace
from screentest_contracts.conformance.violation import Violation
from screentest_contracts.exchange import Event, Exchange
from screentest_contracts.pointers import GONE, at
from screentest_contracts.reading import Json, pointer_token
from screentest_contracts.records import Listing


class _Page(Struct, frozen=True):
    """One page: its items, their keys, how many there may be, and the number of items before it (None: unknown)."""

    listing: Listing
    schema: str
    items: list[Json]
    keys: list[Json]
    size: int | None
    offset: int | None
    total: int | None


class Lists:
    """The rules for pages, one by one and in a row."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._cursors: dict[tuple[str, str], tuple[list[Json], Exchange]] = {}
        self._rows: dict[tuple[str, str, str], tuple[int, list[Json], Exchange, int]] = {}

    def see(self, found: Found, exchange: Exchange, traces: Iterable[Trace], submits: int) -> Iterator[Violation]:
        """Judge one page. `traces` are the jobs known, `submits` counts the account's jobs so far."""
        schema = found.operation.answers.get(exchange.status, "")
        listing = self._judge.contract.provider.lists.get(schema)
        if listing is None:
            return
        items = at(exchange.answer, listing.items)
        if not isinstance(items, list):
            return
        page = self._page(listing, schema, items, found, exchange)
        yield from self._sizes(page, found, exchange)
        yield from self._twice(page, found, exchange, submits)
        yield from self._order(page, found, exchange)
        yield from self._jobs(page, found, exchange, traces)

    def _page(self, listing: Listing, schema: str, items: list[Json], found: Found, exchange: Exchange) -> _Page:
        size = _number(listing.size_by, found, exchange)
        if listing.cursor_by in exchange.query and listing.size_by not in exchange.query:
            size = None  # the cursor carries it
        offset: int | None = 0
        if listing.page_by:
            page = _number(listing.page_by, found, exchange)
            offset = None if size is None or page is None else (page - 1) * size
        elif listing.offset_by:
            offset = _number(listing.offset_by, found, exchange)
        elif listing.cursor_by in exchange.query:
            offset = None
        total = at(exchange.answer, listing.total) if listing.total else None
        total = total if isinstance(total, int) else None
        return _Page(listing, schema, items, [at(one, listing.key) for one in items], size, offset, total)

    def _sizes(self, page: _Page, found: Found, exchange: Exchange) -> Iterator[Violation]:
        count = len(page.items)
        if page.size is not None and count > page.size:
            said = f"{count} items, asked were {page.size}"
            yield self._shown("list.size", page, found, exchange, "size_by", page.listing.items, said)
        for pointer, parameter in (
            (page.listing.page, page.listing.page_by),
            (page.listing.size, page.listing.size_by),
        ):
            wanted = _number(parameter, found, exchange) if parameter else None
            if pointer and wanted is not None and at(exchange.answer, pointer) not in (wanted, GONE):
                said = f"{at(exchange.answer, pointer)!r} where {wanted} holds"
                yield self._shown("list.size", page, found, exchange, "size", pointer, said)
        if page.total is not None and page.offset is not None and page.size is not None:
            due = min(page.size, max(0, page.total - page.offset))
            if count < due or (count > due and count <= page.size):
                said = f"{count} items of {page.total} after the first {page.offset}"
                yield self._shown("list.total", page, found, exchange, "total", page.listing.total, said)

    def _twice(self, page: _Page, found: Found, exchange: Exchange, submits: int) -> Iterator[Violation]:
        known = [one for one in page.keys if isinstance(one, str)]
        if len(set(known)) < len(known):
            twice = next(one for one in known if known.count(one) > 1)
            yield self._shown("list.duplicate", page, found, exchange, "key", page.listing.items, f"{twice} twice")
        before = self._page_before(page, found, exchange, submits)
        if before and set(known) & {one for one in before[0] if isinstance(one, str)}:
            said = "items of the page before again"
            yield self._shown("list.duplicate", page, found, exchange, "key", page.listing.items, said, before[1])

    def _page_before(
        self, page: _Page, found: Found, exchange: Exchange, submits: int
    ) -> tuple[list[Json], Exchange] | None:
        """The page that comes just before this one, where it was seen; this one is remembered."""
        listing, query = page.listing, exchange.query
        following = at(exchange.answer, listing.next) if listing.next else GONE
        if isinstance(following, str):
            self._cursors[(exchange.account, following)] = (page.keys, exchange)
        if listing.cursor_by in query and set(query) <= {listing.cursor_by, listing.size_by, listing.fields_by}:
            return self._cursors.get((exchange.account, query[listing.cursor_by]))
        if page.offset is None or not listing.page_by:
            return None
        rest = sorted((name, text) for name, text in query.items() if name != listing.page_by)
        row = (exchange.account, found.operation.id, str(rest))
        before = self._rows.get(row)
        self._rows[row] = (page.offset + (page.size or 0), page.keys, exchange, submits)
        in_a_row = before and before[0] == page.offset and before[3] == submits
        return before[1:3] if before and in_a_row else None

    def _order(self, page: _Page, found: Found, exchange: Exchange) -> Iterator[Violation]:
        text, fact = self._asked_order(page.listing, found, exchange)
        order = [
            (name.strip(), way.strip().lower()) for name, _, way in (one.partition(":") for one in text.split(","))
        ]
        for index, (one, other) in enumerate(zip(page.items, page.items[1:], strict=False)):
            if _wrong(one, other, order):
                pointer, said = f"{page.listing.items}/{index + 1}", f"not in the order {text}"
                yield self._judge.violation("list.order", found.operation.id, exchange, fact, said, pointer=pointer)
                return

    def _asked_order(self, listing: Listing, found: Found, exchange: Exchange) -> tuple[str, str]:
        """The order that holds, and the fact that says so; empty where nothing does."""
        name = found.operation.answers[exchange.status]
        if listing.order:
            return listing.order, self._judge.facts.at(f"/lists/{pointer_token(name)}/order")
        if not listing.order_by or listing.cursor_by in exchange.query:
            return "", ""
        default = found.operation.query.get(listing.order_by, {}).get("default", "")
        fact = self._judge.facts.operation(found.operation.id, f"/query/{listing.order_by}")
        return exchange.query.get(listing.order_by, default), fact

    def _jobs(self, page: _Page, found: Found, exchange: Exchange, traces: Iterable[Trace]) -> Iterator[Violation]:
        """A list of jobs has the account's own ones, all that belong on its first page, and no others."""
        schema = self._judge.contract.provider.schemas[page.schema]
        record = _record_of(found, schema, page.listing, self._judge)
        if not record or not self._judge.contract.provider.records[record].state:
            return
        known = {trace.id: trace for trace in traces}
        for index, key in enumerate(page.keys):
            trace = known.get(key) if isinstance(key, str) else None
            if trace and trace.submitted and trace.owner != exchange.account:
                fact, pointer = self._judge.facts.at("/failures/foreign-job"), f"{page.listing.items}/{index}"
                said = f"{key} was submitted by another account"
                yield self._judge.violation(
                    "tenancy.listed", found.operation.id, exchange, fact, said, pointer=pointer, before=trace.before()
                )
        free = {page.listing.page_by, page.listing.size_by, page.listing.fields_by, page.listing.order_by}
        if page.offset == 0 and set(exchange.query) <= free and page.size is not None and GONE not in page.keys:
            mine = [one for one in known.values() if one.owner == exchange.account and one.submitted]
            yield from self._missing(page, found, exchange, mine, self._judge.contract.provider.records[record].created)

    def _missing(
        self, page: _Page, found: Found, exchange: Exchange, mine: list[Trace], created_at: str
    ) -> Iterator[Violation]:
        """The account's jobs that belong on the first page: all on one that is not full, else those as new as it."""
        listed = {key for key in page.keys if isinstance(key, str)}  # any other key is a finding of its own
        full = len(page.items) >= (page.size or 0)
        stamps = [moment(at(one, created_at)) for one in page.items]
        oldest = min((one for one in stamps if one is not None), default=None)
        newest_first = self._asked_order(page.listing, found, exchange)[0] == f"{created_at[1:]}:desc"
        for trace in mine:
            created = trace.stamps.get("created", (0.0,))[0]
            due = not full or (newest_first and oldest is not None and created > oldest)
            if due and trace.id not in listed:
                said = f"{trace.id} is not listed"
                before = trace.before()
                yield self._shown("list.missing", page, found, exchange, "items", page.listing.items, said, *before)
                return

    def _shown(
        self,
        kind: str,
        page: _Page,
        found: Found,
        exchange: Exchange,
        part: str,
        pointer: str,
        said: str,
        *before: Event,
    ) -> Violation:
        fact = self._judge.facts.at(f"/lists/{pointer_token(page.schema)}/{part}")
        return self._judge.violation(kind, found.operation.id, exchange, fact, said, pointer=pointer, before=before)


def _record_of(found: Found, schema: Json, listing: Listing, judge: Judge) -> str | None:
    """The record that the items of this list are."""
    if found.operation.items:
        return found.operation.items if found.operation.items in judge.contract.provider.records else None
    node = at(schema, listing.items.replace("/", "/properties/") + "/items/$ref")
    name = node.rpartition("/")[2] if isinstance(node, str) else ""
    return name if name in judge.contract.provider.records else None


def _number(parameter: str, found: Found, exchange: Exchange) -> int | None:
    """What a paging parameter comes to: as asked where it is in its range, else its default."""
    rule = found.operation.query.get(parameter)
    if rule is None:
        return None
    text, default = exchange.query.get(parameter, ""), rule.get("default")
    default = default if isinstance(default, int) else None
    if not (text.isascii() and text.isdigit()) or len(text) > 15:
        return default
    value = int(text)
    return value if rule.get("minimum", value) <= value <= rule.get("maximum", value) else default


def _wrong(one: Json, other: Json, order: list[tuple[str, str]]) -> bool:
    """Whether `other` may not follow `one`; only times and numbers are compared, words have orders of their own."""
    for name, way in order:
        first, second = moment(at(one, f"/{name}")), moment(at(other, f"/{name}"))
        if first is None or second is None:
            return False
        if first != second:
            return first < second if way == "desc" else first > second
    return False
