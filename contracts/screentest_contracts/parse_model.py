"""A model's JSON to a `Model`, strictly: what is not understood is refused, with its file and pointer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from screentest_contracts.document import FileInputs
from screentest_contracts.keywords import refuse_unknown_keywords
from screentest_contracts.model import Audio, CatalogueEntry, Frame, Image, Model, Output, Price, Video
from screentest_contracts.reading import ContractError, Json, Reader, members
from screentest_contracts.schema import InputSchema

IMAGE_FORMATS = ("png", "jpeg", "webp")

_KINDS = tuple(one.kind for one in (Video, Image, Audio))


def read_model(document: Json, at: str, file_inputs: FileInputs) -> Model:
    """A resolved model file as a `Model`; its media inputs take the provider's kinds of URL."""
    node = Reader(document, at + "#")
    schema = node.take("input", dict)
    refuse_unknown_keywords(schema, f"{node.at}/input")
    model = Model(
        id=node.take("id", str),
        key=node.take("key", str),
        title=node.take("title", str),
        input=InputSchema(schema, file_inputs.schemes),
        example=node.take("example", dict),
        output=_output(node, schema["properties"]),
        price=_price(node.child("price")),
        catalogue=_catalogue(node.child("catalogue")),
    )
    node.close()
    return model


def _output(node: Reader, properties: Mapping[str, Json]) -> Output:
    """What the model makes: the one member that is named after a kind."""
    found = {kind: child for kind in _KINDS if (child := node.child(kind))}
    if len(found) != 1:
        raise ContractError(f"{node.at}: expected one of {', '.join(_KINDS)}")
    ((kind, child),) = found.items()
    readers: dict[str, Callable[[Reader, Mapping[str, Json]], Output]]
    readers = {"video": _video, "image": _image, "audio": _audio}
    output = readers[kind](child, properties)
    child.close()
    _check_names(output, child.at, properties)
    return output


def _frame(node: Reader, properties: Mapping[str, Json]) -> dict[str, Any]:
    """The fields of a `Frame`."""
    keys = ("table", "tier", "fixed_tier", "ratio", "follows", "adaptive", "alone", "width", "height")
    frame: dict[str, Any] = {key: node.take(key, str, default=None) for key in keys}
    sides = bool(frame["width"] and frame["height"])
    if sides == bool(frame["table"] and (frame["tier"] or frame["fixed_tier"])):
        raise ContractError(f"{node.at}: expected width and height, or a table and a tier")
    choices = properties.get(frame["ratio"], {}).get("enum", ())
    return frame | {"ratios": tuple(one for one in choices if one != frame["adaptive"])}


def _video(node: Reader, properties: Mapping[str, Json]) -> Video:
    video = Video(
        **_frame(node, properties),
        fps=node.take("fps", int, str),
        seconds=node.take("seconds", str, default=None),
        fixed_seconds=node.take("fixed_seconds", int, default=None),
        audio=node.take("audio", bool, str),
        watermark=node.take("watermark", str, default=None),
        watermark_text=node.take("watermark_text", str, default=""),
        seed=node.take("seed", str, default=None),
        random_seeds=tuple(node.take("random_seeds", list, default=[])),
        camera_fixed=node.take("camera_fixed", str, default=None),
        frames=members(node.take("frames", dict, default={})),
    )
    if video.seconds is None and video.fixed_seconds is None:
        raise ContractError(f'{node.at}: missing key "seconds"')
    return video


def _image(node: Reader, properties: Mapping[str, Json]) -> Image:
    return Image(
        **_frame(node, properties),
        count=node.take("count", str, default=None),
        format=node.take("format", str, default=None),
        fixed_format=node.one_of("fixed_format", IMAGE_FORMATS, default=IMAGE_FORMATS[0]),
        background=node.take("background", str, default=None),
        seed=node.take("seed", str, default=None),
        random_seeds=tuple(node.take("random_seeds", list, default=[])),
    )


def _audio(node: Reader, properties: Mapping[str, Json]) -> Audio:
    return Audio(
        seconds=node.words("seconds", []),
        unit=node.one_of("unit", ("s", "ms"), default="s"),
        fixed_seconds=node.take("fixed_seconds", int, default=0),
        rate=node.take("rate", str, default=None),
        rates=members(node.take("rates", dict, default={})),
        fixed_rate=node.take("fixed_rate", int),
        seed=node.take("seed", str, default=None),
        random_seeds=tuple(node.take("random_seeds", list, default=[])),
    )


def _check_names(output: Output, at: str, properties: Mapping[str, Json]) -> None:
    """Names that stand for inputs must be inputs."""
    keys = ["seconds", "seed", "watermark", "camera_fixed", "count", "format", "background", "rate"]
    if isinstance(output, Frame):
        keys += ["tier", "ratio", "follows", "width", "height"]
    for key in keys:
        named = getattr(output, key, None)
        for name in (named,) if isinstance(named, str) else named or ():
            if name not in properties:
                raise ContractError(f"{at}/{key}: the input has no property {name!r}")


def _price(node: Reader | None) -> Price | None:
    if node is None:
        return None
    per = node.one_of("per", ("second", "output"))
    price = Price(
        per=per,
        by=node.take("by", str),
        usd=members(node.take(f"usd_per_{per}", dict)),
        seen=node.take("seen", str, default=""),
    )
    node.close()
    return price


def _catalogue(node: Reader | None) -> CatalogueEntry | None:
    if node is None:
        return None
    entry = CatalogueEntry(
        description=node.take("description", str),
        categories=node.words("categories"),
        price_unit=node.one_of("price_unit", ("second", "output")),
        pricing_note=node.take("pricing_note", str, default=""),
    )
    node.close()
    return entry
