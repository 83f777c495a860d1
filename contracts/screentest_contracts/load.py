"""Find a contract's files, decide its assumptions, and read it.

    contract = load("hiapi", {"hiapi.callback-scheme": "https"})
    contract.model("happyhorse-1.1/reference-to-video").input.violations({...})

Files: ``data/<provider>/provider.json`` (operations, lifecycle, failures), ``assumptions.json``, ``models/*.json`` (one
a model, its id with "/" written "--"), and ``data/all/`` for what the providers share.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from msgspec import structs

from screentest_contracts.document import Model, Provider
from screentest_contracts.parse import read_provider
from screentest_contracts.parse_model import read_model
from screentest_contracts.provenance import Assumption, Fact, facts, read_assumptions, read_sources, resolve
from screentest_contracts.reading import ContractError, Json, Reader
from screentest_contracts.schema import InputSchema

PROVIDERS = ("runcomfy", "runflow", "hiapi")

_UNSEEN = "all/unseen-model.json"

_DATA: Traversable = files("screentest_contracts") / "data"


class UnknownAssumptionError(ValueError):
    """An assumption, or a choice of one, that does not exist; the message says which do."""


@cache
def assumptions() -> Mapping[str, Assumption]:
    """Every assumption of every provider, by id."""
    found: dict[str, Assumption] = {}
    for folder in ("all", *PROVIDERS):
        found |= read_assumptions(_json(f"{folder}/assumptions.json"), f"{folder}/assumptions.json")
    return found


def choose(switches: Mapping[str, str]) -> dict[str, str]:
    """The choice of every assumption: its default, or what `switches` says instead."""
    known = assumptions()
    for name, choice in switches.items():
        if name not in known:
            raise UnknownAssumptionError(f"no assumption {name!r}; `screentest assumptions` lists them")
        if choice not in known[name].choices:
            raise UnknownAssumptionError(f"{name} is one of {', '.join(known[name].choices)}, not {choice!r}")
    return {name: switches.get(name, assumption.default) for name, assumption in known.items()}


class Contract:
    """One provider's contract under one set of choices. Models are read when they are asked for."""

    def __init__(self, name: str, switches: Mapping[str, str]) -> None:
        self.name = name
        self.chosen = choose(switches)
        self._models: dict[str, Model] = {}
        self._bodies: dict[str, InputSchema] = {}
        self._queries: dict[str, InputSchema] = {}
        self._facts: dict[str, list[Fact]] = {}
        self._by_address: dict[str, dict[str, Fact]] = {}

    def assumed(self, assumption: str) -> str:
        """The choice in force for `assumption`."""
        return self.chosen[assumption]

    @cached_property
    def provider(self) -> Provider:
        at = f"{self.name}/provider.json"
        document = self._resolved(at)
        sources = read_sources(Reader({"sources": document.get("sources", {})}, at + "#"))
        return read_provider(document, at, assumptions(), sources)

    @cached_property
    def model_ids(self) -> tuple[str, ...]:
        folder = _DATA / self.name / "models"
        names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".json"))
        return tuple(name.removesuffix(".json").replace("--", "/") for name in names)

    def model(self, model_id: str) -> Model | None:
        """The model with this id, or None when the provider has none."""
        if model_id not in self._models:
            if model_id not in self.model_ids:
                return self._unseen(model_id)
            at = _model_file(self.name, model_id)
            model = read_model(self._resolved(at), at, self.provider.file_inputs)
            if model.id != model_id:
                raise ContractError(f"{at}#/id: the file name says {model_id!r}, the document {model.id!r}")
            self._models[model_id] = model
        return self._models[model_id]

    def _unseen(self, model_id: str) -> Model | None:
        """A model known by name only, taking any input; None where such models are not served."""
        if self.assumed("all.unknown-schema") != "accept" or model_id not in self.provider.catalogue.named_only:
            return None
        model = read_model(self._resolved(_UNSEEN), _UNSEEN, self.provider.file_inputs)
        return structs.replace(model, id=model_id, key=model_id.replace("/", "-"), title=model_id)

    def body(self, schema: str) -> InputSchema:
        """The compiled schema of a request body, by its name in the contract's schemas."""
        if schema not in self._bodies:
            self._bodies[schema] = InputSchema(self.provider.schemas[schema])
        return self._bodies[schema]

    def query(self, operation: str) -> InputSchema:
        """The compiled schema of an operation's query, by its id: of the parameters that it declares."""
        if operation not in self._queries:
            rules = self.provider.operations[operation].query
            self._queries[operation] = InputSchema({"type": "object", "properties": rules})
        return self._queries[operation]

    def models(self) -> Iterator[Model]:
        for model_id in self.model_ids:
            model = self.model(model_id)
            assert model is not None
            yield model

    def facts(self) -> Iterator[Fact]:
        """Every fact with its address and provenance; refuses one whose source or assumption is not listed."""
        for at in (f"{self.name}/provider.json", *(_model_file(self.name, one) for one in self.model_ids)):
            yield from self.facts_in(at)

    def facts_in(self, file: str) -> Sequence[Fact]:
        """The facts of one file, such as ``hiapi/provider.json``."""
        if file not in self._facts:
            document = {key: value for key, value in self._resolved(file).items() if key != "sources"}
            self._facts[file] = [self._listed(fact) for fact in facts(document, file + "#")]
        return self._facts[file]

    def fact(self, address: str) -> Fact | None:
        """The fact at "file#/pointer", else the first inside that node, else the nearest around it."""
        file = address.partition("#")[0]
        if file not in self._by_address:
            self._by_address[file] = {fact.at: fact for fact in self.facts_in(file)}
        known = self._by_address[file]
        while address not in known:
            inside = next((at for at in known if at.startswith(address + "/")), None)
            if inside is not None:
                return known[inside]
            address, slash, _ = address.rpartition("/")
            if not slash or "#" not in address:
                return None
        return known[address]

    def model_file(self, model_id: str) -> str:
        """The file with the facts of a model."""
        return _model_file(self.name, model_id)

    def _listed(self, fact: Fact) -> Fact:
        how, source = fact.provenance.how, fact.provenance.source
        if source not in (self.chosen if how == "chosen" else self.provider.sources):
            raise ContractError(f"{fact.at}: {how} from {source!r}, which is not listed")
        return fact

    def documents(self) -> dict[str, Json]:
        """The resolved documents by file name, as data."""
        names = [f"{self.name}/provider.json", *(_model_file(self.name, one) for one in self.model_ids)]
        return {name: self._resolved(name) for name in names}

    def _resolved(self, at: str) -> dict[str, Json]:
        document: dict[str, Json] = resolve(_json(at), at + "#", self.chosen, assumptions())
        return document


