"""Our contract against a page: what contradicts it, how we knew it, and what the page is silent about."""

from __future__ import annotations

import pytest

from drift.page_edits import against_contract, texts
from drift.symmetry import MIRROR
from screentest_contracts.drift.classes import LEVELS, SEVERITY, severity
from screentest_contracts.drift.difference import Drift
from screentest_contracts.drift.outcome import Outcome, together

R2V, I2V, SEEDANCE, RUNFLOW, HIAPI = (
    "runcomfy-happyhorse-1.0-reference-to-video.fr.txt",
    "runcomfy-happyhorse-1.0-image-to-video.en.txt",
    "runcomfy-seedance-v1.5-pro-image-to-video.fr.txt",
    "runflow-happy-horse-reference-to-video.txt",
    "hiapi-happyhorse-1.1-reference-to-video.txt",
)


def _against(page: str, old: str, new: str) -> Outcome:
    """The comparison with a page on which `old` reads `new`, wherever it stands."""
    assert old in texts()[page]
    return against_contract(page, texts()[page].replace(old, new))


def _only(outcome: Outcome) -> Drift:
    (drift,) = outcome.drifts
    return drift


def test_a_documented_fact_is_news() -> None:
    """The contract has it from this very page."""
    drift = _only(_against(HIAPI, "<= 20MB", "<= 30MB"))

    assert drift.fact == "documented: r2v-page"
    assert drift.meaning == "news: we knew it as documented: r2v-page"
    assert (drift.old, drift.new) == (20, 30)


def test_a_chosen_fact_is_answered() -> None:
    """The contract had to assume that the limits of image 1 hold for the others; the page begins to say."""
    seventh = "caractère7. Laissez"
    drift = _only(_against(R2V, seventh, "caractère7. Max 30 Mo. Laissez"))
    assert drift.pointer == "/input/properties/image_url_7/media/max_megabytes"
    assert drift.fact == "chosen: runcomfy.happyhorse-1.0-r2v.other-images-inherit"
    assert drift.meaning.startswith("answers the assumption runcomfy.happyhorse")

    assert _against(R2V, seventh, "caractère7. Max 10 Mo. Laissez").drifts == ()


def test_what_a_page_does_not_say_is_unverified() -> None:
    """Defaults of Runflow's model come from another page: their absence here is no drift, and is listed."""
    outcome = against_contract(RUNFLOW, texts()[RUNFLOW])

    assert outcome.drifts == ()
    silent = {one.pointer: one.fact for one in outcome.unverified}
    assert silent["/input/properties/duration/default"] == "documented: llms-page"
    assert "/input/properties/duration/maximum" not in silent


def test_what_was_not_read_is_neither_there_nor_gone() -> None:
    """A limit in a sentence that nobody understands: unread and unverified, no drift."""
    outcome = _against(HIAPI, "<= 20MB each", "no heavier than a score of MB, 20 that is")

    assert outcome.drifts == ()
    assert [one.at for one in outcome.unread] == ["/input/properties/reference_image/description"]
    assert "/input/properties/reference_image/media/max_megabytes" in [one.pointer for one in outcome.unverified]


@pytest.mark.parametrize("said", ["$0.14 for every second", "0,14 $ la seconde", "USD 0.14, by the second"])
def test_a_price_that_was_not_read_is_not_gone(said: str) -> None:
    """Somebody has to look; a page without any amount of money has no price."""
    outcome = _against(RUNFLOW, "$0.14/second 2026-04-28", said)

    assert outcome.drifts == ()
    assert [(one.at, one.text) for one in outcome.unread] == [("/price", said)]
    assert "/price/usd_per_second/720p" in [one.pointer for one in outcome.unverified]


def test_a_page_that_marks_nothing_adds_an_optional_property() -> None:
    """On Runflow's page nobody can see whether a new input is required."""
    drift = _only(_against(RUNFLOW, "seedintegerRandom", "lensstringThe lens.\nseedintegerRandom"))

    assert (drift.kind, drift.new) == ("property-added-optional", {"type": "string", "required": False})


@pytest.mark.parametrize(
    ("page", "old", "new"),
    [
        (RUNFLOW, "Duration: 3–15s", "Duration: 3–60s"),
        (HIAPI, "Up to 9 reference", "Up to 99 reference"),
        (I2V, "Allowed values: 3–15", "Allowed values: 3–30"),
        (I2V, "Up to 5000 non", "Up to 9000 non"),
    ],
)
def test_the_list_wins_over_the_rest_of_the_page(page: str, old: str, new: str) -> None:
    """What the first lines or a description say otherwise is no drift."""
    assert _against(page, old, new).drifts == ()


def test_an_endpoint_that_is_gone() -> None:
    """A page that no longer shows how to cancel."""
    text = texts()[I2V]
    start = text.rindex("curl --request POST")
    drift = _only(against_contract(I2V, text[:start] + text[text.rindex("4. File inputs") :]))

    assert (drift.kind, drift.pointer, drift.new) == ("endpoint-changed", "/operations/cancel", None)


def test_a_model_that_we_do_not_have() -> None:
    """One drift, not one for each of its properties."""
    drift = _only(_against(HIAPI, "happyhorse-1.1/reference-to-video", "happyhorse-2/reference-to-video"))

    assert (drift.kind, drift.model, drift.fact) == ("model-added", "happyhorse-2/reference-to-video", None)


def test_one_fact_on_two_pages_is_told_once() -> None:
    """Pages of a provider repeat what is around a model; the same drift has the same fingerprint."""

    def moved(text: str) -> str:
        return text.replace("{request_id}/status", "{request_id}/state")

    pages = [against_contract(page, moved(texts()[page])) for page in (R2V, I2V, SEEDANCE)]

    assert len({drift.fingerprint for one in pages for drift in one.drifts}) == 1
    assert len(together(pages).drifts) == 1


def test_the_worst_comes_first() -> None:
    """Reports begin with what breaks."""
    outcome = _against(HIAPI, "enum: 720p1080p", "enum: 1080p4k")

    assert [drift.kind for drift in outcome.drifts] == ["enum-value-removed", "enum-value-added"]
    assert outcome.fails("breaking")


@pytest.mark.parametrize("kind", SEVERITY)
def test_every_class_has_its_severities(kind: str) -> None:
    """For the client and for the emulator, whatever happened; mirrors mirror back, but for properties."""
    for change in ("added", "removed", "changed"):
        assert set(severity(kind, change)) <= set(LEVELS)
    back = MIRROR.get(MIRROR.get(kind, kind), MIRROR.get(kind, kind))
    assert back == kind or kind == "property-removed" or back == "property-removed"
