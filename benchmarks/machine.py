"""Start-up, and the local cloud on this machine."""

from __future__ import annotations

import shutil
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.tools import Tool, bare_environ, run
from copilot.local.clouds import LocalCloud

EXAMPLE = Path(__file__).resolve().parent.parent / "examples" / "vote"
UP = ("local", "up", "--engine", "host")


@dataclass(frozen=True, slots=True, kw_only=True)
class Startup:
    """Seconds that a command line takes, which asks nobody anything."""

    command: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Local:
    """The voting application in a fresh local cloud: seconds, and bytes that the cloud's server holds afterwards."""

    cold: float
    warm: float
    memory: int


def startup(tools: Sequence[Tool], folder: Path, *, runs: int) -> list[Startup]:
    """`python -c pass`, then `--version` and `--help` of every tool, taken in turns so that noise hits all alike."""
    folder.mkdir(parents=True, exist_ok=True)
    commands: dict[str, tuple[str, ...]] = {"`python -c pass`": (sys.executable, "-c", "pass")}
    for tool in tools:
        commands |= {f"{tool.name} `{flag}`": (*tool.command, flag) for flag in ("--version", "--help")}
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            taken[name].append(run(command, cwd=folder, environ=bare_environ(folder)).seconds)
    return [Startup(command=name, seconds=statistics.median(seconds)) for name, seconds in taken.items()]


def local(tool: Tool, folder: Path, *, runs: int, say: Callable[[str], None]) -> Local:
    """`local up` in an empty home, and again with nothing changed."""
    cold, warm, memory = [], [], []
    for number in range(runs):
        home = folder / f"local-{number}"
        workspace = home / "vote"
        shutil.copytree(EXAMPLE, workspace)
        environ = {**bare_environ(home), "COPILOT_LOCAL_HOME": str(home / "clouds")}
        cloud = LocalCloud.at(workspace, environ)
        try:
            cold.append(run((*tool.command, *UP), cwd=workspace, environ=environ).seconds)
            warm.append(run((*tool.command, *UP), cwd=workspace, environ=environ).seconds)
            memory.append(cloud.status().memory_bytes)
        finally:
            cloud.stop()
        say(f"local up: {cold[-1]:.2f} s cold, {warm[-1]:.2f} s warm")
    return Local(cold=statistics.median(cold), warm=statistics.median(warm), memory=round(statistics.median(memory)))
