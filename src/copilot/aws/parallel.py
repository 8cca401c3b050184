"""Several calls at once, because round trips are the cost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from typing import Any, TypeVar, overload

T = TypeVar("T")
S = TypeVar("S")
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")

WIDEST = 16


def run(tasks: Sequence[Callable[[], T]], *, widest: int = WIDEST) -> list[T]:
    """The tasks' results in their order. The first error wins: what has not begun is dropped, what runs is awaited."""
    if len(tasks) <= 1 or widest <= 1:
        return [task() for task in tasks]
    with ThreadPoolExecutor(max_workers=min(len(tasks), widest), thread_name_prefix="aws") as pool:
        futures = [pool.submit(task) for task in tasks]
        try:
            done, _ = wait(futures, return_when=FIRST_EXCEPTION)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        if any(future.exception() for future in done):
            pool.shutdown(wait=True, cancel_futures=True)
        return [future.result() for future in _failures_first(futures)]


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


def _bind(action: Callable[[S], T], item: S) -> Callable[[], T]:
    return lambda: action(item)


def _failures_first(futures: Sequence[Future[T]]) -> Sequence[Future[T]]:
    """The futures, unless one failed: then those that did, so that a cancelled one does not hide the cause."""
    failed = [future for future in futures if not future.cancelled() and future.exception()]
    return failed or futures
