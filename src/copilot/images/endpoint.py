"""Where a container engine listens: DOCKER_HOST, the current docker context, podman's sockets."""

from __future__ import annotations

import hashlib
import json
import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

DEFAULT_DOCKER_SOCKET = "/var/run/docker.sock"
ANSWER_SECONDS = 10.0  # a busy engine may take its time; one that is not there refuses at once


def docker_config_dir(environ: Mapping[str, str]) -> Path:
    """The folder of docker's config.json."""
    return Path(environ.get("DOCKER_CONFIG") or Path(environ.get("HOME", "~")).expanduser() / ".docker")


def docker_config(environ: Mapping[str, str]) -> dict[str, Any]:
    """Docker's config.json; empty when there is none or it can't be read."""
    return _read_json(docker_config_dir(environ) / "config.json")


def docker_host(environ: Mapping[str, str]) -> str:
    """The docker daemon's address as the docker CLI picks it: DOCKER_HOST, then the context, then the usual socket.

    https://docs.docker.com/engine/manage-resources/contexts/
    """
    if host := environ.get("DOCKER_HOST"):
        return host
    context = environ.get("DOCKER_CONTEXT") or docker_config(environ).get("currentContext", "")
    if context and context != "default":
        meta = docker_config_dir(environ) / "contexts" / "meta" / hashlib.sha256(context.encode()).hexdigest()
        found = _read_json(meta / "meta.json").get("Endpoints", {}).get("docker", {}).get("Host")
        if found:
            return str(found)
    return f"unix://{DEFAULT_DOCKER_SOCKET}"


def podman_host(environ: Mapping[str, str]) -> str:
    """The address of podman's Docker-compatible socket; empty when there is none."""
    if host := environ.get("CONTAINER_HOST"):
        return host
    for path in _podman_sockets(environ):
        if path.is_socket():
            return f"unix://{path}"
    return ""


def _podman_sockets(environ: Mapping[str, str]) -> list[Path]:
    runtime = environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}"
    home = Path(environ.get("HOME", "~")).expanduser()
    return [
        Path(runtime) / "podman" / "podman.sock",
        Path("/run/podman/podman.sock"),
        home / ".local/share/containers/podman/machine/podman.sock",
    ]


def answers(host: str) -> bool:
    """Whether a daemon listens there; told within about a second.

    An address that only its own client can open (ssh, a Windows pipe) counts as answering: the first real call tells.
    """
    where = urlsplit(host)
    if where.scheme == "unix":
        return _connects(socket.AF_UNIX, where.path)
    if where.scheme in ("tcp", "http", "https"):
        try:
            with socket.create_connection((where.hostname or "", where.port or 2375), timeout=ANSWER_SECONDS):
                return True
        except OSError:
            return False
    return bool(where.scheme)


def _connects(family: int, address: str) -> bool:
    try:
        with socket.socket(family, socket.SOCK_STREAM) as client:
            client.settimeout(ANSWER_SECONDS)
            client.connect(address)
            client.sendall(b"GET /_ping HTTP/1.0\r\nHost: engine\r\n\r\n")
            return client.recv(12).startswith(b"HTTP/")
    except OSError:
        return False


def _read_json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
