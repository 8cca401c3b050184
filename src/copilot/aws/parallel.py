"""Several calls at once, because round trips are the cost."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic, TypeVar, overload

from copilot.errors import CopilotError, combined

T = TypeVar("T")
S = TypeVar("S")
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")

WIDEST = 16


def run(tasks: Sequence[Callable[[], T]], *, widest: int = WIDEST) -> list[T]:
    """The tasks' results in their order. The first error wins: what has not begun is dropped, what runs is awaited.

    Ctrl-C awaits nothing: the threads are daemons, so that a command can be left while a call hangs.
    """
    if len(tasks) <= 1 or widest <= 1:
        return [task() for task in tasks]
    batch = _Batch(tasks)
    threads = [threading.Thread(target=batch.work, name="aws", daemon=True) for _ in range(min(len(tasks), widest))]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            thread.join()
    except BaseException:
        batch.drop()
        raise
    return batch.results()


class _Batch(Generic[T]):
    """Tasks that several threads take from, and what came of them."""

    def __init__(self, tasks: Sequence[Callable[[], T]]) -> None:
        self._waiting = deque(enumerate(tasks))
        self._results: dict[int, T] = {}
        self._failures: deque[BaseException] = deque()

    def work(self) -> None:
        """Does tasks until none is left or one has failed."""
        while not self._failures:
            try:
                index, task = self._waiting.popleft()
            except IndexError:
                return
            try:
                self._results[index] = task()
            except BaseException as error:
                self._failures.append(error)

    def drop(self) -> None:
        """Leaves what has not begun."""
        self._waiting.clear()

    def results(self) -> list[T]:
        """In the tasks' order; raises the first failure."""
        if self._failures:
            raise self._failures[0]
        return [self._results[index] for index in sorted(self._results)]


@overload
def together(a: Callable[[], A], b: Callable[[], B], /) -> tuple[A, B]: ...
@overload
def together(a: Callable[[], A], b: Callable[[], B], c: Callable[[], C], /) -> tuple[A, B, C]: ...
@overload
def together(
    a: Callable[[], A], b: Callable[[], B], c: Callable[[], C], d: Callable[[], D], /
) -> tuple[A, B, C, D]: ...
def together(*tasks: Callable[[], Any]) -> tuple[Any, ...]:
    """Tasks of different kinds at once, each result with its own type."""
    return tuple(run(tasks))


def each(action: Callable[[S], T], items: Iterable[S], *, widest: int = WIDEST) -> list[T]:
    """`action` of every item, at once; results in the items' order."""
    return run([_bind(action, item) for item in items], widest=widest)


def each_told(action: Callable[[S], T], items: Iterable[S]) -> list[T]:
    """Like `each`, but every item is tried, and all that failed is told in one error: for work that people wait for."""
    failures: deque[CopilotError] = deque()

    def attempt(item: S) -> list[T]:
        try:
            return [action(item)]
        except CopilotError as error:
            failures.append(error)
            return []

    found = each(attempt, items)
    if failures:
        raise combined(failures)
    return [result for results in found for result in results]


def _bind(action: Callable[[S], T], item: S) -> Callable[[], T]:
    return lambda: action(item)
