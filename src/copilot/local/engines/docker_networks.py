"""The container networks of a local cloud, and the way from them to the cloud itself."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import threading
from typing import Any

import docker
from docker.errors import APIError

from copilot.local.engines.docker_options import CLOUD_LABEL
from copilot.local.engines.relay import Relay

CLUSTER_LABEL = "copilot.local.cluster"
HOST_GATEWAY = "host-gateway"

logger = logging.getLogger("copilot.local")


class Networks:
    """A network for each ECS cluster: names of one environment don't answer in another.

    `is_late` is true of an engine that puts a network's gateway on this machine with the network's first container.
    """

    def __init__(self, client: docker.DockerClient, cloud: str, port: int, *, is_late: bool = False) -> None:
        self._client = client
        self._cloud = cloud
        self._port = port
        self.is_late = is_late
        self._lock = threading.RLock()
        self._gateways: dict[str, tuple[str, str]] = {}
        self._relays: dict[str, Relay] = {}

    def name_of(self, cluster_arn: str) -> str:
        return f"copilot-{self._cloud}-{hashlib.sha256(cluster_arn.encode()).hexdigest()[:8]}"

    def ensure(self, cluster_arn: str) -> str:
        """The network of a cluster, made when it is not there."""
        name = self.name_of(cluster_arn)
        with self._lock:
            found = self._client.networks.list(names=[name])
            network = found[0] if found else self._create(name, cluster_arn)
            if name not in self._gateways and (gateway := _ipv4_gateway(network)):
                self._gateways[name] = gateway
            self.open_relay(name)
        return name

    def _create(self, name: str, cluster_arn: str) -> Any:
        labels = {CLOUD_LABEL: self._cloud, CLUSTER_LABEL: cluster_arn}
        return self._client.networks.create(name, driver="bridge", labels=labels)

    def open_relay(self, name: str) -> None:
        """Lets the network's containers reach the local cloud, as soon as the gateway is there."""
        with self._lock:
            if name in self._relays or name not in self._gateways:
                return
            address, subnet = self._gateways[name]
            try:
                self._relays[name] = Relay(address, self._port, subnet)
            except OSError as err:
                # Docker Desktop and rootless engines have the gateway elsewhere and bring a way to loopback.
                logger.debug("no relay on %s: %s", address, err)

    def gateway(self, name: str) -> str:
        """The address by which a network's containers reach this machine; HOST_GATEWAY leaves it to the engine.

        The latter is so where the network is not on this machine: Docker Desktop, rootless engines.
        """
        with self._lock:
            is_here = name in self._relays or (self.is_late and name in self._gateways)
            return self._gateways[name][0] if is_here else HOST_GATEWAY

    def drop_unused(self, in_use: set[str]) -> None:
        """Removes this cloud's networks that no container is on."""
        with self._lock:
            for network in self._client.networks.list(filters={"label": f"{CLOUD_LABEL}={self._cloud}"}):
                if network.name in in_use:
                    continue
                self._gateways.pop(str(network.name), None)
                relay = self._relays.pop(str(network.name), None)
                if relay:
                    relay.close()
                with contextlib.suppress(APIError):
                    network.remove()


def _ipv4_gateway(network: Any) -> tuple[str, str] | None:
    """The network's gateway and subnet."""
    network.reload()
    configs = (network.attrs.get("IPAM") or {}).get("Config") or ()
    return next(((each["Gateway"], each["Subnet"]) for each in configs if "." in each.get("Gateway", "")), None)
