"""What is known of a container's health: by Docker's own checks, or, on Podman, by checks that are run here.

Podman runs health checks with systemd's timers: where systemd is not the one that starts things, it runs none.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from typing import Any, Protocol

from docker.errors import DockerException

from copilot.local.engines.health import HEALTHY, UNHEALTHY, UNKNOWN, Health, check_words
from copilot.local.engines.spec import HealthCheck

ASK_SECONDS = 0.5

logger = logging.getLogger("copilot.local")


class ContainerHealth(Protocol):
    """The health of a container: its `status`, and whether anybody looks."""

    @property
    def status(self) -> str: ...

    @property
    def is_checked(self) -> bool: ...

    def stop(self) -> None: ...


class DockerHealth:
    """The engine's own verdict on a container, asked at most twice a second."""

    def __init__(self, container: Any, *, is_checked: bool) -> None:
        self._container = container
        self._asked = 0.0
        self._status = UNKNOWN
        self.is_checked = is_checked

    @property
    def status(self) -> str:
        if self.is_checked and time.monotonic() - self._asked > ASK_SECONDS:
            self._asked = time.monotonic()
            with contextlib.suppress(DockerException):
                self._container.reload()
                found = (self._container.attrs["State"].get("Health") or {}).get("Status", "")
                self._status = {"healthy": HEALTHY, "unhealthy": UNHEALTHY}.get(found, UNKNOWN)
        return self._status

    def stop(self) -> None:
        """The engine stops checking by itself."""


class Checks:
    """Runs a check's command in a container. One that is not through in time has failed; none runs beside it."""

    def __init__(self, container: Any) -> None:
        self._api = container.client.api
        self._id = container.id
        self._under_way: threading.Thread | None = None
        self._passed = False

    def __call__(self, words: tuple[str, ...], timeout: float) -> bool:
        if self._under_way is None:
            self._passed = False
            self._under_way = threading.Thread(
                target=self._run, args=(words,), name=f"copilot-check-{self._id[:8]}", daemon=True
            )
            self._under_way.start()
        self._under_way.join(timeout)
        if self._under_way.is_alive():
            return False
        self._under_way = None
        return self._passed

    def _run(self, words: tuple[str, ...]) -> None:
        try:
            run = self._api.exec_create(self._id, check_words(words))["Id"]
            # Not detached: Podman calls a detached command running long after its end.
            self._api.exec_start(run)
            self._passed = self._api.exec_inspect(run)["ExitCode"] == 0
        except Exception as err:
            # docker-py lets its HTTP library's errors through.
            logger.debug("the health check of container %s was not run: %s", self._id[:12], err)


def health_of(engine: str, container: Any, check: HealthCheck | None) -> ContainerHealth:
    """The health of a running container, watched from now on."""
    if engine == "docker":
        return DockerHealth(container, is_checked=check is not None)
    health = Health(check, Checks(container))
    health.start()
    return health