def load(name: str, switches: Mapping[str, str] | None = None) -> Contract:
    """The contract of `name`, one of PROVIDERS, under the given choices of assumptions.

    Who asks for the same gets the same: contracts never change, and take 10 ms to read.
    """
    if name not in PROVIDERS:
        raise ContractError(f"no provider {name!r}; there are {', '.join(PROVIDERS)}")
    return _shared(name, tuple(sorted((switches or {}).items())))


@lru_cache(maxsize=32)
def _shared(name: str, switches: tuple[tuple[str, str], ...]) -> Contract:
    return Contract(name, dict(switches))


@cache
def size_table(name: str) -> Mapping[str, Mapping[str, tuple[int, int]]]:
    """Pixel sizes by tier ("720p", lower case) and ratio ("16:9")."""
    tables = _json("all/sizes.json")["tables"]
    if name not in tables:
        raise ContractError(f"all/sizes.json#/tables: no table {name!r}")
    return {
        tier: {ratio: (int(size[0]), int(size[1])) for ratio, size in row.items()}
        for tier, row in tables[name]["tiers"].items()
    }


def _model_file(provider: str, model_id: str) -> str:
    return f"{provider}/models/{model_id.replace('/', '--')}.json"


@cache
def _json(path: str) -> Json:
    try:
        return json.loads((_DATA / path).read_text(encoding="utf-8"))
    except ValueError as error:
        raise ContractError(f"{path}: not JSON: {error}") from None
