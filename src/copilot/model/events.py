"""What a running command tells the terminal: updates of the nodes of one tree, each addressed by its path."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    SKIPPED = "skipped"


FINAL = frozenset({State.DONE, State.UNCHANGED, State.FAILED, State.SKIPPED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A node is now like this.

    `path` addresses it, e.g. ("vote-test-collector", "Service"); a node's parent is its path without the last part.
    `label` is for people and empty when unchanged, `status` is CloudFormation's or the engine's own word, `detail` the
    reason, `lines` output to append beneath it.
    """

    path: tuple[str, ...]
    state: State
    label: str = ""
    status: str = ""
    detail: str = ""
    lines: tuple[str, ...] = ()
