"""What each command asks of AWS: calls, round trips in a row, and time at several latencies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.scene import Scene, scene
from benchmarks.tools import Cost, Tool, cost

LATENCIES = (0.0, 0.05)
"""Seconds that every request waits; the longest one also shows which requests follow one another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A command to measure. `prepare` makes it do something again; without `repeats` it runs once a scene."""

    name: str
    arguments: tuple[str, ...]
    prepare: Callable[[Scene, int], None] = lambda made, number: None
    repeats: bool = True


def _change(made: Scene, number: int) -> None:
    made.change(f"{number} at {made.recorder.latency}")


_DEPLOY = ("svc", "deploy", "--name", "web", "--env", "test")
ROWS = (
    Row(name="`app ls`", arguments=("app", "ls")),
    Row(name="`app show`", arguments=("app", "show", "--name", "bench")),
    Row(name="`env show`", arguments=("env", "show", "--name", "test")),
    Row(name="`svc show`", arguments=("svc", "show", "--name", "web")),
    Row(name="`svc package`", arguments=("svc", "package", "--name", "web", "--env", "test")),
    Row(name="`svc deploy`, nothing changed", arguments=_DEPLOY),
    Row(name="`svc deploy`, one change", arguments=_DEPLOY, prepare=_change),
    Row(
        name="`deploy --all`, 7 services, 6 of them new",
        arguments=("deploy", "--all", "--init-wkld", "--env", "test"),
        repeats=False,
    ),
)


def measure(
    tool: Tool, folder: Path, *, runs: int, say: Callable[[str], None], latencies: Sequence[float] = LATENCIES
) -> dict[str, Mapping[float, Cost]]:
    """The cost of every row at every latency."""
    found: dict[str, dict[float, Cost]] = {row.name: {} for row in ROWS}
    for latency in latencies:
        with scene(tool, folder / f"{tool.name}-{latency}") as made:
            made.recorder.latency = latency
            for row, measured in _rows(made, runs):
                found[row.name][latency] = measured
                say(f"{tool.name}: {row.name} at {latency * 1000:.0f} ms: {measured.seconds:.2f} s")
    return {**found}


def _rows(made: Scene, runs: int) -> Iterator[tuple[Row, Cost]]:
    for row in ROWS:
        done = []
        for number in range(runs if row.repeats else 1):
            row.prepare(made, number)
            done.append(made.run(*row.arguments))
        yield row, cost(done)
