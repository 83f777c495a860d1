"""The pages of the fixtures, read: every fact of the contract that the page states, and nothing that it does not."""

from __future__ import annotations

import json

import pytest

from drift.noise import NOISES, Noise
from drift.page_edits import PAGES, provider_of, read, texts
from screentest_contracts.ingest import PageError, ingest, open_page, read_page
from screentest_contracts.ingest import provider_of as looks_like
from screentest_contracts.ingest.fragment import Endpoint, Rate
from screentest_contracts.ingest.model_file import SAMPLE_TEXT, model_file
from screentest_contracts.load import load
from screentest_contracts.parse_model import read_model

R2V, I2V, SEEDANCE, RUNFLOW, HIAPI = (
    "runcomfy-happyhorse-1.0-reference-to-video.fr.txt",
    "runcomfy-happyhorse-1.0-image-to-video.en.txt",
    "runcomfy-seedance-v1.5-pro-image-to-video.fr.txt",
    "runflow-happy-horse-reference-to-video.txt",
    "hiapi-happyhorse-1.1-reference-to-video.txt",
)


@pytest.mark.parametrize("page", texts())
def test_nothing_is_left_unread(page: str) -> None:
    """Every number and every word of these pages' lists means something."""
    assert read(page, texts()[page]).unread == ()


@pytest.mark.parametrize("page", texts())
def test_the_provider_shows(page: str) -> None:
    """Whose page it is, is seen."""
    assert looks_like(open_page(PAGES / page)) == provider_of(page)


@pytest.mark.parametrize("noise", NOISES, ids=lambda noise: noise.name)
@pytest.mark.parametrize("page", texts())
def test_the_form_does_not_matter(page: str, noise: Noise) -> None:
    """Text, Markdown and HTML, in whatever order and layout, say the same."""
    plain, noisy = read(page, texts()[page]), read(page, noise.apply(texts()[page], provider_of(page)))

    assert noisy.model_id == plain.model_id
    assert {**noisy.properties} == {**plain.properties}
    assert noisy.required == plain.required or sorted(noisy.required or ()) == sorted(plain.required or ())
    assert (noisy.rates, noisy.seen, noisy.states, noisy.files) == (plain.rates, plain.seen, plain.states, plain.files)
    assert set(noisy.endpoints) == set(plain.endpoints)
    assert noisy.unread == ()


def test_a_runcomfy_page() -> None:
    """Limits come out of the French descriptions, rules about files out of `validations`, addresses out of curl."""
    fragment = read(R2V, texts()[R2V])
    assert fragment.properties["image_url_1"]["media"] == {
        "kind": "image", "formats": ["jpeg", "png", "webp"],
        "short_side_min": 400, "short_side_recommended": 720, "max_megabytes": 10,
    }  # fmt: skip
    assert fragment.properties["image_url_9"] == {"type": "string", "empty": "absent", "media": {"kind": "image"}}
    assert fragment.properties["prompt"] == {"type": "string", "maxLength": 5000, "maxLengthChinese": 2500}
    assert Endpoint(method="POST", host="model-api.runcomfy.net", path="/v1/models/{model_id...}") in fragment.endpoints

    frame = read(SEEDANCE, texts()[SEEDANCE]).properties["first_frame_image_url"]
    assert {"rule": "width/height<", "value": 2.5} in frame["validations"]
    assert len(frame["validations"]) == 7
    assert "'" in str(read(SEEDANCE, texts()[SEEDANCE]).example["prompt"])


def test_a_runflow_page() -> None:
    """The flattened table, the price and its date; nothing is marked as required."""
    fragment = read(RUNFLOW, texts()[RUNFLOW])
    assert fragment.required is None
    assert fragment.rates == (Rate(usd="0.14", per="second"),)
    assert fragment.seen == "2026-04-28"
    assert fragment.properties["image_urls"]["maxItems"] == 9
    assert fragment.properties["aspect_ratio"]["enum"] == ["16:9", "9:16", "1:1", "4:3", "3:4"]


