"""The voting application's life without a container engine."""

from __future__ import annotations

import os
from collections.abc import Callable

import psutil
from desk import Desk, eventually
from vote_story import live


def test_the_voting_application_lives_and_leaves_as_processes(own_cloud: Callable[..., Desk]) -> None:
    desk = own_cloud("vote")
    live(desk, engine="host", bad_line='CMD ["no-such-program"]', told="no-such-program")
    server = desk.ok("local", "status", "--json").json()
    eventually(lambda: working_in(server["home"]) == [server["pid"]])
    eventually(lambda: psutil.Process(server["pid"]).children(recursive=True) == [])
    desk.ok("local", "stop")
    eventually(lambda: working_in(server["home"]) == [])


def working_in(home: str) -> list[int]:
    """Processes whose directory is the cloud's folder, as the server's is, or beneath it, as a task's is."""
    found = []
    for process in psutil.process_iter():
        try:
            directory = process.cwd()
        except (psutil.AccessDenied, psutil.NoSuchProcess):
            continue
        if directory == home or directory.startswith(home + os.sep):
            found.append(process.pid)
    return found
