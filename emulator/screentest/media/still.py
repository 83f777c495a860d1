"""The request for one picture that does not move: everything that decides its bytes, and nothing else."""

from msgspec import Struct, structs

from screentest.media.clip import digest

SIDES = range(64, 8193)
FORMATS = ("png", "jpeg", "webp")


class Still(Struct, frozen=True, kw_only=True):
    """One picture to make. Two equal stills are the same bytes, in any process.

    ``width`` and ``height`` are in pixels; ``format`` is one of `FORMATS`. The mosaic of a ``transparent`` one can be
    seen through, which JPEG cannot. Raises ValueError, with a sentence for the user, for one that cannot be drawn.
    """

    width: int
    height: int
    format: str = "png"
    transparent: bool = False
    seed: int = 0
    provider: str = ""
    model: str = ""
    prompt: str = ""
    label: str = ""
    fingerprint: str = ""

    def __post_init__(self) -> None:
        for name, side in (("width", self.width), ("height", self.height)):
            if side not in SIDES:
                raise ValueError(f"{name} must be a number of pixels from {SIDES[0]} to {SIDES[-1]}, not {side}")
        if self.format not in FORMATS:
            raise ValueError(f"format must be one of {', '.join(FORMATS)}, not {self.format}")

    @property
    def media_type(self) -> str:
        return f"image/{self.format}"

    @property
    def extension(self) -> str:
        return "jpg" if self.format == "jpeg" else self.format

    @property
    def heading(self) -> str:
        return "synthetic image"

    def facts(self) -> list[str]:
        """What was asked for, apart from the prompt, in a few words each."""
        size = f"{self.width}x{self.height}"
        return list(filter(None, [size, self.label, self.format, f"seed {self.seed}", self.fingerprint]))

    def digest(self) -> str:
        """64 hex digits that name the bytes of this picture: the ETag, and the key of any cache."""
        return digest(structs.asdict(self))
