"""Files judged by the rules of the contracts: what passes, what breaks which rule, and how it is said."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screentest.input_files.file import InputFile, examine
from screentest.input_files.rules import (
    JUDGED,
    MOST_READ,
    NOT_JUDGED,
    Assumed,
    Broken,
    bytes_to_read,
    check,
    check_together,
)
from screentest.samples.files import content
from screentest.samples.names import parse
from screentest_contracts.keywords import MEDIA
from screentest_contracts.load import PROVIDERS, load

HAPPYHORSE = {
    "kind": "image",
    "formats": ["jpeg", "png", "webp"],
    "side_min": 300,
    "ratio_min": 0.4,
    "ratio_max": 2.5,
    "bounds": "inclusive",
    "max_megabytes": 10,
}
EDIT = {
    "kind": "video",
    "formats": ["mp4", "mov"],
    "seconds_min": 3,
    "seconds_max": 60,
    "long_side_max": 2160,
    "short_side_min": 320,
    "fps_min": 8,
    "exclusive": ["fps_min"],
}


def sample(name: str, size: int | None = None, fps: int = 24) -> InputFile:
    return examine(content(parse(name), size, fps))


def image(width: int, height: int, **facts: Any) -> InputFile:
    told: dict[str, Any] = {"kind": "image", "format": "png", "size": 1000, "width": width, "height": height}
    return InputFile(**told | facts)


def judged(file: InputFile, rule: Mapping[str, Any], validations: Sequence[Mapping[str, Any]] = ()) -> str | None:
    broken = check(file, rule, field="image_url", validations=validations)
    return broken.text if broken else None


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("1280x720.png", None),
        ("300x300.webp", None),
        ("750x300.jpg", None),
        ("300x750.png", None),
        ("299x400.png", "the image is 299x400 pixels; each side must be at least 300 pixels"),
        ("400x299.png", "the image is 400x299 pixels; each side must be at least 300 pixels"),
        ("751x300.png", "the image is 751x300 pixels, a ratio of 2.503; width over height must be at most 2.5"),
        ("300x751.png", "the image is 300x751 pixels, a ratio of 0.3995; width over height must be at least 0.4"),
        ("640x480.gif", "the image is GIF; it must be JPEG, PNG or WebP"),
        ("3s.mp4", "the file is video (MP4); an image is expected"),
        ("3s.wav", "the file is sound (WAV); an image is expected"),
    ],
)
def test_images_by_a_rule(name: str, said: str | None) -> None:
    """Real files at each limit and one beyond it; the sentence names field, fault and limit."""
    assert judged(sample(name), HAPPYHORSE) == (said and f"image_url: {said}")


@pytest.mark.parametrize(
    ("name", "fps", "rule"),
    [
        ("3s.mp4", 24, None),
        ("3s.mov", 9, None),
        ("2s.mp4", 24, "seconds_min"),
        ("640x318-3s.mp4", 24, "short_side_min"),
        ("2162x640-3s.mp4", 24, "long_side_max"),
        ("3s.mp4", 8, "fps_min"),
        ("640x480.png", 24, "kind"),
    ],
)
def test_films_by_a_rule(name: str, fps: int, rule: str | None) -> None:
    """Sides, length and pictures per second of a film are judged like an image's sides."""
    broken = check(sample(name, fps=fps), EDIT, field="video_url")
    assert (broken and broken.rule) == rule


def test_how_films_and_sounds_are_said() -> None:
    """The sentences for length and rate."""
    short = check(sample("2s.mp4"), EDIT, field="video_url")
    slow = check(sample("3s.mp4", fps=8), EDIT, field="video_url")
    long = check(sample("16s.wav"), {"kind": "audio", "formats": ["wav", "mp3"], "seconds_max": 15}, field="audios.1")
    assert [one and one.sentence for one in (short, slow, long)] == [
        "video_url: the video is 2 s long; it must be at least 3 s long",
        "video_url: the video has 8 frames a second; it must have more than 8 frames a second",
        "audios.1: the audio is 16 s long; it must be at most 15 s long",
    ]


