"""`screentest demo`: the examples of five documented models, through the client, from submit to a checked MP4."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import click
from msgspec import Struct, field
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from screentest.errors import SetupError
from screentest.framing import frame_size
from screentest.listings import Listing
from screentest.media.mp4_reader import probe
from screentest.server import Running, running
from screentest.settings import Settings
from screentest_client import ClientError, HiAPI, Job, RunComfy, Runflow
from screentest_contracts.document import Model
from screentest_contracts.load import PROVIDERS, Contract, load
from screentest_contracts.model import Video

_POLL = 0.05
_TIMEOUT = 60.0
_KEY = "rf_live_demo"
_SHOWN = {
    "runcomfy": (
        "happyhorse/happyhorse-1.0/reference-to-video",
        "happyhorse/happyhorse-1.0/image-to-video",
        "bytedance/seedance-v1.5-pro/image-to-video",
    ),
    "runflow": ("alibaba/happy-horse/reference-to-video",),
    "hiapi": ("happyhorse-1.1/reference-to-video",),
}
_CLIENTS: dict[str, Callable[[str, str], RunComfy | Runflow | HiAPI]] = {
    "runcomfy": RunComfy,
    "runflow": Runflow,
    "hiapi": HiAPI,
}


class Take(Struct):
    """One model's run: what was seen, and what is wrong with it, if anything."""

    contract: Contract
    model: Model
    states: list[str] = field(default_factory=list)
    seconds: float = 0.0
    size: str = ""
    file: str = ""
    wrong: str = ""


def run(out: Path, switches: Mapping[str, str]) -> bool:
    """Make the clips in `out`, print what happened, and tell whether all are right."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SetupError(f"--out {out}: {error.strerror}") from None
    takes = [
        Take(contract, model)
        for contract in _contracts(switches)
        for shown in _SHOWN[contract.name]
        if (model := contract.model(shown))
    ]
    console = Console()
    with running(Settings(port=0, switches=switches)) as server, _progress(console) as bars:
        tasks = [
            bars.add_task(f"{take.contract.name} {take.model.title}", total=_stages(take.contract), state="submitting")
            for take in takes
        ]
        with ThreadPoolExecutor(len(takes)) as threads:
            list(threads.map(lambda take, task: _film(take, server, out, bars, task), takes, tasks))
    console.print()
    click.echo(_table(takes).text(), nl=False)
    for take in takes:
        if take.wrong:
            click.secho(f"{take.model.id}: {take.wrong}", fg="red", err=True)
    return not any(take.wrong for take in takes)


def _contracts(switches: Mapping[str, str]) -> list[Contract]:
    return [load(provider, switches) for provider in PROVIDERS]


def _film(take: Take, server: Running, out: Path, bars: Progress, task: TaskID) -> None:
    """Submit, wait and download one example; a failure is written down, not raised."""

    def seen(job: Job) -> None:
        if job.state not in take.states:
            take.states.append(job.state)
        bars.update(task, completed=len(take.states), state=job.state)

    try:
        with _CLIENTS[take.contract.name](server.base_url(take.contract.name), _KEY) as client:
            job: Job = client.submit(take.model.id, take.model.example)
            done: Job = client.wait(job, timeout=_TIMEOUT, poll=_POLL, progress=seen)
            file = client.download(done, out / f"{take.contract.name}-{take.model.key}.mp4")
        take.seconds = bars.tasks[task].elapsed or 0.0
        take.file = str(file)
        take.wrong = _check(take, file.read_bytes())
    except (ClientError, OSError, ValueError) as error:
        take.wrong = str(error)
    bars.update(task, completed=_stages(take.contract), state="wrong" if take.wrong else "done")


def _check(take: Take, data: bytes) -> str:
    """What is wrong with the file or the states; "" when all is right."""
    inputs = take.model.input.completed(take.model.input.prepared(take.model.example))
    clip = take.model.output
    assert isinstance(clip, Video), "the models shown make videos"
    width, height = frame_size(clip, inputs, take.contract.assumed("media.unfetched-size"))
    movie = probe(data)
    video = movie.video
    take.size = f"{video.width}x{video.height} {float(movie.seconds):g} s, {len(data) / 1000:.0f} kB"
    wanted: list[tuple[str, Any, Any]] = [
        ("size", (width, height), (video.width, video.height)),
        ("seconds", inputs[clip.seconds or ""], movie.seconds),
    ]
    for what, asked, got in wanted:
        if asked != got:
            return f"{what}: asked for {asked}, got {got}"
    lifecycle = take.contract.provider.lifecycle
    documented = [*lifecycle.words, *lifecycle.results.values()]
    if take.states != [word for word in dict.fromkeys(documented) if word in take.states]:
        return f"states out of order: {' '.join(take.states)}"
    return ""


def _stages(contract: Contract) -> int:
    return len(contract.provider.lifecycle.steps) + 1


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description:<42}"), BarColumn(24), TextColumn("{task.fields[state]:<12}"))
    return Progress(*columns, TimeElapsedColumn(), console=console)


def _table(takes: list[Take]) -> Listing:
    rows = [
        {
            "provider": take.contract.name,
            "model": take.model.id,
            "states seen": take.states,
            "seconds": f"{take.seconds:.1f}",
            "video": take.size,
            "file": take.file,
        }
        for take in takes
    ]
    return Listing(rows, tuple(rows[0]))
