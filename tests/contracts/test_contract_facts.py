"""Every fact says how we know it, nothing listed is unused, and every choice of every assumption gives a contract."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files

from screentest_contracts.load import PROVIDERS, Contract, assumptions, load, size_table
from screentest_contracts.model import Frame
from screentest_contracts.provenance import HOW, facts
from screentest_contracts.reading import Json

DECIDED_IN_CODE = {
    "runflow.new-secret": "which of the account's secrets signs",
    "runflow.upload-content-type": "what an upload URL was made for",
    "runflow.unset-balance": "a placeholder, not a fact",
    "all.callback-stamp": "the time that the sender signs with is no fact of a provider",
    "all.any-bearer-is-an-account": "who is an account, for all providers alike",
    "all.unknown-schema": "whether models are served that the contract knows by name only",
    "all.megabyte": "a unit, not a fact of one provider",
    "media.approximate-limits": "how `approximate` is read, for all models alike",
    "media.outside-inputs": "what the emulator does without a network",
    "media.pixel-limit": "the absence of a rule",
    "media.unfetched-size": "what the emulator does without a network",
    "hiapi.route-twice": "which of two fields wins that contradict each other",
    "runcomfy.audio-format": "which files the emulator can make",
    "runcomfy.image-size-object": "the absence of a rule",
    "runcomfy.media-host": "under which name the emulator links to itself",
    "runcomfy.media-rules": "the moment at which `media` and `validations` are enforced",
    "runcomfy.happyhorse-1.0-r2v.image-gaps": "the absence of a rule",
    "runcomfy.happyhorse-1.0-r2v.prompt-tags": "the absence of a rule",
}
DATA = files("screentest_contracts") / "data"


def documents() -> Iterator[tuple[str, Json]]:
    """Every file of every contract as it is written, variants included."""
    for name in PROVIDERS:
        for file in load(name).documents():
            yield file, json.loads((DATA / file).read_text(encoding="utf-8"))


def objects(node: Json, at: str) -> Iterator[tuple[str, dict[str, Json]]]:
    """Every object in a document, with its address."""
    if isinstance(node, dict):
        yield at, node
    for key, child in node.items() if isinstance(node, dict) else enumerate(node if isinstance(node, list) else ()):
        yield from objects(child, f"{at}/{key}")


def test_every_fact_says_how_we_know_it(variant: Contract) -> None:
    """Reading the facts refuses one without provenance or with an unlisted source, so reading them all is the test."""
    known = list(variant.facts())
    assert len(known) > 200
    assert {fact.provenance.how for fact in known} <= set(HOW)


def test_every_source_is_used(contract: Contract) -> None:
    """A listed source that no fact comes from is left over, or a fact is attributed to the wrong one."""
    used = {fact.provenance.source for fact in contract.facts() if fact.provenance.how != "chosen"}
    assert set(contract.provider.sources) == used


def test_size_tables_say_where_they_come_from() -> None:
    """The tables that providers share follow the same rule as a provider's own facts."""
    document = json.loads((DATA / "all/sizes.json").read_text(encoding="utf-8"))
    used = {fact.provenance.source for fact in facts(document["tables"], "all/sizes.json#/tables")}
    assert used == set(document["sources"])


def test_every_assumption_is_tied_to_the_facts_it_decides() -> None:
    """An assumption appears as a `from: chosen:...` or in a `variants`; the few that decide no fact are listed here."""
    tied = {fact.provenance.source for name in PROVIDERS for fact in load(name).facts()}
    tied |= {
        name for _, document in documents() for _, node in objects(document, "") for name in node.get("variants", {})
    }
    assert set(assumptions()) - tied == set(DECIDED_IN_CODE)


def test_a_mapping_of_provenance_names_only_keys_that_exist() -> None:
    """``"from": {"fps": ...}`` beside no `fps`, not even in a variant, is a typo that would change nothing."""
    for file, document in documents():
        for at, node in objects(document, file + "#"):
            if not isinstance(node.get("from"), dict):
                continue
            patches = [patch for choices in node.get("variants", {}).values() for patch in choices.values()]
            known = {"*", *node, *(key for patch in patches for key in patch)}
            assert set(node["from"]) <= known, at


def test_every_choice_is_worded_for_a_reader() -> None:
    """Question, evidence and at least one choice: `screentest assumptions` prints nothing empty."""
    for assumption in assumptions().values():
        assert assumption.question.endswith("?"), assumption.id
        assert assumption.evidence, assumption.id
        assert all(assumption.choices), assumption.id


def test_every_choice_gives_models_that_take_their_own_example(variant: Contract) -> None:
    """Whatever an assumption says, the contract reads, and no example on a page becomes invalid."""
    for model in variant.models():
        assert model.input.violations(model.input.prepared(model.example)) == ()


def test_every_picture_a_model_can_make_has_a_size(variant: Contract) -> None:
    """The size table has a row for each tier and a column for each ratio that a request may name."""
    for model in variant.models():
        frame, properties = model.output, model.input.properties
        if not isinstance(frame, Frame) or frame.table is None:
            continue
        table = size_table(frame.table)
        for tier in properties[frame.tier]["enum"] if frame.tier else [frame.fixed_tier or ""]:
            ratios = properties[frame.ratio]["enum"] if frame.ratio else [frame.alone or "16:9"]
            missing = set(ratios) - {frame.adaptive} - set(table[tier.lower()])
            assert not missing, f"{model.id}: {frame.table} {tier} has no {missing}"


def test_what_an_operation_may_fail_with_has_words(variant: Contract) -> None:
    """Every failure's message is a template of `detail` only, so that every one can be rendered."""
    for failure in variant.provider.failures.values():
        assert failure.message.format(detail="x")
        assert all(value.format(detail="x") for value in failure.headers.values())
