"""The container networks of a local cloud, and the way from them to the cloud itself."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import threading
from typing import Any

import docker
from docker.errors import APIError

from copilot.local.engines.relay import Relay

CLOUD_LABEL = "copilot.local.cloud"
CLUSTER_LABEL = "copilot.local.cluster"
HOST_GATEWAY = "host-gateway"

logger = logging.getLogger("copilot.local")


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
