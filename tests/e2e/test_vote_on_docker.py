"""The voting application's life in real containers."""

from __future__ import annotations

import docker
import pytest
from desk import Desk, copy_vote
from vote_story import live

from copilot.local.engines.docker_options import CLOUD_LABEL

pytestmark = pytest.mark.docker


def leftovers(engine: docker.DockerClient, cloud: str) -> list[str]:
    """Containers and networks that carry the cloud's label."""
    label = {"label": f"{CLOUD_LABEL}={cloud}"}
    containers = engine.containers.list(all=True, filters=label, ignore_removed=True)
    return [str(each.name) for each in (*containers, *engine.networks.list(filters=label))]


def test_the_voting_application_lives_and_leaves_in_containers(
    desk: Desk, engine: docker.DockerClient, engine_name: str
) -> None:
    live(desk, engine=engine_name, bad_line='CMD ["no-such-program"]', told="no-such-program")
    cloud = desk.ok("local", "status", "--json").json()["name"]
    desk.ok("local", "stop")
    assert leftovers(engine, cloud) == []


def test_a_failing_build_shows_its_output(desk: Desk, engine_name: str) -> None:
    copy_vote(desk.root)
    desk.edit("collector/Dockerfile", "EXPOSE 8080", 'RUN ["python", "-c", "import sys; sys.exit(\'no compiler\')"]')
    failed = desk.fails("local", "up", "--engine", engine_name)
    assert "no compiler" in failed.err.split("✘")[-1], failed.told
    assert "\x1b" not in failed.err, "nobody reads colours here"
