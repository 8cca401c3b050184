"""A tool under measurement: its command line, and what one run of it costs."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.proxy import Recorder, Request

_SECONDS = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A program with AWS Copilot's commands.

    `endpoint` turns the address of an AWS into the variables by which the tool finds it; `environ` and `env_init` are
    the variables and the flags of `env init` that it needs besides, `cloud_environ` the variables that the local cloud
    needs to run what the tool deploys.
    """

    name: str
    command: tuple[str, ...]
    endpoint: Callable[[str], Mapping[str, str]] = lambda url: {"AWS_ENDPOINT_URL": url}
    environ: Mapping[str, str] = field(default_factory=dict)
    env_init: tuple[str, ...] = ()
    cloud_environ: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one command took, and the requests that it made meanwhile."""

    seconds: float
    requests: Sequence[Request] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a command costs: the medians of several runs."""

    seconds: float
    calls: int
    chain: int


def run(command: Sequence[str], *, cwd: Path, environ: Mapping[str, str], recorder: Recorder | None = None) -> Run:
    """Runs a command to its end; RuntimeError with its words when it fails."""
    if recorder:
        recorder.take()
    start = time.perf_counter()
    done = subprocess.run(
        command, cwd=cwd, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_SECONDS
    )
    seconds = time.perf_counter() - start
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return Run(seconds=seconds, requests=recorder.take() if recorder else ())


def cost(runs: Sequence[Run]) -> Cost:
    return Cost(
        seconds=statistics.median(one.seconds for one in runs),
        calls=statistics.median_high(len(one.requests) for one in runs),
        chain=statistics.median_high(chain(one.requests) for one in runs),
    )


def chain(requests: Sequence[Request]) -> int:
    """The most requests of which each began after the one before had ended: the round trips in a row."""
    length, free = 0, float("-inf")
    for request in sorted(requests, key=lambda one: one.end):
        if request.start >= free:
            length, free = length + 1, request.end
    return length


def bare_environ(home: Path) -> dict[str, str]:
    """The environment of a tool: a home of its own, nothing of the developer's credentials and settings."""
    return {
        "HOME": str(home),
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
