"""One model of a provider, read: what it takes, what it makes, what it costs.

`parse_model.py` makes these values from a model's file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from msgspec import Struct, field

from screentest_contracts.reading import Json
from screentest_contracts.schema import InputSchema


class Frame(Struct, frozen=True, kw_only=True):
    """How many pixels a picture has, in terms of its input properties (names) or constants.

    Either `width` and `height` are inputs, or `table` names a size table. Its row is picked by the input `tier` or is
    `fixed_tier`, its column by the input `ratio`, one of `ratios`. `follows` is the image input whose shape the picture
    takes when there is no ratio, or when the ratio has the value `adaptive`; `alone` is the column when there is no
    such image.
    """

    table: str | None
    tier: str | None
    fixed_tier: str | None
    ratio: str | None
    ratios: tuple[str, ...]
    follows: str | None
    adaptive: str | None
    alone: str | None
    width: str | None
    height: str | None


class Video(Frame, frozen=True, kw_only=True):
    """What a model's clip looks like, in terms of its input properties (names) or constants.

    `seconds` is the input that says how long it is; `fixed_seconds` holds where there is none, or where its value is no
    number ("auto"). `frames` are pictures that come with the clip, each always (true) or when an input says so.
    """

    kind: ClassVar[str] = "video"

    fps: int | str
    seconds: str | None
    fixed_seconds: int | None
    audio: bool | str
    watermark: str | None
    watermark_text: str
    seed: str | None
    random_seeds: tuple[int, ...]
    camera_fixed: str | None
    frames: Mapping[str, bool | str] = field(default_factory=dict)


class Image(Frame, frozen=True, kw_only=True):
    """What a model's pictures look like, in terms of its input properties (names) or constants.

    `count` is the input that says how many there are, `format` the one that says png, jpeg or webp (else
    `fixed_format`), `background` the one whose value "transparent" lets the picture be seen through.
    """

    kind: ClassVar[str] = "image"

    count: str | None
    format: str | None
    fixed_format: str
    background: str | None
    seed: str | None
    random_seeds: tuple[int, ...]


class Audio(Struct, frozen=True, kw_only=True):
    """How a model's recording sounds, in terms of its input properties (names) or constants.

    It lasts the sum of the inputs `seconds`, counted in `unit` ("s" or "ms"), and `fixed_seconds`. `rate` is the input
    that says how many samples a second it has; where that input speaks in words, `rates` says what they mean, and
    `fixed_rate` is for the rest.
    """

    kind: ClassVar[str] = "audio"

    seconds: tuple[str, ...]
    unit: str
    fixed_seconds: int
    rate: str | None
    rates: Mapping[str, int]
    fixed_rate: int
    seed: str | None
    random_seeds: tuple[int, ...]


Output = Video | Image | Audio


class Price(Struct, frozen=True, kw_only=True):
    """US dollars per second or per output (`per`), by the value of the input `by`; decimal strings, none if unknown."""

    per: str
    by: str
    usd: Mapping[str, str]
    seen: str

    def rate(self, inputs: Mapping[str, Any]) -> str | None:
        """The rate for complete `inputs`; None where nobody knows it."""
        return self.usd.get(str(inputs.get(self.by)))


class CatalogueEntry(Struct, frozen=True, kw_only=True):
    """What the provider's catalogue says of the model. `price_unit` is "second" or "output"; a note may be empty."""

    description: str
    categories: tuple[str, ...]
    price_unit: str
    pricing_note: str


class Model(Struct, frozen=True, kw_only=True):
    """One model of a provider: its input schema, an example request, its output, its price and entry where known."""

    id: str
    key: str
    title: str
    input: InputSchema
    example: Mapping[str, Json]
    output: Output
    price: Price | None
    catalogue: CatalogueEntry | None
