"""Judge one input file by a property's ``media`` rule and by RunComfy's ``validations``. Pure.

    file = examine(data)
    broken = check(file, rule["media"], field="image_url", validations=rule.get("validations", ()), assumed=assumed)
    broken.text    "image_url: the image is 200x150 pixels; each side must be at least 300 pixels"

Rules are tried in an order that makes sense of a bad file: what it is, what it weighs, whether all of it is there, and
then its sides and length. A fact that the file does not tell (the length of a WebM) is not judged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec import Struct

from screentest.input_files.file import InputFile, shown_format
from screentest_contracts.reading import Json

MOST_READ = 128 * 2**20
"""Bytes of a file that are looked at when no rule limits its weight."""

_MEBIBYTE = 2**20
_MEGABYTES = {"10^6": 10**6, "2^20": _MEBIBYTE}
_SLACKS = {"10-percent": 0.1, "exact": 0.0, "advice": None}
_PIXELS = {"179-megapixels": 178_956_970, "none": None}
_EXPECTED = {"image": "an image", "video": "a video", "audio": "a sound file", "": "an image, video or sound file"}
_ALIASES = {"jpg": "jpeg", "tif": "tiff", "quicktime": "mov", "mpeg": "mp3", "opus": "ogg_opus"}
_OPERATOR = re.compile(r"(width_pixels|height_pixels|width/height|file_size_mb)([<>])")


class Assumed(Struct, frozen=True, kw_only=True):
    """What is assumed where the rules are silent.

    `megabyte` in bytes; `slack`: how far beyond an approximate limit still passes, as a share of it, None for any;
    `most_pixels` that an image may have where no rule says so, None for any number.
    """

    megabyte: int = _MEGABYTES["10^6"]
    slack: float | None = _SLACKS["10-percent"]
    most_pixels: int | None = _PIXELS["179-megapixels"]

    @classmethod
    def chosen(cls, choices: Mapping[str, str]) -> Assumed:
        """By the choices in force, `Contract.chosen`."""
        return cls(
            megabyte=_MEGABYTES[choices["all.megabyte"]],
            slack=_SLACKS[choices["media.approximate-limits"]],
            most_pixels=_PIXELS[choices["media.pixel-limit"]],
        )


class Broken(Struct, frozen=True, kw_only=True):
    """The rule that a file breaks: the contract's key (`side_min`), operator (`width_pixels<`), or `whole`, `pixels`.

    `sentence` is ours, `documented` the provider's own text, "" where there is none.
    """

    field: str
    rule: str
    sentence: str
    documented: str = ""

    @property
    def text(self) -> str:
        """What the failed job says."""
        return self.documented or self.sentence


class _Measure(Struct, frozen=True):
    """Something a rule limits: how it is taken of a file, how the file is said to be, and what is asked of it."""

    of: Callable[[InputFile, Assumed], float | None]
    seen: Callable[[InputFile], str]
    wanted: str


def check(
    file: InputFile,
    rule: Mapping[str, Json],
    *,
    field: str,
    validations: Sequence[Mapping[str, Json]] = (),
    assumed: Assumed | None = None,
) -> Broken | None:
    """The first rule that `file` breaks, None when it keeps them all. `field` names the property in the sentence."""
    return next(_broken(file, rule, field, validations, assumed or Assumed()), None)


def check_together(
    files: Sequence[InputFile], rule: Mapping[str, Json], *, field: str, assumed: Assumed | None = None
) -> Broken | None:
    """The rule that the files of one list break together; files without a known length count nothing."""
    limit = rule.get("total_seconds_max")
    total = _tenths(sum(file.seconds or 0 for file in files))
    if limit is None or _keeps(total, "<", *_bound(rule, "total_seconds_max", assumed or Assumed())):
        return None
    sentence = f"{field}: the files are {total:.10g} s long together; {_AT['<', True]} {limit:.10g} s are allowed"
    return Broken(field=field, rule="total_seconds_max", sentence=sentence)


def bytes_to_read(
    rule: Mapping[str, Json], validations: Sequence[Mapping[str, Json]] = (), assumed: Assumed | None = None
) -> int:
    """How many bytes of a file are needed to judge it: one more than its rules allow."""
    megabyte = (assumed or Assumed()).megabyte
    limits = [rule["max_megabytes"] * megabyte] if "max_megabytes" in rule else []
    limits += [rule["max_mebibytes"] * _MEBIBYTE] if "max_mebibytes" in rule else []
    limits += [one["value"] * megabyte for one in validations if one["rule"] == "file_size_mb<"]
    return min(int(min(limits, default=MOST_READ)), MOST_READ) + 1


def _broken(
    file: InputFile, rule: Mapping[str, Json], field: str, validations: Sequence[Mapping[str, Json]], assumed: Assumed
) -> Iterator[Broken]:
    yield from _misplaced(file, rule, field)
    weights = [one for one in validations if one["rule"] == "file_size_mb<"]
    yield from _beyond(file, rule, field, _WEIGHTS, assumed)
    yield from _invalid(file, rule, field, weights, assumed)
    if file.more:
        yield Broken(field=field, rule="whole", sentence=f"{field}: the file is larger than the {file.size} bytes read")
    elif file.whole is False:
        name = file.shown_format
        yield Broken(field=field, rule="whole", sentence=f"{field}: the {name} file is incomplete, its end is missing")
    yield from _beyond(file, rule, field, _LIMITS, assumed)
    yield from _invalid(file, rule, field, [one for one in validations if one not in weights], assumed)
    pixels = file.width * file.height
    if file.kind == "image" and assumed.most_pixels is not None and pixels > assumed.most_pixels:
        sentence = f"{field}: {_sides(file)}; more than {assumed.most_pixels} pixels in all are not decoded"
        yield Broken(field=field, rule="pixels", sentence=sentence)


def _misplaced(file: InputFile, rule: Mapping[str, Json], field: str) -> Iterator[Broken]:
    """A file of another kind, format or no format at all."""
    formats = tuple(dict.fromkeys(_ALIASES.get(name, name) for name in rule.get("formats", ())))
    raw_sound = "pcm" in formats and file.size and not file.format  # which has no magic to be known by
    if raw_sound:
        return
    kind = rule.get("kind", file.kind)
    if not file.kind or file.kind != kind:
        sentence = f"{field}: the file is {file.described}; {_EXPECTED[kind]} is expected"
        yield Broken(field=field, rule="kind", sentence=sentence)
    elif formats and file.format not in formats and not (file.format == "ogg_opus" and "ogg" in formats):
        names = " or ".join(filter(None, (", ".join(map(shown_format, formats[:-1])), shown_format(formats[-1]))))
        yield Broken(
            field=field, rule="formats", sentence=f"{field}: the {file.kind} is {file.shown_format}; it must be {names}"
        )
    elif file.kind == "image" and not file.width:
        sentence = f"{field}: the header of the {file.shown_format} file is damaged, it tells no size"
        yield Broken(field=field, rule="whole", sentence=sentence)


def _beyond(
    file: InputFile, rule: Mapping[str, Json], field: str, limits: Mapping[str, tuple[_Measure, str]], assumed: Assumed
) -> Iterator[Broken]:
    """The limits of a ``media`` rule that the file is beyond."""
    for key, (measure, operator) in limits.items():
        value = measure.of(file, assumed) if key in rule else None
        if value is None:
            continue
        limit, is_inclusive = _bound(rule, key, assumed)
        if not _keeps(value, operator, limit, is_inclusive):
            wanted = measure.wanted.format(f"{_AT[operator, is_inclusive]} {rule[key]:.10g}")
            yield Broken(field=field, rule=key, sentence=f"{field}: {measure.seen(file)}; {wanted}")


def _invalid(
    file: InputFile,
    rule: Mapping[str, Json],
    field: str,
    validations: Sequence[Mapping[str, Json]],
    assumed: Assumed,
) -> Iterator[Broken]:
    """RunComfy's own rules, such as ``width_pixels<``; ValueError for one that nobody knows."""
    is_inclusive = rule.get("bounds") == "inclusive"
    for one in validations:
        found = _OPERATOR.fullmatch(one["rule"])
        if not found:
            raise ValueError(f"{field}: no media rule is called {one['rule']!r}")
        measure, operator = _VALIDATED[found[1]], found[2]
        value = measure.of(file, assumed)
        if value is None or _keeps(value, operator, one["value"], is_inclusive):
            continue
        wanted = measure.wanted.format(f"{_AT[operator, is_inclusive]} {one['value']:.10g}")
        sentence = f"{field}: {measure.seen(file)}; {wanted}"
        yield Broken(field=field, rule=one["rule"], sentence=sentence, documented=one.get("message", ""))


