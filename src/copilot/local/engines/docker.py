"""Docker and Podman behind ECS: docker-py on their sockets, with the local cloud's own networks, names and images."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import threading
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any

import docker
from docker.errors import APIError, DockerException, ImageNotFound, NotFound

from copilot.errors import NotRunning
from copilot.images.cli import Docker, Podman
from copilot.local.engines.docker_container import DockerContainer
from copilot.local.engines.docker_networks import CLOUD_LABEL, HOST_GATEWAY, Networks
from copilot.local.engines.registry import is_local_repository
from copilot.local.engines.spec import TaskContainer

TASK_LABEL = "com.amazonaws.ecs.task-arn"
HOST_NAME = "host.docker.internal"
ANSWER_SECONDS = 60
NANOSECONDS = 1_000_000_000

logger = logging.getLogger("copilot.local")


class DockerImages:
    """The engine's images. Those of the local cloud's repositories are found by ECR's records and never pulled."""

    def __init__(self, client: docker.DockerClient, digest_of: Callable[[str], str]) -> None:
        self._client = client
        self._digest_of = digest_of

    def get(self, reference: str) -> Any:
        """An image that the engine has; ImageNotFound otherwise."""
        digest = reference.rpartition("@")[2] if "@" in reference else self._digest_of(reference)
        if digest:
            # The digest that ECS goes by is the image's own id, wherever the image came from.
            with contextlib.suppress(ImageNotFound):
                return self._client.images.get(digest)
        if is_local_repository(reference):
            why = "the engine no longer has the image; deploy again" if digest else "the repository has no such image"
            raise ImageNotFound(f"{reference}: not found: {why}")
        return self._client.images.get(reference)

    def drop(self, digest: str) -> bool:
        """Removes an image that has no name and no container; false for any other."""
        try:
            if self._client.images.get(digest).tags:
                return False
            self._client.images.remove(digest)
        except APIError as err:
            logger.debug("the image %s stays: %s", digest, err)
            return False
        return True

    def pull(self, reference: str, auth_config: Any = None, **_options: Any) -> Any:
        """The engine's own image where it has it, else the registry's."""
        try:
            return self.get(reference)
        except ImageNotFound:
            if is_local_repository(reference):
                raise
        return self._client.images.pull(reference, auth_config=auth_config)

    def get_registry_data(self, reference: str, **_options: Any) -> Any:
        """Something whose `id` is the digest that ECS pins; registries are not asked, the engine's image counts."""
        return self.get(reference)


