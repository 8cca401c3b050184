"""The bench, for the tests of this folder; they are skipped with the reason where its pieces cannot be had."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from bench import Bench, Unavailable, bench
from shop import Shop, make_shop


@contextmanager
def running(folder: Path) -> Iterator[Bench]:
    """A bench while the block runs."""
    made = bench(folder)
    try:
        started = made.__enter__()
    except Unavailable as reason:
        pytest.skip(str(reason))
    try:
        yield started
    finally:
        made.__exit__(None, None, None)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """AWS Copilot 1.34.1 and a local cloud of its own."""
    with running(tmp_path_factory.mktemp("bench")) as started:
        yield started


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """An application that the original has made and deployed; what a test changes, it changes for all."""
    with running(tmp_path_factory.mktemp("shop")) as started:
        yield make_shop(started)
