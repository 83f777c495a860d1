"""The phrases in which pages state limits, in the languages that our pages use (English and French), as patterns.

Every pattern names what it reads: ``low`` and ``high`` are numbers. A table of phrases is tried from the top; what one
has read is gone for those below.
"""

from __future__ import annotations

import re

from msgspec import Struct, field

_NUMBER = r"\d+(?:[ ,]\d{3})+(?!\d)|\d+(?:[.,]\d+)?"
_LOW = rf"(?P<low>{_NUMBER})"
_HIGH = rf"(?P<high>{_NUMBER})"
_TO = r"\s*(?:-|–|—|~|\bto\b|\bà\b|\band\b|\bet\b)\s*"
_RANGE = _LOW + _TO + _HIGH
_AT_MOST = (
    r"(?:max(?:imum)?\b\.?(?:\s+of)?|up\s+to|at\s+most|no\s+more\s+than|(?:not|never)\s+exceed|jusqu['’]à|au\s+plus"
    r"|≤|<=)\s*:?\s*"
)
_AT_LEAST = r"(?:min(?:imum)?\b\.?(?:\s+of)?|at\s+least|no\s+less\s+than|au\s+moins|≥|>=)\s*:?\s*"
_UNDER = r"(?:<|under|less\s+than|fewer\s+than|below|moins\s+de)\s*"
_OVER = r"(?:>|over|more\s+than|above|plus\s+de)\s*"

_CHARACTERS = r"\s*(?:characters?|chars?|caractères?)\b"
_NOT_CHINESE = r"\s*(?:non[- ]Chinese\s+characters?|caractères?\s+non[- ]chinois)"
_CHINESE = r"\s*(?:Chinese\s+characters?|caractères?\s+chinois)"
_PIXELS = r"\s*(?:px|pixels?)\b"
_SECONDS = r"\s*(?:s|sec|seconds?|secondes?)\b"
_FILES = r"\s*(?:\w+\s+){0,2}(?:images?|videos?|vidéos?|audios?|clips?|files?|fichiers?|photos?|urls?|items?)\b"
_SHORT_SIDE = r"(?:short(?:est|er)?\s+(?:side|edge)|côté\s+court|petit\s+côté)"
_LONG_SIDE = r"(?:long(?:est|er)?\s+(?:side|edge)|côté\s+long|grand\s+côté)"
_RATIO = r"(?:aspect(?:\s+ratio)?|ratio|rapport)"
_SIDES = rf"(?P<low>(?:{_NUMBER})(?::(?:{_NUMBER}))?){_TO}(?P<high>(?:{_NUMBER})(?::(?:{_NUMBER}))?)"
_BETTER = r"(?=[^.;]*(?:better|best|meilleurs?|recomm))"


class Phrase(Struct, frozen=True):
    """One way to state a limit. `low` and `high` name the keywords that its numbers are; `exclusive` those that the
    number itself already breaks."""

    pattern: re.Pattern[str]
    low: str = ""
    high: str = ""
    exclusive: tuple[str, ...] = field(default=())


def _phrase(pattern: str, low: str = "", high: str = "", exclusive: tuple[str, ...] = ()) -> Phrase:
    return Phrase(re.compile(pattern, re.IGNORECASE), low, high, exclusive)


LENGTHS = (
    _phrase(rf"(?:{_AT_MOST})?{_HIGH}{_NOT_CHINESE}", high="maxLength"),
    _phrase(rf"(?:{_AT_MOST})?{_HIGH}{_CHINESE}", high="maxLengthChinese"),
    _phrase(rf"{_UNDER}{_HIGH}{_CHARACTERS}{_BETTER}", high="advice", exclusive=("advice",)),
    _phrase(rf"{_RANGE}{_CHARACTERS}", low="minLength", high="maxLength"),
    _phrase(rf"{_UNDER}{_HIGH}{_CHARACTERS}", high="maxLength", exclusive=("maxLength",)),
    _phrase(rf"{_AT_LEAST}{_LOW}{_CHARACTERS}", low="minLength"),
    _phrase(rf"{_AT_MOST}{_HIGH}{_CHARACTERS}", high="maxLength"),
    _phrase(rf"{_HIGH}{_CHARACTERS}\s+(?:max|at\s+most|or\s+(?:fewer|less))\b", high="maxLength"),
)
"""How long a string may be."""

COUNTS = (
    _phrase(rf"\bexactly\s+(?P<low>(?P<high>\d+)){_FILES}", low="minItems", high="maxItems"),
    _phrase(rf"{_RANGE}{_FILES}", low="minItems", high="maxItems"),
    _phrase(rf"{_AT_LEAST}{_LOW}{_FILES}", low="minItems"),
    _phrase(rf"{_AT_MOST}{_HIGH}{_FILES}", high="maxItems"),
)
"""How many items a list may have."""

