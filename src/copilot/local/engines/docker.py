"""Docker and Podman behind ECS: docker-py on their sockets, with the local cloud's own networks, names and images."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docker
from docker.errors import APIError, DockerException, ImageNotFound, NotFound

from copilot.errors import NotRunning
from copilot.images.cli import Docker, Podman
from copilot.local.engines.relay import Relay
from copilot.local.engines.seams import is_local_repository
from copilot.local.engines.spec import TaskContainer

CLOUD_LABEL = "copilot.local.cloud"
CLUSTER_LABEL = "copilot.local.cluster"
TASK_LABEL = "com.amazonaws.ecs.task-arn"
HOST_NAME = "host.docker.internal"
ANSWER_SECONDS = 20
HEALTH_SECONDS = 0.5
NANOSECONDS = 1_000_000_000
HOST_GATEWAY = "host-gateway"

logger = logging.getLogger("copilot.local")


class DockerHealth:
    """The engine's own verdict on a container, asked at most twice a second."""

    def __init__(self, container: Any, *, is_checked: bool) -> None:
        self._container = container
        self._asked = 0.0
        self._status = "UNKNOWN"
        self.is_checked = is_checked

    @property
    def status(self) -> str:
        if self.is_checked and time.monotonic() - self._asked > HEALTH_SECONDS:
            self._asked = time.monotonic()
            with contextlib.suppress(DockerException):
                self._container.reload()
                found = (self._container.attrs["State"].get("Health") or {}).get("Status", "")
                self._status = {"healthy": "HEALTHY", "unhealthy": "UNHEALTHY"}.get(found, "UNKNOWN")
        return self._status


class DockerContainer:
    """A container of a task. Its end is noticed by waiting for it, not by asking over and over."""

    def __init__(self, container: Any, spec: TaskContainer, on_removed: Callable[[DockerContainer], None]) -> None:
        self.id: str = container.id
        self.spec = spec
        self.status = "running"
        self.failure = ""
        self.exit_code: int | None = None
        self.health = DockerHealth(container, is_checked=spec.health_check is not None)
        self._container = container
        self._on_removed = on_removed
        self._ended = threading.Event()
        self._log_read = threading.Event()
        self._log_read.set()
        threading.Thread(target=self._wait, name=f"copilot-wait-{self.id[:8]}", daemon=True).start()

    @property
    def attrs(self) -> dict[str, Any]:
        found: dict[str, Any] = self._container.attrs
        return found

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
        self.exit_code = int(answer.get("StatusCode", 0))
        with contextlib.suppress(DockerException):
            self._container.reload()
            if self.attrs["State"].get("OOMKilled"):
                self.failure = "OutOfMemoryError: Container killed due to memory usage"
            elif error := self.attrs["State"].get("Error"):
                self.failure = f"CannotStartContainerError: {error}"
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
        self._ended.wait(5)

    def remove(self, **_options: Any) -> None:
        """Removes the container once its log has been read."""
        if self._ended.is_set():
            self._log_read.wait(2)
        with contextlib.suppress(NotFound):
            self._container.remove(v=True, force=True)
        self._ended.wait(2)
        self._on_removed(self)


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


class Networks:
    """A network for each ECS cluster: names of one environment don't answer in another."""

    def __init__(self, client: docker.DockerClient, cloud: str, port: int) -> None:
        self._client = client
        self._cloud = cloud
        self._port = port
        self._lock = threading.RLock()
        self._relays: dict[str, Relay] = {}

    def name_of(self, cluster_arn: str) -> str:
        return f"copilot-{self._cloud}-{hashlib.sha256(cluster_arn.encode()).hexdigest()[:8]}"

    def ensure(self, cluster_arn: str) -> str:
        """The network of a cluster, made when it is not there."""
        name = self.name_of(cluster_arn)
        with self._lock:
            found = self._client.networks.list(names=[name])
            network = found[0] if found else self._create(name, cluster_arn)
            if name not in self._relays:
                self._open_relay(network, name)
        return name

    def _create(self, name: str, cluster_arn: str) -> Any:
        labels = {CLOUD_LABEL: self._cloud, CLUSTER_LABEL: cluster_arn}
        return self._client.networks.create(name, driver="bridge", labels=labels)

    def _open_relay(self, network: Any, name: str) -> None:
        network.reload()
        for config in (network.attrs.get("IPAM") or {}).get("Config") or ():
            if "." not in config.get("Gateway", ""):
                continue
            try:
                self._relays[name] = Relay(config["Gateway"], self._port, config["Subnet"])
            except OSError as err:
                # Docker Desktop and rootless engines have the gateway elsewhere and bring a way to loopback.
                logger.info("no relay on %s (%s): containers use the engine's host gateway", config["Gateway"], err)

    def gateway(self, name: str) -> str:
        """The address by which a network's containers reach this machine; HOST_GATEWAY leaves it to the engine.

        The latter is so where the network is not on this machine: Docker Desktop, rootless engines.
        """
        with self._lock:
            relay = self._relays.get(name)
            return relay.address if relay else HOST_GATEWAY

    def drop_unused(self, in_use: set[str]) -> None:
        """Removes this cloud's networks that no container is on."""
        with self._lock:
            for network in self._client.networks.list(filters={"label": f"{CLOUD_LABEL}={self._cloud}"}):
                if network.name in in_use:
                    continue
                relay = self._relays.pop(str(network.name), None)
                if relay:
                    relay.close()
                with contextlib.suppress(APIError):
                    network.remove()


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
        found = self._client.containers.list(all=True, filters={"label": f"{CLOUD_LABEL}={self._cloud}"})
        for container in found:
            with contextlib.suppress(NotFound):
                container.remove(v=True, force=True)
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