class DockerContainers:
    """Starts and remembers the containers of tasks."""

    def __init__(self, client: docker.DockerClient, images: DockerImages, networks: Networks, cloud: str) -> None:
        self._client = client
        self._images = images
        self._networks = networks
        self._cloud = cloud
        self._lock = threading.RLock()
        self._known: dict[str, DockerContainer] = {}
        self._closed = False

    def run(self, image: str, *, spec: TaskContainer, **_options: Any) -> DockerContainer:
        """Starts a container of a task; the task's other containers share its network, as on AWS."""
        with self._lock:
            if self._closed:
                raise RuntimeError("the local cloud is stopping")
            first = next((c for c in self._known.values() if c.spec.task_arn == spec.task_arn), None)
            options = self._options(spec)
            if first is None:
                options |= self._network_options(spec)
            else:
                options["network_mode"] = f"container:{first.id}"
            created = self._client.containers.create(self._images.get(image).id, **options)
            try:
                created.start()
            except APIError:
                created.remove(force=True)
                self._drop_networks()
                raise
            created.reload()
            container = DockerContainer(created, spec, self._forget)
            self._known[container.id] = container
            return container

    def _network_options(self, spec: TaskContainer) -> dict[str, Any]:
        network = self._networks.ensure(spec.cluster_arn)
        endpoint = self._client.api.create_endpoint_config(aliases=sorted({name.host for name in spec.names}))
        options = {
            "network": network,
            "networking_config": {network: endpoint},
            "extra_hosts": {HOST_NAME: self._networks.gateway(network)},
        }
        if self._networks.gateway(network) == HOST_GATEWAY:
            options["ports"] = {f"{port}/tcp": ("127.0.0.1", None) for port in spec.ports}
        return options

    def _options(self, spec: TaskContainer) -> dict[str, Any]:
        options: dict[str, Any] = {
            "name": f"copilot-{self._cloud}-{spec.task_id[:12]}-{spec.name}",
            "environment": dict(spec.environment),
            "labels": {**spec.labels, CLOUD_LABEL: self._cloud, TASK_LABEL: spec.task_arn},
            "detach": True,
            "init": spec.init,
            "privileged": spec.privileged,
            "read_only": spec.read_only,
        }
        optional = {
            "command": list(spec.command) if spec.command is not None else None,
            "entrypoint": list(spec.entrypoint) if spec.entrypoint is not None else None,
            "working_dir": spec.workdir,
            "user": spec.user,
            "volumes": list(spec.binds),
            "cap_add": list(spec.cap_add),
        }
        options |= {name: value for name, value in optional.items() if value}
        if check := spec.health_check:
            options["healthcheck"] = {
                "test": list(check.command) if check.command[0] in ("CMD", "CMD-SHELL") else ["CMD", *check.command],
                "interval": int(check.interval * NANOSECONDS),
                "timeout": int(check.timeout * NANOSECONDS),
                "retries": check.retries,
                "start_period": int(check.grace * NANOSECONDS),
            }
        return options

    def _forget(self, container: DockerContainer) -> None:
        with self._lock:
            self._known.pop(container.id, None)
            self._drop_networks()

    def _drop_networks(self) -> None:
        self._networks.drop_unused({self._networks.name_of(c.spec.cluster_arn) for c in self._known.values()})

    def published(self, ip: str, port: int) -> tuple[str, int] | None:
        """The loopback port that stands for a container's port."""
        for container in self.list():
            settings = container.attrs["NetworkSettings"]
            if any(network["IPAddress"] == ip for network in settings["Networks"].values()):
                for binding in (settings.get("Ports") or {}).get(f"{port}/tcp") or ():
                    return "127.0.0.1", int(binding["HostPort"])
        return None

    def get(self, container_id: str) -> DockerContainer:
        found = self._known.get(container_id)
        if found is None:
            raise NotFound(f"no container {container_id}")
        return found

    def list(self, **_options: Any) -> list[DockerContainer]:
        return list(self._known.values())

    def remove_leftovers(self) -> int:
        """Removes this cloud's containers that this process did not start, and its networks; answers how many."""
        label: dict[str, str | list[str] | bool] = {"label": f"{CLOUD_LABEL}={self._cloud}"}
        found = self._client.containers.list(all=True, filters=label, ignore_removed=True)
        for container in found:
            _remove(container)
        self._networks.drop_unused(set())
        return len(found)

    def close(self) -> None:
        with self._lock:
            self._closed = True
        threads = [threading.Thread(target=_end, args=(container,)) for container in self.list()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self._networks.drop_unused(set())


def _remove(container: Any) -> None:
    """Removes a container and its anonymous volumes; one that a killed server had begun to remove goes by itself."""
    with contextlib.suppress(NotFound):
        try:
            container.remove(v=True, force=True)
        except APIError as err:
            if err.status_code != HTTPStatus.CONFLICT:
                raise
            container.wait(condition="removed")


def _end(container: DockerContainer) -> None:
    container.stop()
    container.remove()


class DockerClient:
    """What ECS takes for a docker client."""

    def __init__(
        self, engine: str, client: docker.DockerClient, cloud: str, port: int, digest_of: Callable[[str], str]
    ) -> None:
        self.engine = engine
        self._client = client
        self._networks = Networks(client, cloud, port)
        self.images = DockerImages(client, digest_of)
        self.containers = DockerContainers(client, self.images, self._networks, cloud)

    @classmethod
    def connect(cls, engine: str, home: Path, port: int, digest_of: Callable[[str], str]) -> DockerClient:
        """A client of the engine's socket, with nothing of this cloud left in it; NotRunning when it doesn't answer."""
        host = Podman(os.environ).host if engine == "podman" else Docker(os.environ).host
        command_line = Podman(os.environ) if engine == "podman" else Docker(os.environ)
        try:
            client = docker.DockerClient(base_url=host, timeout=ANSWER_SECONDS, version="auto") if host else None
        except DockerException as err:
            logger.info("%s at %s does not answer: %s", engine, host, err)
            client = None
        if client is None:
            raise NotRunning(
                f"{command_line.title} is not running: it does not answer",
                hints=(command_line.start_hint, "or use --engine host, which needs no container engine"),
            )
        cloud = f"{home.name}-{hashlib.sha256(str(home).encode()).hexdigest()[:6]}"
        found = cls(engine, client, cloud, port, digest_of)
        left = found.containers.remove_leftovers()
        if left:
            logger.info("removed %d containers that an earlier server had left", left)
        return found

    def endpoint(self, port: int, cluster_arn: str) -> str:
        """The local cloud's address, as a container sees it."""
        return f"http://{HOST_NAME}:{port}"

    def reachable(self, ip: str, port: int) -> tuple[str, int]:
        """A container's address, or the loopback port that stands for it where its network is elsewhere."""
        return self.containers.published(ip, port) or (ip, port)

    def close(self) -> None:
        """Ends every task and removes the networks."""
        self.containers.close()
        self._client.close()
