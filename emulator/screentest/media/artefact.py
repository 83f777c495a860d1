"""What a job makes: one clip, one recording, or pictures; and each as the bytes of its file."""

from collections.abc import Mapping
from typing import Any

from msgspec import structs

from screentest.media.clip import Clip
from screentest.media.recording import Recording
from screentest.media.still import Still

Artefact = Clip | Still | Recording
_KINDS: Mapping[str, type[Artefact]] = {"video": Clip, "image": Still, "audio": Recording}

_FIELDS = {kind: {field.name for field in structs.fields(kind)} for kind in _KINDS.values()}
_ALIKE = ("width", "height", "seed", "provider", "model", "prompt", "label", "fingerprint")
"""What a clip and the pictures that come with it have in common."""


def artefacts(made: Mapping[str, Any], stem: str) -> dict[str, Artefact]:
    """By file name, what a plan says that its job makes; several files are numbered and differ by their seed.

    Pictures that come with a clip are named after what they show: "first_frame.jpg".
    """
    kind = _KINDS[made.get("kind", "video")]
    known = _FIELDS[kind]
    first = kind(**{name: value for name, value in made.items() if name in known})
    found = [
        structs.replace(first, seed=first.seed + number) if number else first for number in range(made.get("count", 1))
    ]
    if len(found) == 1:
        return {f"{stem}.{first.extension}": first, **(_frames(made) if kind is Clip else {})}
    return {f"{stem}-{number}.{one.extension}": one for number, one in enumerate(found, 1)}


def _frames(made: Mapping[str, Any]) -> dict[str, Artefact]:
    names = made.get("frames", ())
    if not names:
        return {}
    fields = {name: made[name] for name in _ALIKE if name in made}
    shown = {name: f"{name.replace('_', ' ')} {made.get('label', '')}" for name in names}
    return {f"{name}.jpg": Still(**fields | {"label": label, "format": "jpeg"}) for name, label in shown.items()}


def render(artefact: Artefact) -> bytes:
    """The complete file. The same request is the same bytes in every process."""
    match artefact:
        case Clip():
            from screentest.media import render as movie  # the writers are imported when one is first needed

            return movie.render(artefact)
        case Still():
            from screentest.media.picture_file import render as picture

            return picture(artefact)
        case Recording():
            from screentest.media.wav import wav

            return wav(artefact)
