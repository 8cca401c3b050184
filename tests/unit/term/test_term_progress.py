from __future__ import annotations

import io
import threading

from consoles import FakeTerminal, plain_console, written
from hypothesis import given
from hypothesis import strategies as st

from copilot.model.events import Event, State
from copilot.term.console import Console, Stream
from copilot.term.progress import Progress, seconds
from copilot.term.tree import TAIL_LINES, Tree


class HandClock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def event(*path: str, state: State = State.RUNNING, **more: object) -> Event:
    return Event(path=path, state=state, **more)  # type: ignore[arg-type]


def titles(tree: Tree, *, limit: int = 50, now: float = 0.0) -> list[str]:
    return ["  " * row.depth + row.title for row in tree.rows(limit=limit, now=now)]


def test_a_label_stands_for_the_last_part_of_the_path() -> None:
    tree = Tree()
    tree.apply(event("stack", "Service", label="An ECS service"), 0)
    tree.apply(event("stack", "Cluster"), 0)
    assert titles(tree) == ["stack", "  An ECS service", "  Cluster"]


def test_an_empty_label_keeps_the_one_before() -> None:
    tree = Tree()
    tree.apply(event("stack", label="Environment test"), 0)
    tree.apply(event("stack", state=State.DONE), 1)
    assert titles(tree) == ["Environment test"]


def test_time_runs_from_the_first_sign_of_life_to_the_end() -> None:
    tree = Tree()
    tree.apply(event("stack", state=State.WAITING), 0)
    tree.apply(event("stack"), 5)
    assert tree.rows(limit=9, now=8)[0].seconds == 3
    tree.apply(event("stack", state=State.DONE), 9)
    assert tree.rows(limit=9, now=100)[0].seconds == 4


def test_only_the_last_lines_of_a_running_build_are_shown_and_none_when_it_is_done() -> None:
    tree = Tree()
    tree.apply(event("image", lines=tuple(f"step {i}" for i in range(9))), 0)
    assert titles(tree)[1:] == [f"  │ step {i}" for i in range(9 - TAIL_LINES, 9)]
    tree.apply(event("image", state=State.DONE), 1)
    assert titles(tree) == ["image"]


def test_a_failure_shows_its_reason_beneath_it() -> None:
    tree = Tree()
    tree.apply(event("stack", "Service", state=State.FAILED, detail="out of memory\nexit code 137"), 0)
    assert titles(tree) == ["stack", "  Service", "    out of memory", "    exit code 137"]


def test_when_there_is_little_room_what_is_finished_folds_first() -> None:
    tree = Tree()
    for index in range(10):
        tree.apply(event("stack", f"R{index}", state=State.DONE), 0)
    tree.apply(event("stack", "Service"), 0)
    assert titles(tree, limit=5) == ["stack", "  Service"]


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 9), st.sampled_from(list(State))), min_size=1),
    st.integers(3, 30),
)
def test_the_tree_is_never_higher_than_its_limit(steps: list[tuple[int, int, State]], limit: int) -> None:
    tree = Tree()
    for now, (stack, resource, state) in enumerate(steps):
        tree.apply(event(f"s{stack}", f"r{resource}", state=state, detail="why"), now)
    assert 1 <= len(tree.rows(limit=limit, now=len(steps))) <= limit


def test_elsewhere_than_on_a_terminal_each_change_is_one_line() -> None:
    console, clock = plain_console(), HandClock()
    with Progress(console, monotonic=clock) as progress:
        progress.observe(event("vote-test", label="Environment test", status="create in progress"))
        progress.observe(event("vote-test", "Cluster", label="An ECS cluster", status="create in progress"))
        progress.observe(event("vote-test", "Cluster", status="create in progress"))
        clock.now = 12
        progress.observe(event("vote-test", "Cluster", state=State.FAILED, status="create failed", detail="no quota"))
    assert written(console.err) == (
        "▸ Environment test create in progress\n"
        "▸ Environment test > An ECS cluster create in progress\n"
        "✘ Environment test > An ECS cluster create failed (12s): no quota\n"
    )
    assert written(console.out) == ""


def test_build_output_follows_its_line() -> None:
    console = plain_console()
    with Progress(console) as progress:
        progress.observe(event("image", lines=("Step 1/2 : FROM scratch",)))
        progress.observe(event("image", lines=("Step 2/2 : COPY . .",)))
    assert written(console.err) == "▸ image\n  │ Step 1/2 : FROM scratch\n  │ Step 2/2 : COPY . .\n"


def live_console() -> Console:
    screen = FakeTerminal()
    return Console(
        out=Stream(file=io.StringIO()), err=Stream(file=screen, is_terminal=True), can_ask=True, is_live=True
    )


def test_a_terminal_sees_the_last_frame_and_gets_its_cursor_back() -> None:
    console = live_console()
    with Progress(console) as progress:
        progress.observe(event("stack", label="Environment test"))
        progress.observe(event("stack", state=State.DONE, status="create complete"))
    seen = written(console.err)
    assert "✔ Environment test  create complete" in seen
    assert seen.rindex("\x1b[?25h") > seen.rindex("\x1b[?25l")


def test_the_cursor_comes_back_after_ctrl_c_too() -> None:
    console = live_console()
    try:
        with Progress(console) as progress:
            progress.observe(event("stack"))
            raise KeyboardInterrupt
    except KeyboardInterrupt:
        pass
    seen = written(console.err)
    assert seen.rindex("\x1b[?25h") > seen.rindex("\x1b[?25l")


def test_nothing_is_drawn_without_an_event() -> None:
    console = live_console()
    with Progress(console):
        pass
    assert written(console.err) == ""


def test_while_paused_nothing_is_drawn() -> None:
    console = live_console()
    with Progress(console) as progress:
        progress.observe(event("stack"))
        with progress.paused():
            before = written(console.err)
            threading.Event().wait(0.3)
            assert written(console.err) == before


def test_events_of_many_threads_are_all_seen() -> None:
    console = plain_console()
    with Progress(console) as progress:
        threads = [
            threading.Thread(target=lambda n=n: progress.observe(event(f"stack{n}", state=State.DONE)))
            for n in range(20)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(written(console.err).splitlines()) == sorted(f"✔ stack{n}" for n in range(20))


def test_durations_are_short() -> None:
    assert [seconds(value) for value in (0.44, 12.7, 185)] == ["0.4s", "12s", "3m05s"]