NUMBERS = (
    _phrase(_RANGE, low="minimum", high="maximum"),
    _phrase(_AT_LEAST + _LOW, low="minimum"),
    _phrase(_AT_MOST + _HIGH, high="maximum"),
)
"""How large a number may be."""

MEDIA = (
    _phrase(rf"{_LOW}p?\s+(?:or|ou)\s+(?:higher|above|more|supérieur|plus)\s+recomm\w+", low="short_side_recommended"),
    _phrase(
        rf"recomm\w+\s*:?\s*{_LOW}p?(?:\s+(?:or|ou)\s+(?:higher|above|more|supérieur|plus))?",
        low="short_side_recommended",
    ),
    _phrase(rf"{_SHORT_SIDE}[^\d.;,]{{0,30}}{_LOW}(?:{_PIXELS})?", low="short_side_min"),
    _phrase(rf"{_LONG_SIDE}[^\d.;,]{{0,30}}{_HIGH}(?:{_PIXELS})?", high="long_side_max"),
    _phrase(rf"{_RATIO}[^\d.;]{{0,40}}{_SIDES}", low="ratio_min", high="ratio_max"),
    _phrase(rf"{_RANGE}{_PIXELS}(?:\s+(?:per|on\s+each|each)\s+side)?", low="side_min", high="side_max"),
    _phrase(rf"(?:{_AT_LEAST}){_LOW}{_PIXELS}(?:\s+(?:per|on\s+each|each)\s+side)?", low="side_min"),
    _phrase(rf"(?:{_AT_MOST}){_HIGH}{_PIXELS}(?:\s+(?:per|on\s+each|each)\s+side)?", high="side_max"),
    _phrase(rf"{_UNDER}{_HIGH}\s*(?:MB|Mo)\b", high="max_megabytes", exclusive=("max_megabytes",)),
    _phrase(rf"(?:{_AT_MOST})?{_HIGH}\s*(?:MB|Mo)\b(?:\s+max\b)?", high="max_megabytes"),
    _phrase(rf"(?:{_AT_MOST})?{_HIGH}\s*(?:MiB|Mio)\b(?:\s+max\b)?", high="max_mebibytes"),
    _phrase(rf"(?:{_AT_MOST})?{_HIGH}\s*(?:MP|megapixels?)\b", high="max_megapixels"),
    _phrase(rf"\b(?:total|combined|together)\b[^\d.;]{{0,30}}{_HIGH}{_SECONDS}", high="total_seconds_max"),
    _phrase(rf"{_RANGE}{_SECONDS}", low="seconds_min", high="seconds_max"),
    _phrase(rf"{_AT_LEAST}{_LOW}{_SECONDS}", low="seconds_min"),
    _phrase(rf"{_UNDER}{_HIGH}{_SECONDS}", high="seconds_max", exclusive=("seconds_max",)),
    _phrase(rf"{_AT_MOST}{_HIGH}{_SECONDS}", high="seconds_max"),
    _phrase(rf"{_OVER}{_LOW}\s*fps\b", low="fps_min", exclusive=("fps_min",)),
    _phrase(rf"{_AT_LEAST}{_LOW}\s*fps\b", low="fps_min"),
)
"""What a file has to be."""

TRUNCATED = re.compile(r"\b(?:truncated|cut\s+off|tronqué\w*)", re.IGNORECASE)
SKIPPED = re.compile(r"\b(?:leave\s+(?:it\s+)?(?:empty|blank)|laissez?[- ]vide)\b", re.IGNORECASE)
FORMATS = re.compile(
    r"\b(?:JPE?G|PNG|WEBP|BMP|GIF|HEIC|TIFF?|AVIF|MP4|MOV|WEBM|MKV|AVI|MP3|WAV|FLAC|AAC|OGG|M4A)\b", re.IGNORECASE
)
_NAME = r"(?!(?:max|min|up|under|over|below|above|least|most|to|than|of)\b)[^\W\d_]"
HARMLESS = re.compile(
    rf"{_NAME}+_?\d+(?!\w)|[^\W\d]\w*\d\w*|[\[(]\s*{_NAME}+ ?\d+\s*[\])]|\b(?!M[ai][xn]\b)[A-Z][\w-]* \d+(?:\.\d+)+",
)
"""Words with digits that state no limit: character1, image_url_2, [Image 1], HappyHorse 1.0."""
