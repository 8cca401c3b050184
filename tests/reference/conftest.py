"""The bench, for the tests of this folder; they are skipped with the reason where its pieces cannot be had."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from bench import Bench, Unavailable, bench


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """AWS Copilot 1.34.1 and a local cloud of its own."""
    running = bench(tmp_path_factory.mktemp("bench"))
    try:
        started = running.__enter__()
    except Unavailable as reason:
        pytest.skip(str(reason))
    try:
        yield started
    finally:
        running.__exit__(None, None, None)
