"""A browser's side of the console, in-process: it asks for HTML, sends forms, and keeps cookies."""

from __future__ import annotations

from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

from driving import ORIGIN, Answer, Emulator

MODEL = "happyhorse-1.1/reference-to-video"
RECEIVER = "http://127.0.0.1:9999/hook"


class Browser:
    """Somebody at the console of `emulator`."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.cookies: dict[str, str] = {}

    def look(self, path: str, **headers: str) -> Answer:
        """A page."""
        asked = {"accept": "text/html,*/*;q=0.8", **self._cookie(), **headers}
        return self.emulator.get(path, key=None, headers=asked)

    def send(self, path: str, fields: Mapping[str, str], **headers: str) -> Answer:
        """A form, as a browser sends it from a page of the console."""
        asked = {
            "content-type": "application/x-www-form-urlencoded",
            "origin": ORIGIN,
            "sec-fetch-site": "same-origin",
            **self._cookie(),
            **headers,
        }
        answer = self.emulator.post(path, raw=urlencode(fields).encode(), key=None, headers=asked)
        if "set-cookie" in answer.headers:
            name, _, rest = answer.headers["set-cookie"].partition("=")
            self.cookies[name] = rest.partition(";")[0].strip('"')
        return answer

    def act(self, to: str, method: str = "POST", **wish: Any) -> Answer:
        """A button."""
        fields = {name.replace("__", ":").replace("_0_", "/"): str(value) for name, value in wish.items()}
        return self.send("/act", {"to": to, "method": method, "back": "/", **fields})

    def _cookie(self) -> dict[str, str]:
        return {"cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())} if self.cookies else {}


def submitted(emulator: Emulator, prompt: str = "a fox", key: str = "sk-test", **more: Any) -> str:
    """A job of HiAPI with a callback; its id."""
    body = {"model": MODEL, "input": {"prompt": prompt, "reference_image": ["https://example.com/fox.jpg"], **more}}
    body["callback"] = {"url": RECEIVER}
    return str(emulator.post("/hiapi/v1/tasks", body, key=key).json()["data"]["taskId"])


def account_of(emulator: Emulator, label: str = "sk-test") -> str:
    """The id of the account with this label."""
    told = emulator.get("/_control/accounts", key=None).json()["accounts"]
    return str(next(one["id"] for one in told if one["label"] == label))


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def text_of(answer: Answer) -> str:
    """What a page says, in words, white space squeezed."""
    return " ".join(" ".join(_parsed(answer).text).split())


def tags_of(answer: Answer) -> list[tuple[str, dict[str, str | None]]]:
    """The start tags of a page."""
    return _parsed(answer).tags


def _parsed(answer: Answer) -> _Text:
    page = _Text()
    page.feed(answer.body.decode())
    return page
