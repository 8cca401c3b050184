"""Which engine to use. A dead docker costs no seconds: its socket is asked, not its command line."""

from __future__ import annotations

from collections.abc import Mapping

from copilot.errors import NotRunning, UsageError
from copilot.images.cli import CommandLine, Docker, Podman
from copilot.images.engine import ENGINE_NAMES, Engine
from copilot.images.host import HostEngine
from copilot.images.store import ImageStore, default_root

NO_CONTAINERS = "no container engine is running: tasks run as plain processes, without isolation"


def choose(preferred: str | None, environ: Mapping[str, str]) -> Engine:
    """The engine for the local cloud: the preferred one, else docker, podman or host, the first that is there.

    NotRunning when the preferred one is absent or does not answer.
    """
    if preferred:
        return _named(preferred, environ)
    docker, podman = Docker(environ), Podman(environ)
    if docker.is_running:
        return docker
    if podman.is_installed and podman.has_socket:
        return podman
    return _host(environ)


def require_builder(preferred: str | None, environ: Mapping[str, str]) -> Engine:
    """An engine whose images can go to AWS: docker or podman; NotRunning when neither is there."""
    if preferred == "host":
        raise UsageError(
            "images for AWS can't be built with the host engine: it runs on the local cloud only",
            hints=("use --engine docker or --engine podman",),
        )
    if preferred:
        return _named(preferred, environ)
    docker, podman = Docker(environ), Podman(environ)
    if docker.is_running:
        return docker
    if podman.is_running:
        return podman
    why = "Docker is installed but does not answer" if docker.is_installed else "neither Docker nor Podman is installed"
    raise NotRunning(
        f"image can't be built: {why}",
        hints=(
            docker.start_hint if docker.is_installed else "install Docker or Podman and run the command again",
            "or give image.location in the manifest, which needs no engine",
        ),
    )


def _named(name: str, environ: Mapping[str, str]) -> Engine:
    if name == "host":
        return _host(environ)
    if name not in ENGINE_NAMES:
        raise UsageError(f"--engine {name} is not known: it must be one of {', '.join(ENGINE_NAMES)}")
    engine: CommandLine = Docker(environ) if name == "docker" else Podman(environ)
    engine.require()
    return engine


def _host(environ: Mapping[str, str]) -> HostEngine:
    return HostEngine(ImageStore(default_root(environ)))
