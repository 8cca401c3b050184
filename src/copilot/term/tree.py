"""The progress tree as data: events go in, rows come out. Knows no terminal; time is handed in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from copilot.model.events import FINAL, Event, State

TAIL_LINES = 4
"""How many of a running build's last lines are shown."""


@dataclass(slots=True)
class Node:
    """One thing that is being worked on; it keeps what its events said."""

    name: str
    state: State = State.WAITING
    label: str = ""
    status: str = ""
    detail: str = ""
    lines: tuple[str, ...] = ()
    began: float | None = None
    ended: float | None = None
    children: dict[str, Node] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return self.label or self.name

    def apply(self, event: Event, now: float) -> bool:
        """Take in an event; true when a reader of plain lines should hear of it."""
        status = event.status or self.status
        detail = event.detail if event.status else event.detail or self.detail
        changed = (event.state, status, detail) != (self.state, self.status, self.detail)
        self.state, self.label = event.state, event.label or self.label
        self.status, self.detail = status, detail
        self.lines += event.lines
        if self.began is None and event.state is not State.WAITING:
            self.began = now
        self.ended = (now if self.ended is None else self.ended) if event.state in FINAL else None
        return changed or bool(event.lines)

    def elapsed(self, now: float) -> float:
        return 0.0 if self.began is None else (now if self.ended is None else self.ended) - self.began

    @property
    def matters(self) -> bool:
        """Running or failed here or below: the last thing to leave out when there is little room."""
        return self.state in (State.RUNNING, State.FAILED) or any(child.matters for child in self.children.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of the tree, before colour."""

    depth: int
    state: State | None
    title: str
    status: str = ""
    note: str = ""
    seconds: float = 0.0


class Tree:
    """All nodes, addressed by path."""

    def __init__(self) -> None:
        self._root = Node("")

    def apply(self, event: Event, now: float) -> tuple[Node, bool]:
        """Take in an event: its node, and whether it said anything new."""
        node = self._root
        for part in event.path:
            node = node.children.setdefault(part, Node(part))
        return node, node.apply(event, now)

    def titles(self, path: tuple[str, ...]) -> tuple[str, ...]:
        """The titles from the root down to a node."""
        node, titles = self._root, []
        for part in path:
            node = node.children[part]
            titles.append(node.title)
        return tuple(titles)

    @property
    def under_way(self) -> tuple[str, ...]:
        """The titles of what has begun and not ended, of the first level."""
        nodes = self._root.children.values()
        return tuple(node.title for node in nodes if node.began is not None and node.ended is None)

    def rows(self, *, limit: int, now: float) -> list[Row]:
        """The tree in at most `limit` rows: finished branches fold first, then what is left is cut from the top."""
        rows = list(_rows(self._root, depth=-1, now=now, fold=False))
        if len(rows) > limit:
            rows = list(_rows(self._root, depth=-1, now=now, fold=True))
        if len(rows) > limit:
            hidden = len(rows) - limit + 1
            rows = [Row(depth=0, state=None, title=f"... {hidden} more lines above"), *rows[hidden:]]
        return rows


def _rows(node: Node, *, depth: int, now: float, fold: bool) -> Iterator[Row]:
    if depth >= 0:
        failed = node.state is State.FAILED
        note = node.detail if not failed and node.state not in (State.DONE, State.WAITING) else ""
        yield Row(
            depth=depth, state=node.state, title=node.title, status=node.status, note=note, seconds=node.elapsed(now)
        )
        if failed:
            yield from (Row(depth=depth + 1, state=None, title=line) for line in node.detail.splitlines())
        if node.state is State.RUNNING or node.state is State.FAILED:
            tail = node.lines if node.state is State.FAILED and not fold else node.lines[-TAIL_LINES:]
            yield from (Row(depth=depth + 1, state=None, title=f"│ {line}") for line in tail)
    for child in node.children.values():
        if not fold or depth < 0 or child.matters:
            yield from _rows(child, depth=depth + 1, now=now, fold=fold)
