"""The container engines that this machine has; a test of one that does not answer is skipped and says so."""

from __future__ import annotations

import os

import docker
import pytest

from copilot.images import endpoint

ENGINES = ("docker", "podman")


def connect(name: str) -> docker.DockerClient:
    """A client of an engine's own socket; skips the test when nobody answers there."""
    host = endpoint.docker_host(os.environ) if name == "docker" else endpoint.podman_host(os.environ)
    if not host or not endpoint.answers(host):
        pytest.skip(f"{name.title()} does not answer{f' at {host}' if host else ': there is no socket'}")
    return docker.DockerClient(base_url=host)
