"""Whole commands as processes, on the local cloud with the host engine."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from desk import Desk, Place, copy_vote

from copilot.local.clouds import LocalCloud


@pytest.fixture
def app() -> str:
    """A name for an application that nobody else has."""
    return f"a{random.SystemRandom().randrange(10**8):08d}"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """An empty directory, and no AWS account."""
    root = tmp_path / "project"
    root.mkdir()
    return Desk(root=root, environ=dict(os.environ))


@pytest.fixture
def place(desk: Desk, app: str, local_cloud: LocalCloud) -> Place:
    """An empty directory whose commands mean the local cloud that this worker's tests share."""
    return Place.on_shared(desk, app, local_cloud)


@pytest.fixture
def vote_place(place: Place) -> Place:
    """The same with the voting application in it."""
    copy_vote(place.desk.root, place.app)
    return place


@pytest.fixture
def own_cloud(desk: Desk) -> Iterator[Callable[..., Desk]]:
    """Makes desks whose directories have clouds of their own, which are stopped in the end."""
    made: list[Desk] = []

    def make(name: str) -> Desk:
        root = desk.root / name
        root.mkdir()
        made.append(desk.at(root))
        return made[-1]

    yield make
    for each in made:
        each.run("local", "reset", "--yes")
        each.run("local", "stop")
