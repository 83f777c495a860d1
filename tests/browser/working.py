"""A program that uses the emulator while somebody watches it in the console."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx2
from playwright.sync_api import Page

from screentest.server import Running

MODEL = "happyhorse-1.1/reference-to-video"
NOBODY = "http://127.0.0.1:9/hook"


@dataclass(frozen=True, slots=True)
class Program:
    """An account of its own on `server`; the key is short, so that the console shows all of it."""

    server: Running
    key: str

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> httpx2.Response:
        given = {"authorization": f"Bearer {self.key}", **headers}
        return httpx2.request(method, self.server.url + path, json=body, headers=given, timeout=60)

    def submit(self, prompt: str = "a fox in the snow", **inputs: Any) -> httpx2.Response:
        """A job of HiAPI with a callback to nobody."""
        body = {"prompt": prompt, "reference_image": ["https://example.com/fox.jpg"], "duration": 3, **inputs}
        wish = {"model": MODEL, "input": body, "callback": {"url": NOBODY}}
        return self.send("POST", "/hiapi/v1/tasks", wish)

    def job(self, prompt: str = "a fox in the snow") -> str:
        """The id of a new job."""
        return str(self.submit(prompt).json()["data"]["taskId"])

    def clock(self, **wish: Any) -> dict[str, Any]:
        return dict(self.send("POST", "/_control/clock", wish).json())

    def told(self, path: str) -> dict[str, Any]:
        return dict(self.send("GET", path).json())

    def watched(self, page: Page, path: str = "/") -> None:
        """Open the console at this account."""
        page.goto(self.server.url)
        with page.expect_navigation():
            page.get_by_label("Account", exact=True).select_option(label=self.key)
        page.goto(self.server.url + path)
        page.locator("[data-link=live]").wait_for()