def _bound(rule: Mapping[str, Json], key: str, assumed: Assumed) -> tuple[float, bool]:
    """The limit as it is applied, and whether the limit itself is allowed."""
    is_inclusive = rule.get("bounds", "inclusive") == "inclusive" and key not in rule.get("exclusive", ())
    limit = float(rule[key])
    if key in rule.get("approximate", ()):
        sign = -1 if key.endswith("_min") else 1
        limit *= 1 + sign * (float("inf") if assumed.slack is None else assumed.slack)
    return limit, is_inclusive


def _keeps(value: float, operator: str, limit: float, is_inclusive: bool) -> bool:
    if value == limit:
        return is_inclusive
    return value < limit if operator == "<" else value > limit


def _tenths(seconds: float) -> float:
    """Lengths are judged to the tenth of a second: the last frame of a sound hangs over the end of its film."""
    return round(seconds, 1)


def _sides(file: InputFile) -> str:
    return f"the {file.kind} is {file.width}x{file.height} pixels"


def _with_ratio(file: InputFile) -> str:
    return f"{_sides(file)}, a ratio of {file.width / file.height:.4g}"


def _weight(file: InputFile) -> str:
    return f"the file is {'more than ' * file.more}{file.size} bytes"


def _length(file: InputFile) -> str:
    return f"the {file.kind} is {_tenths(file.seconds or 0):.10g} s long"


