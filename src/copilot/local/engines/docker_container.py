"""One container of docker or podman, as ECS and CloudWatch Logs want to see it."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

from docker.errors import APIError, DockerException, NotFound

from copilot.local.engines.docker_health import ContainerHealth
from copilot.local.engines.logs import LOG_SECONDS
from copilot.local.engines.spec import TaskContainer

END_SECONDS = 30.0

logger = logging.getLogger("copilot.local")


class DockerContainer:
    """A container of a task. Its end is noticed by waiting for it, not by asking over and over."""

    def __init__(
        self,
        container: Any,
        spec: TaskContainer,
        *,
        network: Any,
        health: ContainerHealth,
        on_removed: Callable[[DockerContainer], None],
    ) -> None:
        self.id: str = container.id
        self.spec = spec
        self.status = "running"
        self.failure = ""
        self.exit_code: int | None = None
        self.health = health
        self._container = container
        self._network = network
        self._on_removed = on_removed
        self._ended = threading.Event()
        self._log_read = threading.Event()
        if not spec.is_logged:
            self._log_read.set()
        threading.Thread(target=self._wait, name=f"copilot-wait-{self.id[:8]}", daemon=True).start()

    @property
    def attrs(self) -> dict[str, Any]:
        """As the engine has it, with the network of the task, which another container may hold."""
        return {**self._container.attrs, "NetworkSettings": self._network.attrs["NetworkSettings"]}

    def _wait(self) -> None:
        while True:
            try:
                answer = self._container.wait(timeout=None)
                break
            except NotFound:
                answer = {"StatusCode": 137}
                break
            except Exception as err:
                # docker-py lets its HTTP library's errors through.
                logger.warning("lost sight of container %s: %s", self.id[:12], err)
                time.sleep(1)
        self.health.stop()
        self.exit_code = int(answer.get("StatusCode", 0))
        with contextlib.suppress(DockerException):
            self._container.reload()
            if self.attrs["State"].get("OOMKilled"):
                self.failure = "OutOfMemoryError: Container killed due to memory usage"
            elif error := self.attrs["State"].get("Error"):
                self.failure = f"CannotStartContainerError: {error}"
        self._log_read.wait(LOG_SECONDS)
        self.status = "exited"
        self._ended.set()

    def reload(self) -> None:
        """Nothing to do: what changes is noticed as it happens."""

    def wait(self, timeout: float | None = None) -> dict[str, Any]:
        self._ended.wait(timeout)
        return {"StatusCode": self.exit_code or 0}

    def logs(self, *, stream: bool = False, **options: Any) -> Any:
        """The output of both streams; streamed, it is whole lines."""
        if not stream:
            return self._container.logs(**options)
        self._log_read.clear()
        return self._lines()

    def _lines(self) -> Iterator[bytes]:
        rest = b""
        try:
            for chunk in self._container.logs(stream=True, follow=True, stdout=True, stderr=True):
                *lines, rest = (rest + chunk).split(b"\n")
                yield from (line.rstrip(b"\r") for line in lines)
            if rest:
                yield rest
        finally:
            self._log_read.set()

    def stop(self, timeout: float | None = None) -> None:
        """SIGTERM, then SIGKILL after the task definition's stop timeout."""
        with contextlib.suppress(NotFound):
            self._container.stop(timeout=int(self.spec.stop_seconds))
        self._ended.wait(END_SECONDS)

    def remove(self, **_options: Any) -> None:
        """Removes the container once its log has been read."""
        if self._ended.is_set():
            self._log_read.wait(LOG_SECONDS)
        discard(self._container)
        self._ended.wait(END_SECONDS)
        self._on_removed(self)


def discard(container: Any) -> None:
    """Removes a container and its anonymous volumes; one that a killed server had begun to remove goes by itself."""
    with contextlib.suppress(APIError):
        # Podman would wait for it to stop.
        container.kill()
    with contextlib.suppress(NotFound):
        try:
            container.remove(v=True, force=True)
        except APIError as err:
            if err.status_code != HTTPStatus.CONFLICT:
                raise
            container.wait(condition="removed")
