"""What a killed server left running is ended; processes that only have the same number are left alone."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from copilot.local.engines.process import PROOF, RECORD, end_leftovers, started

Start = Callable[[list[str]], "subprocess.Popen[str]"]
SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]
ORPHAN = [sys.executable, "-c", f"import subprocess; print(subprocess.Popen({SLEEP!r}, stdout=2).pid, flush=True)"]


@pytest.fixture
def start() -> Iterator[Start]:
    running: list[subprocess.Popen[str]] = []

    def run(command: list[str]) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, start_new_session=True, env={PROOF: "http://local/v4/one"}
        )
        running.append(process)
        return process

    yield run
    for process in running:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def record(tasks: Path, pid: int, at: float, proof: str = "http://local/v4/one") -> None:
    folder = tasks / str(pid)
    folder.mkdir(parents=True)
    (folder / RECORD).write_text(json.dumps({"pid": pid, "started": at, "proof": proof, "task": "t"}))


def test_a_process_that_was_left_is_ended(tmp_path: Path, start: Start) -> None:
    left = start(SLEEP)
    record(tmp_path, left.pid, started(psutil.Process(left.pid)))
    assert end_leftovers(tmp_path) == 1
    left.wait(60)
    assert not list(tmp_path.iterdir())


def test_a_younger_process_with_the_number_of_an_old_one_is_left_alone(tmp_path: Path, start: Start) -> None:
    stranger = start(SLEEP)
    record(tmp_path, stranger.pid, started(psutil.Process(stranger.pid)) - 100)
    assert end_leftovers(tmp_path) == 0
    assert stranger.poll() is None


@pytest.mark.parametrize(("proof", "ended"), [("http://local/v4/one", 1), ("http://local/v4/other", 0), ("", 0)])
def test_what_a_dead_process_started_is_known_by_its_variables(
    tmp_path: Path, start: Start, proof: str, ended: int
) -> None:
    leader = start(ORPHAN)
    assert leader.stdout is not None
    orphan = psutil.Process(int(leader.stdout.readline()))
    leader.wait(60)
    record(tmp_path, leader.pid, 0.0, proof)
    try:
        assert end_leftovers(tmp_path) == ended
        if not ended:
            assert orphan.is_running()
    finally:
        if orphan.is_running():
            orphan.kill()
