"""The request for one recording without pictures: everything that decides its bytes, and nothing else."""

from typing import ClassVar

from msgspec import Struct, structs

from screentest.media.clip import digest

RATES = range(8000, 48001)
LENGTHS = range(1, 600_001)


class Recording(Struct, frozen=True, kw_only=True):
    """One sound file to make. Two equal recordings are the same bytes, in any process.

    ``rate`` is in samples a second. Raises ValueError, with a sentence for the user, for one that cannot be made.
    """

    media_type: ClassVar = "audio/wav"
    extension: ClassVar = "wav"
    heading: ClassVar = "synthetic audio"

    milliseconds: int
    rate: int = 44100
    seed: int = 0
    provider: str = ""
    model: str = ""
    prompt: str = ""
    label: str = ""
    fingerprint: str = ""

    def __post_init__(self) -> None:
        for name, value, allowed in (("milliseconds", self.milliseconds, LENGTHS), ("rate", self.rate, RATES)):
            if value not in allowed:
                raise ValueError(f"{name} must be a whole number from {allowed[0]} to {allowed[-1]}, not {value}")

    @property
    def samples(self) -> int:
        return self.milliseconds * self.rate // 1000

    def facts(self) -> list[str]:
        """What was asked for, apart from the prompt, in a few words each."""
        length = f"{self.milliseconds / 1000:g} s"
        return list(filter(None, [length, f"{self.rate} Hz", self.label, f"seed {self.seed}", self.fingerprint]))

    def digest(self) -> str:
        """64 hex digits that name the bytes of this recording: the ETag, and the key of any cache."""
        return digest(structs.asdict(self))
