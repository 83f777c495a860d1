"""The environment variables that point clients at an emulator. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from screentest_contracts.load import PROVIDERS


def variables(url: str, keys: Mapping[str, str]) -> dict[str, str]:
    """Names and values: what our client reads, then what the official clients read under other names.

    `url` is the emulator's origin, `keys` has each provider's key.
    """
    found = {}
    for provider in PROVIDERS:
        found[f"{provider.upper()}_BASE_URL"] = f"{url}/{provider}"
        found[f"{provider.upper()}_API_KEY"] = keys[provider]
    found["RUNCOMFY_MODEL_API_BASE"] = f"{url}/runcomfy/v1"
    found["RUNCOMFY_TOKEN"] = found["RUNCOMFY_API_TOKEN"] = keys["runcomfy"]
    return found
