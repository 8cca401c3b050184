"""The real engines, each with an image that the tests make since no registry is reachable."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest
from base_image import ensure_python_image
from container_engines import ENGINES, connect
from desk import Desk

BASE_IMAGE = "docker.io/library/python:3.13-slim"


@pytest.fixture(scope="module", params=ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def engine(engine_name: str) -> Iterator[docker.DockerClient]:
    client = connect(engine_name)
    ensure_python_image(engine_name, BASE_IMAGE)
    yield client
    client.close()


@pytest.fixture
def desk(tmp_path: Path, engine: docker.DockerClient) -> Iterator[Desk]:
    """An empty directory with a local cloud of its own, which is gone in the end."""
    root = tmp_path / "vote"
    root.mkdir()
    # Docker's client finds its engine and its settings as the user's would.
    variables = {name: value for name, value in os.environ.items() if name != "DOCKER_CONFIG"}
    made = Desk(root=root, environ=variables)
    yield made
    made.run("local", "reset", "--yes")
    made.run("local", "stop")