@pytest.mark.parametrize("megabyte", ["10^6", "2^20"])
@pytest.mark.parametrize(
    ("key", "exclusive"), [("max_megabytes", False), ("max_megabytes", True), ("max_mebibytes", False)]
)
def test_weight(megabyte: str, key: str, exclusive: bool) -> None:
    """The limit itself is allowed unless it is exclusive; a megabyte is what is assumed, a mebibyte what it is."""
    assumed = Assumed.chosen(load("runcomfy", {"all.megabyte": megabyte}).chosen)
    limit = 10 * (2**20 if key == "max_mebibytes" else {"10^6": 10**6, "2^20": 2**20}[megabyte])
    rule = {"kind": "image", key: 10, "exclusive": [key] * exclusive}
    broken = [
        check(image(400, 400, size=size), rule, field="f", assumed=assumed) for size in (limit - 1, limit, limit + 1)
    ]
    assert [one is not None for one in broken] == [False, exclusive, True]
    unit = "MiB" if key == "max_mebibytes" else "MB"
    assert broken[2] is not None
    assert broken[2].text == (
        f"f: the file is {limit + 1} bytes; it must be {'less than' if exclusive else 'at most'} 10 {unit}"
    )
    assert bytes_to_read(rule, assumed=assumed) == limit + 1


def test_a_file_that_was_not_read_to_its_end() -> None:
    """Where bytes beyond the limit were not read, the file is too heavy, and not merely incomplete."""
    cut = examine(content(parse("640x480.png"), 10_000_002)[:10_000_001], more=True)
    assert judged(cut, HAPPYHORSE) == "image_url: the file is more than 10000001 bytes; it must be at most 10 MB"
    unlimited = check(cut, {"kind": "image"}, field="f")
    assert unlimited
    assert unlimited.text == "f: the file is larger than the 10000001 bytes read"


@pytest.mark.parametrize("bounds", [None, "inclusive", "exclusive", "strict"])
def test_what_bounds_mean(bounds: str | None) -> None:
    """Limits are inclusive unless `bounds` says otherwise; operators are strict unless it says inclusive."""
    rule = {"kind": "image", "side_min": 300} | ({"bounds": bounds} if bounds else {})
    assert (judged(image(300, 300), rule) is None) is (bounds in (None, "inclusive"))
    validations = [{"rule": "width_pixels>", "value": 300, "message": "too narrow"}]
    rule.pop("side_min")
    assert (judged(image(300, 300), rule, validations) is None) is (bounds == "inclusive")


def seedance(switch: str = "strict") -> tuple[Mapping[str, Any], list[Mapping[str, Any]]]:
    contract = load("runcomfy", {"runcomfy.seedance.validation-bounds": switch})
    model = contract.model("bytedance/seedance-v1.5-pro/image-to-video")
    assert model
    found = model.input.properties["first_frame_image_url"]
    return found["media"], found["validations"]


@pytest.mark.parametrize(
    ("size", "rule"),
    [
        ((1280, 720), None),
        ((301, 301), None),
        ((300, 400), "width_pixels>"),
        ((400, 300), "height_pixels>"),
        ((6000, 3000), "width_pixels<"),
        ((3000, 6000), "height_pixels<"),
        ((400, 1000), "width/height>"),
        ((401, 1000), None),
        ((1000, 400), "width/height<"),
        ((50_000, 50_000), "width_pixels<"),
    ],
)
def test_validations(size: tuple[int, int], rule: str | None) -> None:
    """RunComfy's operators are strict, and the contract's own text is what the job says."""
    media, validations = seedance()
    broken = check(image(*size), media, field="first_frame_image_url", validations=validations)
    assert (broken and broken.rule) == rule
    if broken:
        assert broken.text == next(one["message"] for one in validations if one["rule"] == rule)
        assert broken.sentence.startswith(f"first_frame_image_url: the image is {size[0]}x{size[1]} pixels")


def test_validations_under_inclusive_bounds() -> None:
    """The sibling `bounds` turns the operators into limits that are allowed themselves."""
    media, validations = seedance("inclusive")
    for size in ((300, 400), (6000, 3000), (400, 1000), (1000, 400)):
        assert judged(image(*size), media, validations) is None
    assert judged(image(299, 400), media, validations)


def test_weight_of_a_validation() -> None:
    """30 MB is refused by the operator as well, before anything else is judged."""
    media, validations = seedance()
    assert bytes_to_read(media, validations) == 30_000_001
    broken = [check(image(10, 10, size=size), media, field="f", validations=validations) for size in (10, 30_000_000)]
    assert [one and one.rule for one in broken] == ["width_pixels>", "file_size_mb<"]
    assert broken[1]
    assert broken[1].text == "The file must be smaller than 30 MB."


def test_a_validation_without_a_text() -> None:
    """Then our own sentence is what the job says."""
    said = judged(image(14, 20), {"kind": "image"}, [{"rule": "width_pixels>", "value": 14}])
    assert said == "image_url: the image is 14x20 pixels; it must be more than 14 pixels wide"


