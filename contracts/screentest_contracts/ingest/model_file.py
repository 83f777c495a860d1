"""A fragment as a model's file: what a person reviews, completes and commits.

The page says what goes in; what comes out it shows in pictures. The output part is therefore derived from the names of
the inputs, marked ``inferred``, and named among the things to review.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from screentest_contracts.ingest.fragment import DATE_PLACEHOLDER, Fragment, Remark
from screentest_contracts.reading import Json, pointer_token

SAMPLE_TEXT = "A short test clip, the camera stands still."
"""What stands in an example for the page's own prose, which is not ours to keep."""

_SECONDS = ("duration", "seconds", "length")
_RATIOS = ("aspect_ratio", "ratio")
_ADAPTIVE = ("adaptive", "auto")
_INPUTS = ("watermark", "seed", "camera_fixed")


class ModelFile(Struct, frozen=True, kw_only=True):
    """A model's file, the entry for its page among the provider's sources, and what to look at before committing."""

    name: str
    document: Mapping[str, Json]
    source: Mapping[str, Json]
    review: tuple[Remark, ...]


def model_file(fragment: Fragment, source: str | None = None) -> ModelFile:
    """`fragment` in the format of ``data/<provider>/models``; `source` is the id of its page among the sources."""
    source = source or f"{fragment.key}-page"
    title = " ".join(word for part in fragment.model_id.split("/")[-2:] for word in part.split("-"))
    seen = fragment.seen or DATE_PLACEHOLDER
    document: dict[str, Json] = {
        "id": fragment.model_id,
        "key": fragment.key,
        "title": title,
        "from": f"documented:{source}",
        "input": {
            "type": "object",
            "required": list(fragment.required or ()),
            "properties": {name: _property(rule, source) for name, rule in fragment.properties.items()},
        },
        "example": {name: _sample(value) for name, value in fragment.example.items()},
        **_output(fragment, source),
        **_price(fragment, seen, source),
    }
    return ModelFile(
        name=f"{fragment.model_id.replace('/', '--')}.json",
        document=document,
        source={source: {"title": f"Model page of {fragment.model_id}", "seen": seen}},
        review=tuple(_review(fragment)),
    )


def _property(rule: Mapping[str, Json], source: str) -> dict[str, Json]:
    written = dict(rule)
    if "validations" in rule:
        said = {"*": f"documented:{source}", "message": f"inferred:{source}"}
        written["validations"] = [
            {**one, "message": f"The file breaks the rule {one['rule']} {one['value']}.", "from": said}
            for one in rule["validations"]
        ]
    return written


def _sample(value: Json) -> Json:
    return SAMPLE_TEXT if isinstance(value, str) and " " in value.strip() else value


def _output(fragment: Fragment, source: str) -> dict[str, Json]:
    """The output part, by the names of the inputs."""
    inputs = fragment.properties
    tail = fragment.model_id.rpartition("/")[2]
    said = {"from": f"inferred:{source}"}
    seeds = {"seed": "seed"} if "seed" in inputs else {}
    if tail.endswith(("audio", "music", "speech")) or "audio-" in tail.replace("audio-to-", ""):
        given = [name for name in _SECONDS if name in inputs]
        return {"audio": {"seconds": given, "fixed_seconds": 0 if given else 30, "fixed_rate": 44100, **seeds, **said}}
    if tail.endswith(("to-image", "edit", "image")):
        return {"image": {**_frame(inputs), **seeds, **said}}
    seconds = next((name for name in _SECONDS if name in inputs), None)
    return {
        "video": {
            **_frame(inputs),
            "fps": 24,
            **({"seconds": seconds} if seconds else {"fixed_seconds": 5}),
            "audio": "generate_audio" if inputs.get("generate_audio", {}).get("type") == "boolean" else True,
            **{name: name for name in _INPUTS if name in inputs},
            "from": {"*": f"inferred:{source}", "fps": f"chosen:{fragment.provider}.video-fps"},
        }
    }


def _frame(inputs: Mapping[str, Mapping[str, Json]]) -> dict[str, Json]:
    if "width" in inputs and "height" in inputs:
        return {"width": "width", "height": "height"}
    frame: dict[str, Json] = {"table": "short-side"}
    frame |= {"tier": "resolution"} if inputs.get("resolution", {}).get("enum") else {"fixed_tier": "720p"}
    ratio = next((name for name in _RATIOS if inputs.get(name, {}).get("enum")), None)
    adaptive = next((word for word in _ADAPTIVE if ratio and word in inputs[ratio]["enum"]), None)
    image = next((name for name, rule in inputs.items() if rule.get("media", {}).get("kind") == "image"), None)
    frame |= {"ratio": ratio} if ratio else {}
    frame |= {"adaptive": adaptive} if adaptive else {}
    if image and (adaptive or not ratio):
        frame["follows"] = image
    return frame if ratio or image else frame | {"alone": "16:9"}


def _price(fragment: Fragment, seen: str, source: str) -> dict[str, Json]:
    """The price, by resolution; a rate without one is taken for that of the page's example."""
    if not fragment.rates:
        return {}
    tier = str(fragment.example.get("resolution", ""))
    per = fragment.rates[0].per
    usd = {rate.tier or tier: rate.usd for rate in fragment.rates if rate.per == per}
    said = "documented" if all(rate.tier for rate in fragment.rates) else "inferred"
    by = "resolution" if "resolution" in fragment.properties else next(iter(fragment.properties), "")
    return {"price": {"per": per, "by": by, "seen": seen, f"usd_per_{per}": {**usd, "from": f"{said}:{source}"}}}


def _review(fragment: Fragment) -> Iterator[Remark]:
    yield from fragment.notes
    yield Remark(at="/video|image|audio", text="not on the page; derived from the names of the inputs")
    if fragment.required is None:
        yield Remark(at="/input/required", text="the page marks nothing as required")
    for name, rule in fragment.properties.items():
        if rule.get("media", {}).get("kind") and fragment.provider != "runflow":
            at = f"/input/properties/{pointer_token(name)}/media/kind"
            yield Remark(at=at, text="follows from the name of the input")
    if any(not rate.tier for rate in fragment.rates):
        yield Remark(at="/price", text="the page does not say for which resolution; taken for that of its example")
    if any(_sample(value) != value for value in fragment.example.values()):
        yield Remark(at="/example", text="the page's prose stands replaced by a sentence of ours")
