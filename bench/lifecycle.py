"""One whole lifecycle in-process: submit, queued, running, done, download; the clock is moved by hand.

    python bench/lifecycle.py [--rounds 50]

Beside it, in the same run: a bare Starlette app that answers as many requests with constants, and a naive ffmpeg render
of the same clip. Each lifecycle has a prompt of its own, so no clip comes from a cache. Milliseconds are medians.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import imageio_ffmpeg
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from driving import Emulator, step

MODEL = "happyhorse-1.1/reference-to-video"
SECONDS = 5
CLIP = bytes(48_000)


def ours(emulator: Emulator, number: int) -> None:
    """A lifecycle of the emulator: 1080p, five seconds, with sound."""
    inputs = {"prompt": f"take {number}", "reference_image": ["https://example.com/fox.jpg"], "duration": SECONDS}
    task = emulator.post("/hiapi/v1/tasks", {"model": MODEL, "input": inputs}).json()["data"]["taskId"]
    seen = []
    for seconds in (0.1, 2, 60):
        emulator.advance(seconds)
        seen.append(emulator.get(f"/hiapi/v1/tasks/{task}").json()["data"])
    assert [one["status"] for one in seen] == ["queued", "handling", "success"]
    assert len(emulator.get(seen[-1]["output"][0]["url"]).body) > 10_000


def bare_app() -> Starlette:
    """The floor: constant answers, no check, no store, no clip."""

    async def constant(request: Request) -> Response:
        return JSONResponse({"code": 200, "data": {"taskId": "x", "status": "success"}})

    async def clip(request: Request) -> Response:
        return Response(CLIP, media_type="video/mp4")

    routes = [
        Route("/v1/tasks", constant, methods=["POST"]),
        Route("/v1/tasks/{task}", constant),
        Route("/_control/clock", constant, methods=["POST"]),
        Route("/video.mp4", clip),
    ]
    return Starlette(routes=routes)


def floor(app: Starlette) -> None:
    """As many requests as `ours` makes, to the bare app."""
    step(app, "POST", "/v1/tasks", body=b"{}")
    for _ in range(3):
        step(app, "POST", "/_control/clock", body=b"{}")
        step(app, "GET", "/v1/tasks/x")
    step(app, "GET", "/video.mp4")


def naive(folder: Path) -> None:
    """What a fake usually does: let ffmpeg draw a test picture of the same size, length and sound."""
    source = f"testsrc2=size=1920x1080:rate=24:duration={SECONDS}"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", "-f", "lavfi", "-i", source]
    command += ["-f", "lavfi", "-i", f"sine=duration={SECONDS}", "-c:v", "libx264", "-preset", "ultrafast"]
    command += ["-pix_fmt", "yuv420p", "-c:a", "aac", "-movflags", "+faststart", str(folder / "naive.mp4")]
    subprocess.run(command, check=True)


def median_ms(work: Callable[[int], None], rounds: int) -> float:
    times = []
    for number in range(rounds):
        begun = time.perf_counter()
        work(number)
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=50)
    rounds = parser.parse_args().rounds
    emulator, app = Emulator(), bare_app()
    begun = time.perf_counter()
    ours(emulator, -1)
    first = (time.perf_counter() - begun) * 1000
    mine = median_ms(lambda number: ours(emulator, number), rounds)
    bare = median_ms(lambda number: floor(app), rounds)
    with tempfile.TemporaryDirectory() as folder:
        render = median_ms(lambda number: naive(Path(folder)), max(3, rounds // 10))
    print(f"{'one lifecycle, 1080p 5 s with sound':<44} {'ms':>9} {'ratio':>9}")
    for name, value in (
        ("screentest, first of the process", first),
        ("screentest", mine),
        ("bare Starlette, the same 8 requests", bare),
        ("naive ffmpeg render alone", render),
    ):
        print(f"{name:<44} {value:>9.2f} {value / mine:>9.2f}")


if __name__ == "__main__":
    main()