def test_a_validation_that_nobody_knows() -> None:
    """It is not passed over in silence."""
    with pytest.raises(ValueError, match="no media rule is called 'depth>'"):
        judged(image(400, 400), {"kind": "image"}, [{"rule": "depth>", "value": 8}])


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "the file is empty; an image is expected"),
        (b"<svg/>", "the file is SVG; an image is expected"),
        (b"<!doctype html>", "the file is HTML; an image is expected"),
        (b"\xff" * 5_000_000, "the file is of no known format; an image is expected"),
        (b"\xff\xd8" + b"\xff" * 5_000_000, "the header of the JPEG file is damaged, it tells no size"),
        (content(parse("640x480.png"))[:-1], "the PNG file is incomplete, its end is missing"),
        (content(parse("640x480.jpg"))[:900], "the JPEG file is incomplete, its end is missing"),
        (content(parse("640x480.webp"))[:30], "the WebP file is incomplete, its end is missing"),
        (content(parse("640x480.png"))[:20], "the header of the PNG file is damaged, it tells no size"),
    ],
)
def test_hostile_files(data: bytes, said: str) -> None:
    """One clear sentence for each."""
    assert judged(examine(data), HAPPYHORSE) == f"image_url: {said}"


@pytest.mark.parametrize(("choice", "refused"), [("179-megapixels", True), ("none", False)])
def test_a_decompression_bomb(choice: str, refused: bool) -> None:
    """An image that no service would decode is refused even where no rule limits its sides, by an assumption."""
    assumed = Assumed.chosen(load("runcomfy", {"media.pixel-limit": choice}).chosen)
    broken = check(image(50_000, 50_000), HAPPYHORSE, field="image_url", assumed=assumed)
    assert (broken is not None) is refused
    if broken:
        said = "the image is 50000x50000 pixels; more than 178956970 pixels in all are not decoded"
        assert broken.sentence == f"image_url: {said}"
    assert check(image(13_000, 13_000), HAPPYHORSE, field="image_url", assumed=assumed) is None


@pytest.mark.parametrize(
    ("choice", "passes"),
    [("10-percent", [1.8, 2, 15, 16.5]), ("exact", [2, 15]), ("advice", [0.1, 1.7, 1.8, 2, 15, 16.5, 16.6, 99])],
)
def test_approximate_limits(choice: str, passes: list[float]) -> None:
    """How far beyond a limit of "about" a file may be is an assumption."""
    rule = {"kind": "audio", "seconds_min": 2, "seconds_max": 15, "approximate": ["seconds_min", "seconds_max"]}
    assumed = Assumed.chosen(load("runcomfy", {"media.approximate-limits": choice}).chosen)
    lengths = [0.1, 1.7, 1.8, 2, 15, 16.5, 16.6, 99]
    files = [InputFile(kind="audio", format="mp3", size=10, seconds=seconds) for seconds in lengths]
    kept = [file.seconds for file in files if check(file, rule, field="audio", assumed=assumed) is None]
    assert kept == passes


def test_files_of_a_list_together() -> None:
    """Their lengths are added up; one whose length is unknown counts nothing."""
    rule = {"kind": "audio", "total_seconds_max": 15}
    five = InputFile(kind="audio", format="mp3", size=10, seconds=5.02)
    unknown = InputFile(kind="audio", format="aac", size=10)
    assert check_together([five, five, unknown], rule, field="audios") is None
    assert check_together([five] * 9, {"kind": "audio"}, field="audios") is None
    broken = check_together([five] * 4, rule, field="audios")
    assert broken == Broken(
        field="audios",
        rule="total_seconds_max",
        sentence="audios: the files are 20.1 s long together; at most 15 s are allowed",
    )


def test_what_a_file_does_not_tell_is_not_judged() -> None:
    """A WebM shows neither sides nor length, a fragmented film no length: no rule refuses them for that."""
    webm = InputFile(kind="video", format="webm", size=1000)
    rule = {key: value for key, value in EDIT.items() if key != "formats"}
    everything = rule | {"side_min": 1, "side_max": 9, "ratio_min": 1, "ratio_max": 2, "max_megapixels": 1}
    assert check(webm, everything, field="video_url") is None


@pytest.mark.parametrize(
    ("formats", "file", "passes"),
    [
        (["jpg"], "64x48.jpg", True),
        (["jpeg", "jpg"], "64x48.jpeg", True),
        (["tif"], "64x48.bmp", False),
        (["quicktime"], "1s.mov", True),
        (["mp4"], "1s.mov", False),
        (["mp3", "wav"], "1s.mp3", True),
        ([], "64x48.gif", True),
    ],
)
def test_formats_by_other_names(formats: list[str], file: str, passes: bool) -> None:
    """jpg is jpeg; what a file is called plays no part."""
    assert (judged(sample(file), {"formats": formats}) is None) is passes


