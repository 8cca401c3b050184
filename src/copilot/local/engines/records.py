"""What ECS's and Cloud Map's records say about a task: its service, and the names that it answers to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from copilot.local.engines.health import HEALTHY, UNHEALTHY, UNKNOWN
from copilot.local.engines.spec import Name

SCHEDULER = "ServiceSchedulerInitiated"


def service_of(task_group: str) -> str:
    """The service that started a task, from the task's group; empty for a task that runs on its own."""
    kind, _, name = task_group.partition(":")
    return name if kind == "service" else ""


def names_of(
    service: Mapping[str, Any], task_definition: Mapping[str, Any], registered: Iterable[str]
) -> tuple[Name, ...]:
    """The names of a service's tasks: Service Connect's aliases and Cloud Map's `service.namespace`."""
    return tuple(dict.fromkeys([*_connect_names(service, task_definition), *(Name(host=host) for host in registered)]))


def _connect_names(service: Mapping[str, Any], task_definition: Mapping[str, Any]) -> list[Name]:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceConnectService.html"""
    config = service.get("serviceConnectConfiguration") or {}
    if str(config.get("enabled", "")).lower() != "true":
        return []
    ports = {
        mapping.get("name"): int(mapping["containerPort"])
        for definition in task_definition.get("containerDefinitions") or ()
        for mapping in definition.get("portMappings") or ()
    }
    found = []
    for offer in config.get("services") or ():
        target = ports.get(offer.get("portName"), 0)
        default = f"{offer.get('discoveryName') or offer.get('portName')}.{config.get('namespace', '')}"
        for alias in offer.get("clientAliases") or ():
            port = int(alias.get("port") or target)
            found.append(Name(host=str(alias.get("dnsName") or default), port=port, target=target))
    return found


def registered_names(service: Mapping[str, Any], registry: Any) -> list[str]:
    """`service.namespace` for each Cloud Map registration; `registry` is the emulator's Cloud Map module."""
    found = []
    for registration in service.get("serviceRegistries") or ():
        service_id = str(registration.get("registryArn", "")).rpartition("/")[2]
        entry = registry._services.get(service_id)
        namespace = registry._namespaces.get(entry.get("NamespaceId") or _dns_namespace(entry)) if entry else None
        if entry and namespace:
            found.append(f"{entry['Name']}.{namespace['Name']}")
    return found


def _dns_namespace(entry: Mapping[str, Any]) -> str:
    return str((entry.get("DnsConfig") or {}).get("NamespaceId", ""))


def settle(task: dict[str, Any], now: Any) -> None:
    """The record of a task that ended with the server that ran it."""
    task.update(
        desiredStatus="STOPPED",
        stoppedAt=now,
        stoppedReason="The local cloud was restarted",
        stopCode=SCHEDULER,
        healthStatus=UNKNOWN,
        attachments=[],
    )
    for container in task.get("containers") or ():
        container.update(lastStatus="STOPPED", healthStatus=UNKNOWN)


def overall(statuses: list[str]) -> str:
    """A task's health from that of its essential containers that are checked."""
    if not statuses:
        return UNKNOWN
    if UNHEALTHY in statuses:
        return UNHEALTHY
    return HEALTHY if all(status == HEALTHY for status in statuses) else UNKNOWN


def wire_shape(value: Any) -> Any:
    """A stored record as it is sent: without the emulator's own members and those that have no value.

    Records change while they are read, by the threads that watch tasks: each is copied in one step first.
    """
    if isinstance(value, dict):
        members = dict(value)
        return {key: wire_shape(item) for key, item in members.items() if not key.startswith("_") and item is not None}
    if isinstance(value, list):
        return [wire_shape(item) for item in list(value)]
    return value


def wire_time(value: Any) -> Any:
    """A stored time as it is sent: seconds of the epoch, with the fraction that the emulator would cut off.

    A client that waits for a deployment takes one that was updated before the stack's event, however little, for the
    one before it, and waits on. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Deployment.html
    """
    try:
        return datetime.fromisoformat(value).timestamp() if isinstance(value, str) else value
    except ValueError:
        return value
