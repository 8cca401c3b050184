"""What the emulator's ECS leaves out of a service, noted as it is created, updated and given its tasks."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping
from typing import Any

PLACING_FIELDS = ("loadBalancers", "networkConfiguration", "capacityProviderStrategy", "platformVersion")
RECORDED_FIELDS = frozenset({"serviceRegistries", "serviceConnectConfiguration", "propagateTags"})


class ServiceSeams:
    """The replacements that concern services rather than their tasks; they call what they stand in for."""

    def __init__(self, ecs: Any) -> None:
        self._ecs = ecs
        self._create = ecs._create_service
        self._update = ecs._update_service
        self._reconcile = ecs._reconcile_service_tasks
        self._here = threading.local()

    def create(self, data: dict[str, Any]) -> Any:
        """CreateService, which would leave Service Connect off the record."""
        with self._noting(data) as whole:
            return self._create(whole)

    def update(self, data: dict[str, Any]) -> Any:
        """UpdateService; see create(). What changes how tasks are reached or placed begins a new deployment."""
        with self._noting(data) as whole:
            if self._moves_tasks(whole):
                whole = {**whole, "forceNewDeployment": True}
            return self._update(whole)

    def _moves_tasks(self, data: Mapping[str, Any]) -> bool:
        cluster = self._ecs._resolve_cluster_name(data.get("cluster", "default"))
        name, _ = self._ecs._resolve_service_ref(data.get("service", "")) or ("", "")
        record = self._ecs._services.get(f"{cluster}/{name}") or {}
        return any(field in data and (data[field] or None) != (record.get(field) or None) for field in PLACING_FIELDS)

    def reconcile(self, cluster_name: str, service_key: str) -> None:
        """Completes a service's record before its tasks are started from it."""
        record = self._ecs._services.get(service_key)
        noted = getattr(self._here, "noted", None)
        if record is not None and noted and noted.get("serviceName", noted.get("service")) in _names_of_record(record):
            for name in RECORDED_FIELDS & noted.keys():
                record[name] = noted[name]
            if "serviceName" in noted and record.get("desiredCount"):
                # A new service's deployment is under way until its tasks are good, as an update's is.
                record["deployments"][0].update(rolloutState="IN_PROGRESS", rolloutStateReason="")
            connect = noted.get("serviceConnectConfiguration")
            if connect and record.get("deployments"):
                record["deployments"][0]["serviceConnectConfiguration"] = connect
        self._reconcile(cluster_name, service_key)

    @contextlib.contextmanager
    def _noting(self, data: dict[str, Any]) -> Iterator[dict[str, Any]]:
        self._here.noted = data
        try:
            yield data
        finally:
            self._here.noted = {}


def _names_of_record(record: Mapping[str, Any]) -> tuple[str, str]:
    return str(record.get("serviceName")), str(record.get("serviceArn"))
