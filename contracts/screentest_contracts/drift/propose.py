"""From what was seen to a contract that says it, for review: the edited files, and what somebody has to decide.

Every edit carries its source with the day. What cannot be written mechanically (which new limit, an assumption in
between, a rule of several requests) is listed, never guessed.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Mapping

from msgspec import Struct

from screentest_contracts.drift.behaving import Told
from screentest_contracts.drift.difference import Drift
from screentest_contracts.drift.proposed_behaviour import edit_behaviour
from screentest_contracts.drift.proposed_documents import edit_document
from screentest_contracts.drift.rewriting import rewritten
from screentest_contracts.drift.written import read
from screentest_contracts.load import Contract
from screentest_contracts.reading import Json


class Seen(Struct, frozen=True, kw_only=True):
    """A drift to write into the contract. `address` is the schema or fact that it is about, "" for one on a document,
    whose `drift.pointer` leads there by itself; `pointer` is the place in the answer. `behaviour`: it was seen in what
    the service does, not in what is published; `contradiction`: only as this kind of violation, "" otherwise."""

    drift: Drift
    address: str = ""
    pointer: str = ""
    behaviour: bool = False
    contradiction: str = ""


def answered(told: Told) -> Seen:
    """What was seen in answers."""
    return Seen(
        drift=told.drift,
        address=told.address,
        pointer=told.pointer,
        behaviour=True,
        contradiction=told.contradiction,
    )


class Origin(Struct, frozen=True, kw_only=True):
    """Where the drifts were seen. `how` is "observed" for answers, "documented" for pages; `date` is ISO 8601."""

    how: str
    title: str
    url: str
    date: str

    @property
    def name(self) -> str:
        """The id among the provider's sources."""
        return f"{'live' if self.how == 'observed' else 'pages'}-{self.date}"


class Proposal(Struct, frozen=True, kw_only=True):
    """`files` are texts by name, as in ``hiapi/models/a--b.json``; `review` is every drift: where it was written, or
    why it was not."""

    files: Mapping[str, str]
    review: tuple[str, ...]


def observed(contract: Contract, date: str) -> Origin:
    """The live service on that day."""
    return Origin(how="observed", title="Answers of the live service", url=contract.provider.base_url, date=date)


def propose(contract: Contract, drifts: Iterable[Seen], origin: Origin) -> Proposal:
    """The contract's files with what was seen. Only files that change are in it."""
    own, source = f"{contract.name}/provider.json", f"{origin.how}:{origin.name}"
    texts: dict[str, str] = {}
    written: dict[str, Json] = {}
    review: list[str] = []

    def opened(file: str) -> Json:
        """The file as it is by now; None where there is none."""
        if file not in texts and (text := read(file)) is not None:
            texts[file] = text
        return written.get(file) or (json.loads(texts[file]) if file in texts else None)

    for one in drifts:
        file = one.address.partition("#")[0] or (contract.model_file(one.drift.model) if one.drift.model else own)
        edited = copy.deepcopy(opened(file))
        why = "there is no such file yet; ingest its page" if edited is None else _edit(edited, one, source)
        place = f"{one.drift.kind} {one.drift.pointer}".strip()
        if why:
            review.append(f"not written: {place}: {why}")
            continue
        written[file] = edited
        review.append(f"written: {file}: {place}{f' ({one.drift.meaning})' if one.drift.meaning else ''}")
    if written:
        written[own] = opened(own)
        url = {"url": origin.url} if origin.url else {}
        written[own]["sources"][origin.name] = {"title": origin.title, **url, "seen": origin.date}
    files = {name: rewritten(texts[name], one) for name, one in written.items()}
    return Proposal(files=files, review=tuple(review))


def _edit(document: Json, one: Seen, source: str) -> str:
    """Write one drift into the document; why that cannot be done, "" when it was."""
    if one.contradiction:
        return f"seen as a contradiction ({one.contradiction}): look at it, and write it by hand"
    if one.behaviour:
        return edit_behaviour(document, one.drift, one.address, one.pointer, source)
    return edit_document(document, one.drift, source)
