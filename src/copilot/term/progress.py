"""Progress of a running command: one live tree on a terminal, a plain line for each change elsewhere."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from copilot.model.events import Event, State
from copilot.term.console import Console, Ink
from copilot.term.tree import Node, Row, Tree

if TYPE_CHECKING:
    from rich.live import Live
    from rich.text import Text

MARKS = {
    State.WAITING: ("·", Ink.FAINT),
    State.RUNNING: ("▸", Ink.LINK),
    State.DONE: ("✔", Ink.GOOD),
    State.UNCHANGED: ("=", Ink.FAINT),
    State.FAILED: ("✘", Ink.BAD),
    State.SKIPPED: ("-", Ink.FAINT),
}
SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
STYLES = {Ink.FAINT: "dim", Ink.LINK: "cyan", Ink.GOOD: "green", Ink.BAD: "red"}
FRAMES_PER_SECOND = 8


class Picture(Protocol):
    """One way to show the tree."""

    def update(self, tree: Tree, node: Node, event: Event) -> None: ...

    def stop(self) -> None: ...


class Progress:
    """Shows events while a block runs, from the first event on; safe to observe from several threads."""

    def __init__(self, console: Console, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._now = monotonic
        self._tree = Tree()
        self._lock = threading.RLock()
        self._picture: Picture | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def observe(self, event: Event) -> None:
        """Take in an event and show it."""
        with self._lock:
            node, news = self._tree.apply(event, self._now())
            if news:
                self._shown().update(self._tree, node, event)

    @property
    def under_way(self) -> tuple[str, ...]:
        """What has begun and not ended."""
        with self._lock:
            return self._tree.under_way

    @contextmanager
    def paused(self) -> Iterator[None]:
        """The terminal without the tree, for a question or a page of data; the tree comes back with the next event."""
        with self._lock:
            self._stop()
            yield

    def _shown(self) -> Picture:
        if self._picture is None:
            live = self._console.is_live
            self._picture = LivePicture(self._console, self._tree, self._now) if live else PlainPicture(self._console)
        return self._picture

    def _stop(self) -> None:
        if self._picture is not None:
            self._picture.stop()
            self._picture = None


class PlainPicture:
    """A line for each change: mark, path in titles, status, seconds, reason."""

    def __init__(self, console: Console) -> None:
        self._err = console.err
        self._last = ("", State.WAITING, "", "")
        self._reasons: dict[str, str] = {}

    def update(self, tree: Tree, node: Node, event: Event) -> None:
        place = " > ".join(tree.titles(event.path))
        current = (place, node.state, node.status, node.detail)
        if current != self._last:
            self._err.line(self._line(place, node))
            self._last = current
        for line in event.lines:
            self._err.line(f"  │ {line}")

    def _line(self, place: str, node: Node) -> str:
        mark, ink = MARKS[node.state]
        took = (
            f"({seconds(node.elapsed(node.ended))})" if node.ended is not None and node.elapsed(node.ended) >= 1 else ""
        )
        words = " ".join(part for part in (place, node.status, took) if part)
        is_news = node.detail and (node.state is State.FAILED or self._reasons.get(place) != node.detail)
        self._reasons[place] = node.detail
        return f"{self._err.paint(mark, ink)} {words}{f': {node.detail}' if is_news else ''}"

    def stop(self) -> None:
        """Nothing to put away."""


class LivePicture:
    """One rich display that repaints in place and leaves its last frame behind."""

    def __init__(self, console: Console, tree: Tree, now: Callable[[], float]) -> None:
        self._console = console
        self._tree = tree
        self._now = now
        self._live = self._start()

    def _start(self) -> Live:
        from rich.console import Console as RichConsole
        from rich.live import Live

        err = self._console.err
        screen = RichConsole(file=err.file, color_system="auto" if err.colour else None, highlight=False)
        live = Live(
            console=screen,
            get_renderable=self.frame,
            refresh_per_second=FRAMES_PER_SECOND,
            redirect_stdout=False,
            redirect_stderr=False,
            vertical_overflow="crop",
        )
        live.start()
        return live

    def update(self, tree: Tree, node: Node, event: Event) -> None:
        """The next frame shows it."""

    def stop(self) -> None:
        self._live.stop()

    def frame(self) -> Text:
        """The tree as it is now, no higher and no wider than the terminal."""
        from rich.text import Text

        now = self._now()
        rows = self._tree.rows(limit=max(self._console.err.height - 2, 3), now=now)
        return Text("\n", no_wrap=True, overflow="ellipsis").join([_row(row, now) for row in rows])


def _row(row: Row, now: float) -> Text:
    from rich.text import Text

    if row.state is None:
        return Text("  " * row.depth + "  " + row.title, style="dim", no_wrap=True, overflow="ellipsis")
    mark, ink = MARKS[row.state]
    if row.state is State.RUNNING:
        mark = SPINNER[int(now * FRAMES_PER_SECOND) % len(SPINNER)]
    line = Text("  " * row.depth, no_wrap=True, overflow="ellipsis")
    line.append(f"{mark} ", style=STYLES[ink])
    line.append(row.title, style="bold" if row.depth == 0 else "")
    words = ": ".join(part for part in (row.status, row.note) if part)
    line.append(f"  {words}" if words else "", style="dim")
    line.append(f"  {seconds(row.seconds)}" if row.seconds >= 1 else "", style="dim")
    return line


def seconds(value: float) -> str:
    """A duration for people: `0.4s`, `12s`, `3m05s`."""
    if value < 10:
        return f"{value:.1f}s"
    minutes, rest = divmod(int(value), 60)
    return f"{minutes}m{rest:02d}s" if minutes else f"{rest}s"