def test_raw_sound_cannot_be_known() -> None:
    """PCM has no magic bytes, so where it is allowed, bytes of no known format may be it."""
    noise = examine(bytes(range(1, 200)))
    assert judged(noise, {"kind": "audio", "formats": ["wav", "pcm"]}) is None
    assert judged(noise, {"kind": "audio", "formats": ["wav"]})
    assert judged(examine(b""), {"kind": "audio", "formats": ["wav", "pcm"]})


def test_ogg_is_ogg() -> None:
    """Where Ogg is allowed, so is Opus in it, but not the other way."""
    opus = InputFile(kind="audio", format="ogg_opus", size=10)
    vorbis = InputFile(kind="audio", format="ogg", size=10)
    assert judged(opus, {"formats": ["ogg"]}) is None
    assert judged(opus, {"formats": ["opus"]}) is None
    assert judged(vorbis, {"formats": ["ogg_opus"]})


def media_rules(node: Any) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Every media rule in a schema, with the validations beside it."""
    if isinstance(node, dict):
        if "media" in node or "validations" in node:
            yield node.get("media", {}), node.get("validations", [])
        for child in node.values():
            yield from media_rules(child)


def test_every_key_of_a_media_rule_is_known() -> None:
    """What the contracts may say about a file is judged, or listed as not judged with the reason."""
    meaning = {"bounds", "exclusive", "approximate"}
    assert JUDGED | set(NOT_JUDGED) | meaning == set(MEDIA)
    assert not JUDGED & set(NOT_JUDGED)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_rule_of_the_contracts_can_be_judged(provider: str) -> None:
    """Every model's rules judge files of every kind without an error, and each format they name can be recognised."""
    files = [sample("640x480.png"), sample("640x480.bmp"), sample("3s.mp4"), sample("3s.wav"), examine(b"")]
    rules = [found for model in load(provider).models() for found in media_rules(model.input.source)]
    assert rules
    for (rule, validations), file in itertools.product(rules, files):
        broken = check(file, rule, field="f", validations=validations)
        assert file.size or broken
        assert bytes_to_read(rule, validations) <= MOST_READ + 1
    named = {name for rule, _ in rules for name in rule.get("formats", ())}
    known = {"jpeg", "jpg", "png", "webp", "gif", "bmp", "tiff", "heic", "avif"}
    assert named <= known | {
        "mp4",
        "mov",
        "webm",
        "mkv",
        "avi",
        "wav",
        "mp3",
        "flac",
        "ogg",
        "ogg_opus",
        "m4a",
        "aac",
        "pcm",
    }


sizes = st.integers(0, 10**6)
facts = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["image", "video", "audio", ""]),
        "format": st.sampled_from(["png", "jpeg", "mp4", "wav", "HTML", ""]),
        "size": sizes,
        "more": st.booleans(),
        "whole": st.sampled_from([True, False, None]),
        "width": sizes,
        "height": sizes,
        "seconds": st.none() | st.floats(0, 1e9),
        "fps": st.none() | st.floats(0, 1e9),
    }
)
limits = st.fixed_dictionaries(
    {"kind": st.sampled_from(["image", "video", "audio"])},
    optional={
        **{key: st.integers(1, 10_000) for key in JUDGED - {"kind", "formats"}},
        "formats": st.lists(st.sampled_from(["png", "jpg", "mp4", "pcm"]), max_size=3),
        "bounds": st.sampled_from(["inclusive", "exclusive", "strict"]),
        "exclusive": st.lists(st.sampled_from(sorted(JUDGED))),
        "approximate": st.lists(st.sampled_from(sorted(JUDGED))),
    },
)


@given(facts, limits, st.sampled_from([Assumed(), Assumed(slack=None, most_pixels=None), Assumed(slack=0.0)]))
def test_any_file_by_any_rule(told: dict[str, Any], rule: dict[str, Any], assumed: Assumed) -> None:
    """Nothing raises; what is broken is said in one line that names the field and a limit of the rule."""
    file = InputFile(**told)
    check_together([file, file], rule, field="a.0", assumed=assumed)
    broken = check(file, rule, field="a.0", assumed=assumed)
    if broken:
        assert broken.sentence.startswith("a.0: the ")
        assert "\n" not in broken.sentence
        assert broken.rule in rule or broken.rule in ("kind", "whole", "pixels")
