"""Docker and Podman behind ECS: docker-py on their sockets, with the local cloud's own networks, names and images."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import docker
from docker.errors import APIError, DockerException, ImageNotFound, NotFound

from copilot.errors import NotRunning
from copilot.images.cli import Docker, Podman
from copilot.local.engines import docker_pause
from copilot.local.engines.docker_container import DockerContainer, discard
from copilot.local.engines.docker_health import health_of
from copilot.local.engines.docker_networks import HOST_GATEWAY, Networks
from copilot.local.engines.docker_options import CLOUD_LABEL, HOLDER_LABEL, TASK_LABEL, container_options
from copilot.local.engines.registry import is_local_repository
from copilot.local.engines.spec import TaskContainer

HOST_NAME = "host.docker.internal"
ANSWER_SECONDS = 60

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

    def __init__(
        self,
        engine: str,
        about: Mapping[str, Any],
        client: docker.DockerClient,
        images: DockerImages,
        networks: Networks,
        cloud: str,
    ) -> None:
        self._engine = engine
        self._about = about
        self._client = client
        self._images = images
        self._networks = networks
        self._cloud = cloud
        self._lock = threading.RLock()
        self._known: dict[str, DockerContainer] = {}
        self._holders: dict[str, Any] = {}
        self._closed = False

    def run(self, image: str, *, spec: TaskContainer, **_options: Any) -> DockerContainer:
        """Starts a container of a task; the containers of one task share its network, as on AWS."""
        with self._lock:
            if self._closed:
                raise RuntimeError("the local cloud is stopping")
            try:
                return self._start(self._images.get(image).id, spec)
            except Exception:
                self._drop_unused()
                raise

    def _start(self, image_id: str, spec: TaskContainer) -> DockerContainer:
        options = container_options(spec, self._cloud, self._about)
        holder = self._holder(spec) if spec.siblings is not None or self._networks.is_late else None
        options |= self._network_options(spec) if holder is None else {"network_mode": f"container:{holder.id}"}
        created = self._started(image_id, options)
        container = DockerContainer(
            created,
            spec,
            network=holder or created,
            health=health_of(self._engine, created, spec.health_check),
            on_removed=self._forget,
        )
        self._known[container.id] = container
        return container

    def _started(self, image: str, options: dict[str, Any]) -> Any:
        created = self._client.containers.create(image, **options)
        try:
            created.start()
            created.reload()
        except Exception:
            # docker-py lets its HTTP library's errors through.
            discard(created)
            raise
        return created

    def _holder(self, spec: TaskContainer) -> Any:
        """The container that holds the network of a task: where there are several, or where it makes the gateway."""
        if spec.task_arn not in self._holders:
            options = {
                "name": f"copilot-{self._cloud}-{spec.task_id[:12]}.network",
                "labels": {CLOUD_LABEL: self._cloud, TASK_LABEL: spec.task_arn, HOLDER_LABEL: spec.task_arn},
                **self._network_options(spec),
            }
            self._holders[spec.task_arn] = self._started(docker_pause.ensure_image(self._client), options)
            self._networks.open_relay(self._networks.name_of(spec.cluster_arn))
        return self._holders[spec.task_arn]

    def _network_options(self, spec: TaskContainer) -> dict[str, Any]:
        network = self._networks.ensure(spec.cluster_arn)
        endpoint = self._client.api.create_endpoint_config(aliases=sorted({name.host for name in spec.names}))
        options = {
            "network": network,
            "networking_config": {network: endpoint},
            "extra_hosts": {HOST_NAME: self._networks.gateway(network)},
        }
        if self._networks.gateway(network) == HOST_GATEWAY:
            ports = (*spec.ports, *(spec.siblings or ()))
            options["ports"] = {f"{port}/tcp": ("127.0.0.1", None) for port in ports}
        return options

    def _forget(self, container: DockerContainer) -> None:
        with self._lock:
            self._known.pop(container.id, None)
            self._drop_unused()

    def _drop_unused(self) -> None:
        """Removes what no container of a task needs any more: holders of networks, then networks."""
        tasks = {container.spec.task_arn for container in self._known.values()}
        for task in self._holders.keys() - tasks:
            discard(self._holders.pop(task))
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
        # Podman keeps a container whose network others are on.
        for container in sorted(found, key=lambda each: HOLDER_LABEL in each.labels):
            discard(container)
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
        # What an engine that answered late has started after all.
        self.remove_leftovers()


def _end(container: DockerContainer) -> None:
    container.stop()
    container.remove()


def _is_on_this_machine(client: docker.DockerClient, about: Mapping[str, Any]) -> bool:
    """Whether the engine's networks are this machine's own: not a virtual machine's, and not a user's alone."""
    is_rootless = "name=rootless" in (about.get("SecurityOptions") or ())
    return sys.platform == "linux" and client.api.base_url.startswith("http+docker://") and not is_rootless


class DockerClient:
    """What ECS takes for a docker client."""

    def __init__(
        self, engine: str, client: docker.DockerClient, cloud: str, port: int, digest_of: Callable[[str], str]
    ) -> None:
        self.engine = engine
        self._client = client
        about = client.info()
        self._networks = Networks(
            client, cloud, port, is_late=engine == "podman" and _is_on_this_machine(client, about)
        )
        self.images = DockerImages(client, digest_of)
        self.containers = DockerContainers(engine, about, client, self.images, self._networks, cloud)

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
