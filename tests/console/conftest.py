from __future__ import annotations

import pytest

from console.browsing import Browser
from driving import Emulator


@pytest.fixture
def browser(emulator: Emulator) -> Browser:
    return Browser(emulator)
