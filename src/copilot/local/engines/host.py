"""The host engine behind ECS: tasks are plain processes of this machine."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

from copilot.images.store import ImageStore, StoredImage
from copilot.local.engines import process, sockets
from copilot.local.engines.process import HostContainer, Launch
from copilot.local.engines.proxy import ServiceProxy
from copilot.local.engines.spec import TaskContainer

ADDRESSES = "127.77."  # loopback, but nobody listens there: an address that only stands for a task


def not_found(what: str) -> Exception:
    """docker-py's "image not found": ECS tells it from other failures."""
    from docker.errors import ImageNotFound

    return ImageNotFound(what)


class HostImage:
    """An image, in docker-py's shape."""

    def __init__(self, stored: StoredImage) -> None:
        self.id = stored.id
        self.stored = stored

    def tag(self, repository: str, tag: str = "") -> bool:
        """An image has its names from its build already."""
        return True


class HostImages:
    """The image store, in the shape of docker-py's `images`."""

    def __init__(self, store: ImageStore, digest_of: Callable[[str], str]) -> None:
        self._store = store
        self._digest_of = digest_of

    def get(self, reference: str) -> HostImage:
        stored = self._store.find(self._digest_of(reference) or reference)
        if stored is None:
            raise not_found(
                f"{reference}: not found: the host engine has only images that it built; "
                "build it from a Dockerfile, or use --engine docker"
            )
        return HostImage(stored)

    def drop(self, digest: str) -> bool:
        """Deletes an image; tasks run in copies of it. False when it is not there."""
        return self._store.remove(digest)

    def pull(self, reference: str, **_options: Any) -> HostImage:
        return self.get(reference)

    def get_registry_data(self, reference: str, **_options: Any) -> HostImage:
        return self.get(reference)


class HostContainers:
    """Starts and remembers the processes, in the shape of docker-py's `containers`."""

    def __init__(self, images: HostImages, tasks: Path, proxy: ServiceProxy) -> None:
        self._images = images
        self._tasks = tasks
        self._proxy = proxy
        self._lock = threading.Lock()
        self._known: dict[str, HostContainer] = {}
        self._next = 0
        self._closed = False

    def run(self, image: str, *, spec: TaskContainer, **_options: Any) -> HostContainer:
        """Starts a container of a task."""
        stored = self._images.get(image).stored
        container_id = uuid4().hex + uuid4().hex
        folder = self._tasks / container_id[:16]
        folder.mkdir(parents=True)
        with self._lock:
            if self._closed:
                raise RuntimeError("the local cloud is stopping")
            address = self._address(spec)
            container = HostContainer(
                Launch(
                    id=container_id,
                    image=stored,
                    spec=spec,
                    folder=folder,
                    address=address,
                    environment=self._proxy.environment(spec.cluster_arn),
                ),
                self,
            )
            self._known[container_id] = container
        container.start()
        return container

    def _address(self, spec: TaskContainer) -> str:
        """A loopback address that stands for the task; its containers share it."""
        for other in self._known.values():
            if other.spec.task_arn == spec.task_arn:
                return other.address
        self._next = (self._next + 1) % (1 << 16)
        return f"{ADDRESSES}{self._next >> 8}.{self._next & 255}"

    def get(self, container_id: str) -> HostContainer:
        found = self._known.get(container_id)
        if found is None:
            raise not_found(f"no container {container_id}")
        return found

    def list(self, **_options: Any) -> list[HostContainer]:
        return list(self._known.values())

    def port_holders(self) -> dict[int, str]:
        """Who listens on which port: tasks by their names, others by their programs'."""
        tasks = {
            port: f"task {container.spec.task_id[:8]} of {container.spec.service or container.spec.name}"
            for container in self.list()
            for port in container.listening()
        }
        return sockets.holders() | tasks

    def forget(self, container_id: str) -> None:
        with self._lock:
            self._known.pop(container_id, None)

    def close(self) -> None:
        with self._lock:
            self._closed = True
        stop_all(self.list())


def stop_all(containers: list[HostContainer]) -> None:
    """Ends containers side by side."""
    threads = [threading.Thread(target=container.remove) for container in containers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class HostClient:
    """What ECS takes for a docker client."""

    engine = "host"

    def __init__(self, home: Path, images: Path, digest_of: Callable[[str], str]) -> None:
        tasks = home / "tasks"
        process.end_leftovers(tasks)
        shutil.rmtree(tasks, ignore_errors=True)
        self.proxy = ServiceProxy(self._running)
        self.images = HostImages(ImageStore(images), digest_of)
        self.containers = HostContainers(self.images, tasks, self.proxy)

    def _running(self, cluster_arn: str) -> list[HostContainer]:
        return [c for c in self.containers.list() if c.spec.cluster_arn == cluster_arn and c.status == "running"]

    def endpoint(self, port: int, cluster_arn: str) -> str:
        """The local cloud's address, as a task sees it."""
        return f"http://{sockets.LOOPBACK}:{port}"

    def reachable(self, ip: str, port: int) -> tuple[str, int]:
        """Where a task's container port is: a target's address stands for a task, its port for a container port."""
        same_task = [container for container in self.containers.list() if container.address == ip]
        for container in same_task:
            if port in container.ports and container.status == "running":
                return sockets.LOOPBACK, container.real_port(port)
        if same_task:
            return sockets.LOOPBACK, same_task[0].real_port(port)
        # A task that is gone: port 0 refuses, where its old address might be answered by somebody else.
        return (sockets.LOOPBACK, 0) if ip.startswith(ADDRESSES) else (ip, port)

    def close(self) -> None:
        """Ends every task."""
        self.containers.close()
        self.proxy.close()
