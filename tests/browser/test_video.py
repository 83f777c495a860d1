"""A real browser plays the videos: size, length, sound, seeking by range, to the end."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest
from playwright.sync_api import Browser

from browser.chromium import NEEDS_CHROMIUM
from screentest.server import Running

pytestmark = NEEDS_CHROMIUM

WATCH = """
async url => {
  const video = document.createElement("video");
  document.body.append(video);
  video.src = url;
  const broken = fail => { video.onerror = () => fail(video.error.message); };
  await new Promise((done, fail) => { video.onloadedmetadata = done; broken(fail); });
  const seen = {width: video.videoWidth, height: video.videoHeight, seconds: video.duration};
  video.currentTime = 2.5;
  await new Promise(done => video.onseeked = done);
  seen.sought = video.currentTime;
  video.playbackRate = 8;
  await video.play();
  await new Promise((done, fail) => { video.onended = done; broken(fail); });
  seen.sound = video.webkitAudioDecodedByteCount > 0;
  return seen;
}
"""


def watch(browser: Browser, server: Running, model: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Make a clip through RunComfy's API and play it in a page of the server's own origin."""
    key = {"authorization": "Bearer rc_browser"}
    base = server.base_url("runcomfy")
    submitted = httpx2.post(f"{base}/v1/models/{model}", json=inputs, headers=key).json()
    httpx2.post(f"{server.url}/_control/clock", json={"advance": 60}, headers=key)
    url = httpx2.get(submitted["result_url"], headers=key).json()["output"]["video"]
    page = browser.new_page()
    try:
        page.goto(server.url)
        return dict(page.evaluate(WATCH, url))
    finally:
        page.close()


@pytest.mark.parametrize(
    ("resolution", "ratio", "size"),
    [("480p", "16:9", (864, 496)), ("720p", "9:16", (720, 1280)), ("1080p", "21:9", (2206, 946))],
)
def test_a_clip_plays_with_sound(
    browser: Browser, server: Running, resolution: str, ratio: str, size: tuple[int, int]
) -> None:
    """Size and length are those asked for, a seek lands where it should, and the sound is decoded."""
    inputs = {
        "prompt": "a fox",
        "first_frame_image_url": "https://example.com/fox.png",
        "resolution": resolution,
        "ratio": ratio,
        "duration": 4,
    }

    seen = watch(browser, server, "bytedance/seedance-v1.5-pro/image-to-video", inputs)

    assert (seen["width"], seen["height"]) == size
    assert seen["seconds"] == 4
    assert seen["sought"] == 2.5
    assert seen["sound"]


def test_a_silent_clip_has_no_sound(browser: Browser, server: Running) -> None:
    """generate_audio false leaves no sound track to decode."""
    inputs = {"prompt": "a fox", "first_frame_image_url": "https://example.com/fox.png", "generate_audio": False}

    seen = watch(browser, server, "bytedance/seedance-v1.5-pro/image-to-video", inputs)

    assert seen["seconds"] == 5
    assert not seen["sound"]
