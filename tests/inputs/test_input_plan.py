"""Which files of an input are looked at, by which rules, and where they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screentest.input_files.looks import OUTSIDE, Look, plan_of_checks, where_is
from screentest_contracts.load import PROVIDERS, assumptions, load
from screentest_contracts.schema import InputSchema

RULE = {"kind": "image", "side_min": 300}


@pytest.mark.parametrize(
    ("url", "where"),
    [
        ("data:image/png;base64,AAAA", "data"),
        ("DATA:,x", "data"),
        ("http://127.0.0.1:8790/inputs/640x480.png", "loopback"),
        ("https://localhost/a.png", "loopback"),
        ("http://media.localhost:9/a.png", "loopback"),
        ("http://[::1]:9/a.png", "loopback"),
        ("https://static.example/a.png", "outside"),
        ("http://2130706433/a.png", "outside"),
        ("http://0.0.0.0/a.png", "outside"),
        ("file:///etc/passwd", "outside"),
        ("file://localhost/etc/passwd", "outside"),
        ("ftp://127.0.0.1/a.png", "outside"),
        ("http://[", "outside"),
        ("not a url", "outside"),
        ("runflow://assets/abc", "asset"),
        ("asset://abc", "outside"),
    ],
)
def test_where_a_url_leads(url: str, where: str) -> None:
    """By the URL alone: odd spellings of this machine are outside until somebody resolves them."""
    assert where_is(url) == where


def test_single_files_lists_and_validations() -> None:
    """A list's rule holds for each of its items; an item's own rule comes first; the rest has no files."""
    validations = [{"rule": "width_pixels>", "value": 14}]
    schema = InputSchema(
        {
            "properties": {
                "prompt": {"type": "string"},
                "image": {"type": "string", "media": RULE},
                "images": {"type": "array", "media": RULE, "validations": validations, "items": {"type": "string"}},
                "audios": {"type": "array", "items": {"type": "string", "media": {"kind": "audio"}}},
                "mask": {"type": "string", "validations": validations},
                "absent": {"type": "string", "media": RULE},
                "inner": {"type": "object", "properties": {"video": {"type": "string", "media": {"kind": "video"}}}},
            }
        }
    )
    url = "https://static.example/a"
    inputs = {
        "prompt": url,
        "image": url,
        "images": [url, "data:,x"],
        "audios": [url],
        "mask": url,
        "inner": {"video": url},
        "unknown": url,
    }
    looks = plan_of_checks(schema, inputs)
    assert [(look.field, look.where, look.media, look.validations) for look in looks] == [
        ("image", "outside", RULE, ()),
        ("images.0", "outside", RULE, validations),
        ("images.1", "data", RULE, validations),
        ("audios.0", "outside", {"kind": "audio"}, ()),
        ("mask", "outside", {}, validations),
        ("inner.video", "outside", {"kind": "video"}, ()),
    ]
    assert looks[2].at == ("images", 1)


def test_advice_is_not_checked() -> None:
    """A rule that its contract calls advisory is no reason to look."""
    schema = InputSchema({"properties": {"image": {"media": RULE, "enforced": {"media": "advisory"}}}})
    assert plan_of_checks(schema, {"image": "data:,x"}) == ()


@pytest.mark.parametrize(
    ("where", "steps"),
    [
        ("data", ["read", "read", "read"]),
        ("loopback", ["read", "read", "read"]),
        ("asset", ["read", "read", "read"]),
        ("outside", ["skip", "fail", "read"]),
    ],
)
def test_what_is_done_about_a_file(where: str, steps: list[str]) -> None:
    """Only for files elsewhere does the assumption decide."""
    look = Look(at=("image",), url="x", where=where, media=RULE, validations=())
    assert [look.step(choice) for choice in assumptions()[OUTSIDE].choices] == steps


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_example_of_the_contracts(provider: str) -> None:
    """The files of every model's example are found, all of them outside."""
    for model in load(provider).models():
        looks = plan_of_checks(model.input, model.input.completed(model.example))
        assert {look.where for look in looks} <= {"outside"}
        assert all(look.media or look.validations for look in looks)
    assert any(plan_of_checks(model.input, model.example) for model in load(provider).models())


@given(st.text(max_size=40))
def test_any_url_is_somewhere(text: str) -> None:
    """Nothing raises, whatever a caller sends as a URL."""
    assert where_is(text) in ("data", "loopback", "asset", "outside")
    assert where_is("http://" + text) in ("loopback", "outside")
