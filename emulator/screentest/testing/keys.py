"""A key for each test: nobody else's, on any worker, in any run."""

from __future__ import annotations

import hashlib
import secrets


def new_key(test: str) -> str:
    """A key of lower-case letters, digits and underscores, in the shape that Runflow's SDK insists on."""
    return f"rf_live_{hashlib.sha256(test.encode()).hexdigest()[:12]}_{secrets.token_hex(6)}"
