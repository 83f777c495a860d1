"""Pictures that do not move: PNG, JPEG and WEBP by our own code, judged by Pillow."""

import hashlib
import io
import subprocess
import sys

import pytest
from msgspec.structs import fields, replace
from PIL import Image, ImageChops

from screentest.media.artefact import artefacts, render
from screentest.media.picture import draw_still
from screentest.media.picture_file import encoded
from screentest.media.raster import raster
from screentest.media.still import FORMATS, Still

PROMPT = "A lighthouse made of stacked books on a quiet shore, soft light, fine grain"
USUAL = Still(width=640, height=480, seed=5, provider="runcomfy", model="openai/gpt-image-2/edit", prompt=PROMPT)
SIZES = [(64, 64), (65, 97), (512, 512), (1360, 768), (2896, 368), (362, 2896), (1024, 1024), (1535, 257), (4992, 1664)]
FORMAT = pytest.mark.parametrize("form", FORMATS)
SIZE = pytest.mark.parametrize(("width", "height"), SIZES)


def decoded(still: Still) -> Image.Image:
    """The file as Pillow reads it, every warning an error."""
    image = Image.open(io.BytesIO(render(still)))
    image.load()
    return image


def worst(one: Image.Image, other: Image.Image) -> int:
    """The largest difference of any sample."""
    extrema = ImageChops.difference(one, other).getextrema()
    return max(int(high) for _, high in extrema)  # type: ignore[misc]


@FORMAT
@SIZE
def test_every_format_and_size_decodes(form: str, width: int, height: int) -> None:
    """Odd sides included; the format is what was asked for."""
    image = decoded(replace(USUAL, width=width, height=height, format=form))
    assert (image.format, image.size) == (form.upper(), (width, height))


@SIZE
def test_every_format_is_the_same_picture(width: int, height: int) -> None:
    """From one raster the three writers make one picture: WEBP to the last bit, JPEG to a few steps of 255."""
    blocks, _ = draw_still(replace(USUAL, width=width, height=height))
    picture = raster(blocks, width, height)
    png, jpeg, webp = (
        Image.open(io.BytesIO(encoded(picture, form, "title", "comment"))).convert("RGB") for form in FORMATS
    )
    assert worst(png, webp) == 0
    assert worst(png, jpeg) <= 4


@pytest.mark.parametrize("form", ["png", "webp"])
def test_the_mosaic_of_a_transparent_picture_is_clear(form: str) -> None:
    """Its alpha is 0 at the top and 255 where the text stands; the colours are those of the opaque one."""
    image = decoded(replace(USUAL, format=form, transparent=True)).convert("RGBA")
    alpha = image.getchannel("A")
    assert set(alpha.crop((0, 0, 640, 16)).tobytes()) == {0}
    assert set(alpha.crop((0, 464, 640, 480)).tobytes()) == {255}
    assert worst(image.convert("RGB"), decoded(replace(USUAL, format=form)).convert("RGB")) == 0


def test_a_picture_with_many_colours_has_no_palette() -> None:
    """A tall mosaic has more tiles than a palette holds: the PNG is in true colour then."""
    assert decoded(USUAL).mode == "P"
    assert decoded(replace(USUAL, width=362, height=2896)).mode == "RGB"


def test_another_seed_is_another_picture() -> None:
    """At first sight: most of the picture differs."""
    for seed in range(1, 6):
        one, other = decoded(USUAL).convert("RGB"), decoded(replace(USUAL, seed=USUAL.seed + seed)).convert("RGB")
        assert worst(one, other) > 60


def test_another_prompt_is_written_differently() -> None:
    """The text is burnt in; only the caption differs."""
    one = decoded(USUAL).convert("RGB")
    other = decoded(replace(USUAL, prompt="Another one")).convert("RGB")
    assert ImageChops.difference(one, other).getbbox() is not None


def test_png_tells_what_it_is() -> None:
    """Title and comment, in full and in their own script, for programs that show what is in a file."""
    image = decoded(replace(USUAL, prompt="雨の夜"))
    assert image.info["Title"] == "screentest synthetic image - runcomfy / openai/gpt-image-2/edit"
    assert image.info["Comment"] == "640x480 | png | seed 5 | prompt: 雨の夜"
    assert b"openai/gpt-image-2/edit" in render(replace(USUAL, format="jpeg"))


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("width", 63, "width must be a number of pixels from 64 to 8192, not 63"),
        ("height", 8193, "height must be a number of pixels from 64 to 8192, not 8193"),
        ("format", "gif", "format must be one of png, jpeg, webp, not gif"),
    ],
)
def test_a_picture_that_cannot_be_drawn_is_refused_with_a_sentence(field: str, value: object, sentence: str) -> None:
    """The message names the field, what is possible, and what came."""
    with pytest.raises(ValueError, match="must be") as refused:
        replace(USUAL, **{field: value})
    assert sentence == str(refused.value)


OTHER = {
    "width": 641,
    "height": 481,
    "format": "webp",
    "transparent": True,
    "seed": 6,
    "provider": "hiapi",
    "model": "m",
    "prompt": "p",
    "label": "1k",
    "fingerprint": "0123456789ab",
}


@pytest.mark.parametrize("name", [field.name for field in fields(Still)])
def test_every_field_changes_the_digest(name: str) -> None:
    """Two requests that differ in anything have different ETags."""
    assert USUAL.digest() != replace(USUAL, **{name: OTHER[name]}).digest()


@FORMAT
def test_the_same_still_is_the_same_bytes_in_another_process(form: str) -> None:
    """Nothing depends on hash randomisation or on what was drawn before."""
    still = f"Still(width=333, height=222, seed=9, prompt='a b', format='{form}')"
    code = (
        "import hashlib; from screentest.media.still import Still; from screentest.media.artefact import render; "
        f"print(hashlib.sha256(render({still})).hexdigest())"
    )
    paths = {"PYTHONPATH": ":".join(sys.path), "PYTHONHASHSEED": "7"}
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=paths, text=True)
    here = render(Still(width=333, height=222, seed=9, prompt="a b", format=form))
    assert hashlib.sha256(here).hexdigest() == printed.stdout.strip()


def test_pictures_by_name() -> None:
    """One picture has the plain name; several are numbered, and their seeds follow each other."""
    made = {"kind": "image", "width": 64, "height": 64, "seed": 7, "format": "jpeg", "count": 1}
    assert list(artefacts(made, "output")) == ["output.jpg"]
    several = artefacts(made | {"count": 3}, "output")
    assert list(several) == ["output-1.jpg", "output-2.jpg", "output-3.jpg"]
    assert [one.seed for one in several.values()] == [7, 8, 9]