def test_a_runflow_documentation_page() -> None:
    """More columns say more: what is required, defaults, allowed values."""
    page = """
# kuaishou/kling-video/v3/pro/text-to-video

| Parameter | Type | Required | Default | Allowed values | Description |
| --- | --- | --- | --- | --- | --- |
| `prompt` | string | Yes | | Any | The scene. |
| `duration` | string | No | 5 | 3, 5, 10 | Seconds. |
| `shot_type` | string | No | customize | Suggested: customize | |
| `cfg_scale` | number | No | 0.5 | | 0-1 |
| `elements` | json | No | | nested fields | |

POST https://api.runflow.io/v1/models/kuaishou/kling-video/v3/pro/text-to-video/runs
"""
    fragment = ingest(read_page(page.encode(), "kling.md"), "runflow")

    assert fragment.required == ("prompt",)
    assert fragment.properties["duration"] == {"type": "string", "enum": ["3", "5", "10"], "default": "5"}
    assert fragment.properties["cfg_scale"] == {"type": "number", "default": 0.5, "minimum": 0, "maximum": 1}
    assert fragment.properties["elements"] == {}
    assert "enum" not in fragment.properties["shot_type"]
    assert fragment.endpoints[0].path == "/v1/models/{model_id...}/runs"


def test_a_hiapi_page() -> None:
    """The parameter list with its nesting, the callback apart from the input."""
    fragment = read(HIAPI, texts()[HIAPI])
    assert list(fragment.properties) == ["prompt", "reference_image", "resolution", "aspect_ratio", "duration"]
    assert fragment.properties["aspect_ratio"]["enum"][-2:] == ["9:21", "21:9"]
    assert fragment.callback is not None
    assert fragment.callback["required"] == ["url"]
    assert fragment.callback["properties"]["when"]["enum"] == ["final"]


@pytest.mark.parametrize("page", texts())
def test_a_fragment_becomes_a_model(page: str) -> None:
    """The file that `ingest` writes is a contract's: it loads, and takes its own example, in words of ours."""
    fragment = read(page, texts()[page])
    made = model_file(fragment)

    document = json.loads(json.dumps(made.document))
    model = read_model(document, made.name, load(fragment.provider).provider.file_inputs)
    assert model.id == fragment.model_id
    assert model.input.violations(model.input.prepared(model.example)) == ()
    assert model.example["prompt"] == SAMPLE_TEXT
    assert made.name == fragment.model_id.replace("/", "--") + ".json"
    assert any(remark.at == "/video|image|audio" for remark in made.review)


@pytest.mark.parametrize("page", texts())
def test_a_fragment_says_what_the_contract_says(page: str) -> None:
    """Types, values, defaults and bounds that both have are the same."""
    fragment = read(page, texts()[page])
    model = load(fragment.provider).model(fragment.model_id)
    assert model is not None
    assert list(model.input.properties) == list(fragment.properties)
    for name, rule in fragment.properties.items():
        for keyword in ("type", "enum", "default", "minimum", "maximum", "maxLength", "minItems", "maxItems"):
            if keyword in rule:
                assert rule[keyword] == model.input.properties[name].get(keyword), (name, keyword)


@pytest.mark.parametrize(
    ("page", "old", "new", "said"),
    [
        (I2V, '"type": "boolean"', '"type": "tristate"', "/watermark/type: the type 'tristate'"),
        (I2V, '"minimum": 0', '"minimum": "zero"', "/seed/minimum: the value 'zero'"),
        (I2V, '"minimum": 0', '"minimun": 0', "/seed/minimun: a keyword that we do not know"),
        (I2V, "Keep the mark", "Keep 3 marks", "/watermark/description: a number in"),
        (RUNFLOW, "seedinteger", "seedtristate", "/input: the row"),
        (HIAPI, "enum: 720p1080p", "enum: hqhd", "/resolution/enum: where the values of 'hqhd'"),
        (HIAPI, "duration integer optional", "duration whole optional", "/duration: the type 'whole'"),
        (HIAPI, "default 5\n", "default some\n", "/duration: the value 'some' as integer"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told(page: str, old: str, new: str, said: str) -> None:
    """A riddle is listed with its place; nothing is guessed."""
    assert old in texts()[page]
    unread = read(page, texts()[page].replace(old, new)).unread

    assert any(said in str(remark) for remark in unread), [str(one) for one in unread]


def test_where_a_page_contradicts_itself_its_list_wins() -> None:
    """The schema beats its descriptions, the table the first lines; both are noted."""
    text = texts()[I2V].replace("Up to 5000 non", "Up to 6000 non").replace("values: 3–15", "values: 3–20")
    fragment = read(I2V, text)
    assert fragment.properties["prompt"]["maxLength"] == 5000
    assert fragment.properties["duration"]["enum"][-1] == 15
    assert sum("the list wins" in remark.text for remark in fragment.notes) == 2


def test_a_page_of_nobody() -> None:
    """A page that looks like no provider's, or like two's, is asked about."""
    with pytest.raises(PageError, match="looks like a page of nobody; name the provider"):
        looks_like(read_page(b"Hello there", "page.txt"))