_AT = {("<", True): "at most", ("<", False): "less than", (">", True): "at least", (">", False): "more than"}

_MEGABYTE = _Measure(lambda file, assumed: file.size / assumed.megabyte, _weight, "it must be {} MB")
_MEBI = _Measure(lambda file, _: file.size / _MEBIBYTE, _weight, "it must be {} MiB")
_MEGAPIXEL = _Measure(lambda file, _: file.width * file.height / 1e6 or None, _sides, "it must have {} megapixels")
_SHORTER = _Measure(lambda file, _: min(file.width, file.height) or None, _sides, "each side must be {} pixels")
_LONGER = _Measure(lambda file, _: max(file.width, file.height) or None, _sides, "each side must be {} pixels")
_SHORT = _Measure(_SHORTER.of, _sides, "the short side must be {} pixels")
_LONG = _Measure(_LONGER.of, _sides, "the long side must be {} pixels")
_WIDE = _Measure(lambda file, _: file.width or None, _sides, "it must be {} pixels wide")
_HIGH = _Measure(lambda file, _: file.height or None, _sides, "it must be {} pixels high")
_RATIO = _Measure(
    lambda file, _: file.width / file.height if file.height else None,
    _with_ratio,
    "width over height must be {}",
)
_SECONDS = _Measure(
    lambda file, _: None if file.seconds is None else _tenths(file.seconds), _length, "it must be {} s long"
)
_FPS = _Measure(
    lambda file, _: file.fps and round(file.fps, 2),
    lambda file: f"the {file.kind} has {file.fps:.4g} frames a second",
    "it must have {} frames a second",
)

_WEIGHTS = {"max_megabytes": (_MEGABYTE, "<"), "max_mebibytes": (_MEBI, "<")}
_LIMITS = {
    "side_min": (_SHORTER, ">"),
    "side_max": (_LONGER, "<"),
    "short_side_min": (_SHORT, ">"),
    "long_side_max": (_LONG, "<"),
    "ratio_min": (_RATIO, ">"),
    "ratio_max": (_RATIO, "<"),
    "max_megapixels": (_MEGAPIXEL, "<"),
    "seconds_min": (_SECONDS, ">"),
    "seconds_max": (_SECONDS, "<"),
    "fps_min": (_FPS, ">"),
}
_VALIDATED = {"width_pixels": _WIDE, "height_pixels": _HIGH, "width/height": _RATIO, "file_size_mb": _MEGABYTE}

NOT_JUDGED = {
    "short_side_recommended": "advice",
    "trim_seconds": "the provider cuts a longer file itself",
}
"""Keys of a ``media`` rule that no file can break, with the reason."""

JUDGED = frozenset({*_WEIGHTS, *_LIMITS, "kind", "formats", "total_seconds_max"})
"""Keys of a ``media`` rule that a file can break; `bounds`, `exclusive` and `approximate` say how they are meant."""
