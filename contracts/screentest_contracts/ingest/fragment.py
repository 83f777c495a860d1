"""What one page says, as a piece of a contract: a model's input in the format of ``data/<provider>/models/*.json``, and
what the page tells of the provider around it.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field, structs

from screentest_contracts.reading import Json

DATE_PLACEHOLDER = "YYYY-MM-DD"


class Remark(Struct, frozen=True, kw_only=True):
    """Something about a place of a page, `at` a JSON pointer into the fragment, or "" for the page."""

    at: str
    text: str

    def __str__(self) -> str:
        return f"{self.at}: {self.text}" if self.at else self.text


class Endpoint(Struct, frozen=True, kw_only=True):
    """A request that the page shows. `path` begins with the slash behind the host; `host` is "" if none is shown."""

    method: str
    host: str
    path: str


class Rate(Struct, frozen=True, kw_only=True):
    """US dollars (a decimal string) `per` second or output, for the value `tier` of an input; "" if unsaid."""

    usd: str
    per: str
    tier: str = ""


class Answer(Struct, frozen=True, kw_only=True):
    """The fields of a finished answer, as JSON Schema properties; they stand in the property `inside` of it.

    `complete`: fields that are not named do not exist.
    """

    fields: Mapping[str, Json]
    complete: bool
    inside: tuple[str, ...] = ()


class Fragment(Struct, frozen=True, kw_only=True):
    """One page, read.

    `speaks_for` are the ids of the provider's sources that this page is; empty when it is simply the model's page.
    `required` is None where the page marks nothing, `answer`, `callback` and `files` where it says nothing; an empty
    `callback` is one that a whole list does not have. `states` are words of the status, `all_states` whether there are
    no others. `words` are titles and descriptions by pointer. `unread` is what could not be read, `notes` what was read
    and put aside.
    """

    provider: str
    page: str
    model_id: str
    properties: Mapping[str, Mapping[str, Json]]
    required: tuple[str, ...] | None
    example: Mapping[str, Json] = field(default_factory=dict)
    rates: tuple[Rate, ...] = ()
    seen: str = ""
    endpoints: tuple[Endpoint, ...] = ()
    answer: Answer | None = None
    callback: Mapping[str, Json] | None = None
    files: Mapping[str, int] | None = None
    states: tuple[str, ...] = ()
    all_states: bool = False
    words: Mapping[str, str] = field(default_factory=dict)
    speaks_for: tuple[str, ...] = ()
    unread: tuple[Remark, ...] = ()
    notes: tuple[Remark, ...] = ()

    @property
    def key(self) -> str:
        """A short name of the model, for `key` and for the id of its page among the sources."""
        return self.model_id.replace("/", "-")

    @property
    def input(self) -> dict[str, Json]:
        """The input schema, without annotations."""
        return {"type": "object", "required": list(self.required or ()), "properties": dict(self.properties)}


class Findings:
    """Remarks, collected while a page is read."""

    def __init__(self) -> None:
        self._unread: list[Remark] = []
        self._notes: list[Remark] = []

    def unread(self, at: str, text: str) -> None:
        """Something that could not be read."""
        self._unread.append(Remark(at=at, text=text))

    def note(self, at: str, text: str) -> None:
        """Something that was read and put aside, or decided."""
        self._notes.append(Remark(at=at, text=text))

    def told(self, fragment: Fragment) -> Fragment:
        """`fragment` with both lists, without repetitions."""
        return structs.replace(fragment, unread=self.left, notes=tuple(dict.fromkeys(self._notes)))

    @property
    def left(self) -> tuple[Remark, ...]:
        """What could not be read."""
        return tuple(dict.fromkeys(self._unread))
