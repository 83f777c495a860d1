"""A small product: it has clips made by whichever provider is chosen, and listens to their callbacks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from screentest_client import HiAPI, JobFailedError, RunComfy, Runflow

FOX = "https://example.com/fox.jpg"
POLL = 15
"""Seconds between two looks: clips take minutes."""
RECIPES: dict[str, tuple[type[RunComfy] | type[Runflow] | type[HiAPI], str, dict[str, Any]]] = {
    "runcomfy": (RunComfy, "happyhorse/happyhorse-1.0/image-to-video", {"image_url": FOX}),
    "runflow": (Runflow, "alibaba/happy-horse/reference-to-video", {"image_urls": [FOX]}),
    "hiapi": (HiAPI, "happyhorse-1.1/reference-to-video", {"reference_image": [FOX]}),
}


@dataclass
class Clip:
    """`url` is where the video is, "" when there is none, and `trouble` then says why."""

    url: str = ""
    trouble: str = ""
    seen: list[str] = field(default_factory=list)


def make_clip(provider: str, prompt: str, sleep: Callable[[float], object] | None = None) -> Clip:
    """Submit, wait, and tell what came of it. Addresses and keys come from the environment."""
    client, model, inputs = RECIPES[provider]
    clip = Clip()
    with client(sleep=sleep) as api:
        try:
            job = api.run(
                model, {**inputs, "prompt": prompt}, poll=POLL, progress=lambda job: clip.seen.append(job.state)
            )
        except JobFailedError as error:
            clip.trouble = str(error)
        else:
            clip.url = job.outputs[0].url
    return clip


def order_clip(provider: str, prompt: str, webhook: str) -> str:
    """Submit only: the webhook will be told. The job's id."""
    client, model, inputs = RECIPES[provider]
    wish = {**inputs, "prompt": prompt}
    with client() as api:
        if isinstance(api, Runflow):
            return api.submit(model, wish, callback_url=webhook).id
        assert isinstance(api, HiAPI)
        return api.submit(model, wish, callback={"url": webhook}).id
