"""How a service behaves, as far as a run has seen: shapes and outcomes, never values or times.

A place is where something is seen: the operation, the HTTP status, the state of the job (of a refusal its business
code), and the turn: first or replay, with the names of the query. `screentest_contracts.drift.profiling` makes profiles
from exchanges, `behaviour` compares two.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from msgspec import Struct, field

from screentest_contracts.reading import ContractError, Json, Reader

CALLBACK = "callback"
_MARK = "screentest-profile"
_VERSION = 1
_EMPTY = "-"


class Place(Struct, frozen=True, order=True):
    """Where something is seen. `word` is the job's state or the business code, "" for none; `turn` as it says."""

    operation: str
    status: int
    word: str = ""
    turn: str = "first"

    @property
    def refused(self) -> bool:
        return self.status >= 400

    def __str__(self) -> str:
        return " ".join((self.operation, str(self.status), self.word.replace(" ", "_") or _EMPTY, self.turn))


class Field(Struct, frozen=True):
    """One pointer of a body: its JSON types, and whether it is in every object that it could be in."""

    types: frozenset[str]
    always: bool

    def __str__(self) -> str:
        """Its types and its presence, as in "null string always"."""
        return " ".join([*sorted(self.types), "always" if self.always else "sometimes"])


class Look(Struct, frozen=True, kw_only=True):
    """What answers at one place look like. `headers` that matter are mapped to whether they are always there."""

    fields: Mapping[str, Field] = field(default_factory=dict)
    headers: Mapping[str, bool] = field(default_factory=dict)
    content_types: frozenset[str] = frozenset()


class Outcome(Struct, frozen=True, kw_only=True):
    """How one probe was answered. `kind` says what the probe asks: auth, order, job or rule. `seen` are statuses with
    business codes ("" for none). `fact` is the address of the fact that is tried."""

    kind: str
    operation: str
    fact: str
    seen: frozenset[tuple[int, str]]
    billable: bool = False


class Charge(Struct, frozen=True):
    """What was paid for something, in words such as "its price" or "nothing". `fact` is the address of the price."""

    paid: str
    fact: str


class Profile(Struct, frozen=True, kw_only=True):
    """Everything that a run has seen. `transitions` are (record, from, to); `words` are those of fields with a closed
    vocabulary, by operation and pointer; `limits` values of headers that state a limit; `seconds` how long a job was
    seen in a state, empty where time was moved; `charges` what was paid, by what for."""

    provider: str
    places: Mapping[Place, Look] = field(default_factory=dict)
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    transitions: frozenset[tuple[str, str, str]] = frozenset()
    words: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    limits: Mapping[str, frozenset[str]] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    charges: Mapping[str, Charge] = field(default_factory=dict)


def dumps(profile: Profile) -> str:
    """The profile as readable JSON. There is nothing in it that a key or a person could be told from."""
    document: dict[str, Json] = {
        _MARK: _VERSION,
        "provider": profile.provider,
        "places": {str(place): _look(look) for place, look in sorted(profile.places.items())},
        "outcomes": {label: _outcome(one) for label, one in sorted(profile.outcomes.items())},
        "transitions": [list(one) for one in sorted(profile.transitions)],
        "words": [[*where, *sorted(words)] for where, words in sorted(profile.words.items())],
        "limits": {name: sorted(values) for name, values in sorted(profile.limits.items())},
        "seconds": dict(sorted(profile.seconds.items())),
        "charges": [[what, one.paid, one.fact] for what, one in sorted(profile.charges.items())],
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def loads(text: str, at: str) -> Profile:
    """The profile in a text; raises `ContractError` with `at` in its message."""
    try:
        root = Reader(json.loads(text), at)
        if root.value.get(_MARK) != _VERSION:
            raise ContractError(f"{at}: not a profile of version {_VERSION}; write one with --profile")
        return _read(root.value)
    except ContractError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ContractError(f"{at}: not a profile: {error}") from None


def _look(look: Look) -> dict[str, Json]:
    return {
        "content-types": sorted(look.content_types),
        "headers": {name: "always" if always else "sometimes" for name, always in sorted(look.headers.items())},
        "fields": {at: str(one) for at, one in sorted(look.fields.items())},
    }


def _outcome(one: Outcome) -> dict[str, Json]:
    seen = [" ".join(filter(None, (str(status), code))) for status, code in sorted(one.seen)]
    costs = {"billable": True} if one.billable else {}
    return {"kind": one.kind, "operation": one.operation, "fact": one.fact, "seen": seen, **costs}


def _read(document: Mapping[str, Json]) -> Profile:
    return Profile(
        provider=str(document["provider"]),
        places={_place(name): _read_look(one) for name, one in document["places"].items()},
        outcomes={label: _read_outcome(one) for label, one in document["outcomes"].items()},
        transitions=frozenset((str(record), str(old), str(new)) for record, old, new in document["transitions"]),
        words={(operation, pointer): frozenset(words) for operation, pointer, *words in document["words"]},
        limits={name: frozenset(values) for name, values in document["limits"].items()},
        seconds={name: float(value) for name, value in document["seconds"].items()},
        charges={what: Charge(str(paid), str(fact)) for what, paid, fact in document.get("charges", ())},
    )


def _place(name: str) -> Place:
    operation, status, word, turn = name.split(" ")
    return Place(operation, int(status), "" if word == _EMPTY else word, turn)


def _read_look(one: Mapping[str, Json]) -> Look:
    fields = {}
    for at, said in one["fields"].items():
        *types, presence = said.split(" ")
        fields[at] = Field(frozenset(types), presence == "always")
    headers = {name: said == "always" for name, said in one["headers"].items()}
    return Look(fields=fields, headers=headers, content_types=frozenset(one["content-types"]))


def _read_outcome(one: Mapping[str, Json]) -> Outcome:
    return Outcome(
        kind=one["kind"],
        operation=one["operation"],
        fact=one["fact"],
        seen=frozenset(_seen(one["seen"])),
        billable=one.get("billable") is True,
    )


def _seen(texts: Iterable[str]) -> Iterable[tuple[int, str]]:
    for text in texts:
        status, _, code = text.partition(" ")
        yield int(status), code
