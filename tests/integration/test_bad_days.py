"""A disk without room, a place without permission, a death under load: one clear line, and nothing promised is lost."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from integration.test_serve import KEY, TASK, environment, run

ROOT = Path(__file__).parents[2]


def test_a_full_disk_is_one_line_and_an_honest_answer(tmp_path: Path) -> None:
    """Submits that cannot be stored get the provider's internal error, what is stored is still told, and the log has a
    line for each, without a traceback."""
    command = 'ulimit -f 300; exec "$0" -m screentest serve --port 0 --db jobs.sqlite3'
    with subprocess.Popen(
        ["sh", "-c", command, sys.executable],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    ) as process:
        assert process.stdout
        assert process.stderr
        printed = ""
        while not (found := re.search(r"hiapi\s+(http://[\d.:]+)/hiapi", printed)):
            printed += process.stdout.readline()
        with httpx2.Client(base_url=found[1], headers=KEY) as http:
            answers = [http.post("/hiapi/v1/tasks", json=TASK) for _ in range(60)]
            stored = [answer.json()["data"]["taskId"] for answer in answers if answer.status_code == 200]
            looks = {http.get(f"/hiapi/v1/tasks/{task}").status_code for task in stored}
        process.kill()
        log = process.stderr.read()

    assert {answer.status_code for answer in answers} == {200, 500}
    assert looks == {200}
    assert "Traceback" not in log
    assert "the database cannot be written" in log


@pytest.mark.parametrize("db", ["/proc/nothing/jobs.sqlite3", "file/jobs.sqlite3", "."])
def test_a_place_that_cannot_be_written_is_one_line(tmp_path: Path, db: str) -> None:
    """The line names the place; the exit code is 2."""
    (tmp_path / "file").write_text("not a folder")

    refused = run("serve", "--port", "0", "--db", db, folder=tmp_path)

    assert refused.returncode == 2
    assert len(refused.stderr.splitlines()) == 1
    assert db in refused.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        pytest.param(["load_test.py", "--seconds", "3", "--clients", "16"], id="load"),
        pytest.param(["crash.py", "--kills", "3", "--clients", "4"], id="crash"),
    ],
)
def test_a_short_run_of(command: list[str], tmp_path: Path) -> None:
    """The load and the crash test, as they are run at length by hand: nothing lost, doubled, or answered wrongly."""
    arguments = [sys.executable, str(ROOT / "bench" / command[0]), *command[1:]]
    ran = subprocess.run(
        arguments, cwd=tmp_path, capture_output=True, text=True, timeout=120, env=environment(), check=False
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
