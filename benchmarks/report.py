"""The report, as Markdown."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.commands import LATENCIES, ROWS
from benchmarks.machine import Local, Startup
from benchmarks.tools import Cost, Tool

_MIB = 1024 * 1024

Costs = Mapping[str, Mapping[float, Cost]]
"""What `commands.measure` finds: a row's name, a latency, the cost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """This tool's costs and the original's, on the same way to AWS."""

    ours: Costs
    original: Costs
    name: str


def report(
    tools: Sequence[Tool],
    startups: Sequence[Startup],
    local: Local,
    costs: Mapping[str, Costs],
    both: Beside | str,
) -> str:
    """The whole document; `both` may be the reason why the original was not measured."""
    lines = [*_head(), *_startup(startups), *_local(local), *_commands(tools, costs), "", *_beside(both)]
    return "\n".join(lines) + "\n"


def _head() -> Iterator[str]:
    yield from ("# Benchmarks", "")
    yield f"Made by `make bench` on {datetime.now(UTC):%Y-%m-%d}: {_machine()}. Times are medians."
    yield ""


def _startup(startups: Sequence[Startup]) -> Iterator[str]:
    yield from ("## Start-up", "", "| command | time | beside Python alone |", "|---|--:|--:|")
    for one in startups:
        yield f"| {one.command} | {one.seconds * 1000:.1f} ms | {one.seconds / startups[0].seconds:.1f} times |"
    yield ""


def _local(local: Local) -> Iterator[str]:
    yield from ("## The local cloud", "", "`copilot local up` of `examples/vote` on the host engine.", "")
    yield from ("| | |", "|---|--:|")
    yield f"| nothing there yet: the cloud, an application, an environment and two services | {local.cold:.1f} s |"
    yield f"| again, nothing changed | {local.warm:.1f} s |"
    yield f"| memory that the cloud's server holds then | {local.memory / _MIB:.0f} MiB |"
    yield ""


def _commands(tools: Sequence[Tool], costs: Mapping[str, Costs]) -> Iterator[str]:
    slowest = f"{max(LATENCIES) * 1000:.0f} ms"
    yield from ("## Commands", "")
    yield "Against the local cloud, through a proxy that makes every request wait as long as the column says, as a"
    yield "network would. *In a row* is the longest chain of requests of which each began after the one before had"
    yield f"ended (at {slowest}). Deployments include the start of the new tasks, and asking how far they are."
    yield ""
    measures = ("calls", "in a row", *map(_delay, LATENCIES))
    columns = [f"{prefix}{measure}" for prefix in _prefixes(tools) for measure in measures]
    yield f"| command | {' | '.join(columns)} |"
    yield f"|---|{'--:|' * len(columns)}"
    for row in ROWS:
        cells = [cell for tool in tools for cell in _cells(costs[tool.name][row.name])]
        yield f"| {row.name} | {' | '.join(cells)} |"


def _beside(both: Beside | str) -> Iterator[str]:
    if isinstance(both, str):
        yield from ("## Beside AWS Copilot", "", f"Not measured here: {both}.")
        return
    slowest = max(LATENCIES)
    yield from (f"## Beside {both.name}", "")
    yield "Both tools in the same run on the same local cloud, reached as AWS is: over TLS, through one proxy, every"
    yield f"call waiting {slowest * 1000:.0f} ms. The share is this tool's of the original's."
    yield ""
    yield "| command | calls | original's | share | time | original's | share |"
    yield "|---|--:|--:|--:|--:|--:|--:|"
    for row in ROWS:
        ours, theirs = both.ours[row.name][slowest], both.original[row.name][slowest]
        calls = f"{ours.calls} | {theirs.calls} | {ours.calls / theirs.calls:.2f}"
        seconds = f"{ours.seconds:.2f} s | {theirs.seconds:.2f} s | {ours.seconds / theirs.seconds:.2f}"
        yield f"| {row.name} | {calls} | {seconds} |"


def _prefixes(tools: Sequence[Tool]) -> list[str]:
    return [f"{tool.name}: " for tool in tools] if len(tools) > 1 else [""]


def _delay(latency: float) -> str:
    return f"at {latency * 1000:.0f} ms"


def _cells(found: Mapping[float, Cost]) -> Iterator[str]:
    slowest = found[max(LATENCIES)]
    yield from (str(slowest.calls), str(slowest.chain))
    yield from (f"{found[latency].seconds:.2f} s" for latency in LATENCIES)


def _machine() -> str:
    model = platform.processor() or platform.machine()
    facts = Path("/proc/cpuinfo")
    if facts.exists():
        named = [line for line in facts.read_text(encoding="utf-8").splitlines() if line.startswith("model name")]
        model = named[0].partition(":")[2].strip() if named else model
    return f"{os.cpu_count()} cores ({model}), {platform.system()}, Python {platform.python_version()}"
