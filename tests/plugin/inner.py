"""Runs of pytest within a test: real ones, on a project that the test writes."""

from __future__ import annotations

from importlib import import_module

import pytest

# What a run imports is forgotten when it ends, unless it was there before: loaded here, it is loaded once.
for _name in ("httpcore2", "screentest.server", "screentest.testing.tally", "screentest_client.client"):
    import_module(_name)

PLUGIN = ("--disable-plugin-autoload", "-p", "screentest.pytest_plugin", "-p", "no:cacheprovider", "-W", "error")

PRODUCT = """
import functools
import httpx2
import pytest

BODY = {
    "model": "happyhorse-1.1/reference-to-video",
    "input": {"prompt": "a fox", "reference_image": ["https://example.com/fox.jpg"]},
}


trusted = functools.cache(httpx2.create_ssl_context)  # reading it takes 25 ms


def submit(screentest, **more):
    headers = {"authorization": f"Bearer {screentest.key}"}
    return httpx2.post(f"{screentest.hiapi}/v1/tasks", json=BODY | more, headers=headers, verify=trusted())
"""


def run(pytester: pytest.Pytester, tests: str, *args: str) -> pytest.RunResult:
    """Run these tests, which may use `submit`, `httpx2` and `pytest`, in this process."""
    pytester.makepyfile(test_product=PRODUCT + tests)
    return pytester.runpytest_inprocess(*PLUGIN, *args)
