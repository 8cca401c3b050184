"""A service, and lists of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from copilot.cli.views.documents import document, listed, stack_resources, workloads
from copilot.model.description import InternalEndpoint, ServiceConfig, ServiceDescription
from copilot.model.records import Workload
from copilot.term.console import Ink, Stream
from copilot.term.tables import columns, ditto, pairs, sections, table

CPU_UNITS = 1024
"""ECS's units in one vCPU."""

LIST_WIDTH = 20
PARAMETER = "parameter/"
"""What the original puts before a secret of Parameter Store."""


def list_as_text(services: Sequence[Workload]) -> str:
    rows = [("Name", "Type"), ("----", "----"), *((one.name, one.type) for one in services)]
    return "\n".join(columns(rows, indent="", narrowest=LIST_WIDTH))


def list_as_json(services: Sequence[Workload]) -> str:
    return document({"services": workloads(services)})


def as_text(found: ServiceDescription, stream: Stream) -> str:
    about = [("Application", found.application), ("Name", found.service), ("Type", found.type)]
    parts = [pairs(stream, "About", about), _configurations(found, stream)]
    if found.rollback_alarms:
        rows = [(one.name, one.environment, one.description) for one in found.rollback_alarms]
        parts.append(table(stream, "Rollback Alarms", ("Name", "Environment", "Description"), ditto(rows)))
    if found.routes:
        rows_of_two = [(one.environment, one.url) for one in found.routes]
        parts.append(table(stream, "Routes", ("Environment", "URL"), rows_of_two))
    if found.service_connect or found.service_discovery:
        endpoints = [
            *_endpoints(found.service_connect, "Service Connect"),
            *_endpoints(found.service_discovery, "Service Discovery"),
        ]
        parts.append(table(stream, "Internal Service Endpoints", ("Endpoint", "Environment", "Type"), endpoints))
    parts.append(_variables(found, stream))
    if found.secrets:
        parts.append(_secrets(found, stream))
    if found.resources:
        parts.append(_resources(found, stream))
    return sections(parts)


def _configurations(found: ServiceDescription, stream: Stream) -> str:
    headings = ("Environment", "Tasks", "CPU (vCPU)", "Memory (MiB)", "Platform", "Port")
    rows = [
        (one.environment, one.tasks, _vcpu(one.cpu), one.memory, one.platform or "-", one.port)
        for one in found.configurations
    ]
    return table(stream, "Configurations", headings, ditto(rows))


def _vcpu(units: str) -> str:
    return f"{int(units) / CPU_UNITS:g}" if units.isdigit() else units


def _endpoints(found: Sequence[InternalEndpoint], kind: str) -> list[tuple[str, str, str]]:
    return [(one.endpoint, ", ".join(one.environments), kind) for one in found]


def _variables(found: ServiceDescription, stream: Stream) -> str:
    rows = sorted((one.name, one.container, one.environment, one.value) for one in found.variables)
    return table(stream, "Variables", ("Name", "Container", "Environment", "Value"), ditto(rows))


def _secrets(found: ServiceDescription, stream: Stream) -> str:
    rows = sorted((one.name, one.container, one.environment, _source(one.value_from)) for one in found.secrets)
    return table(stream, "Secrets", ("Name", "Container", "Environment", "Value From"), ditto(rows))


def _source(value_from: str) -> str:
    return value_from if value_from.startswith("arn:") else PARAMETER + value_from


def _resources(found: ServiceDescription, stream: Stream) -> str:
    blocks = [
        "\n".join([f"  {env}", *columns([(one.type, one.physical_id) for one in members], indent="    ")])
        for env, members in found.resources.items()
    ]
    return "\n\n".join([stream.paint("Resources", Ink.HEADING), *blocks]) + "\n"


def as_json(found: ServiceDescription) -> str:
    content: dict[str, Any] = {
        "service": found.service,
        "type": found.type,
        "application": found.application,
        "configurations": listed(_configuration(one) for one in found.configurations),
    }
    if found.rollback_alarms:
        content["rollbackAlarms"] = [
            {"name": one.name, "description": one.description, "environment": one.environment}
            for one in found.rollback_alarms
        ]
    content["routes"] = listed({"environment": one.environment, "url": one.url} for one in found.routes)
    content["serviceDiscovery"] = _endpoint_documents(found.service_discovery)
    if found.service_connect:
        content["serviceConnect"] = _endpoint_documents(found.service_connect)
    content["variables"] = listed(
        {"environment": one.environment, "name": one.name, "value": one.value, "container": one.container}
        for one in found.variables
    )
    if found.secrets:
        content["secrets"] = [
            {"name": one.name, "container": one.container, "environment": one.environment, "valueFrom": one.value_from}
            for one in found.secrets
        ]
    if found.resources:
        content["resources"] = {env: stack_resources(members) for env, members in found.resources.items()}
    return document(content)


def _configuration(one: ServiceConfig) -> dict[str, str]:
    platform = {"platform": one.platform} if one.platform else {}
    sizes = {"environment": one.environment, "port": one.port, "cpu": one.cpu, "memory": one.memory}
    return {**sizes, **platform, "tasks": one.tasks}


def _endpoint_documents(found: Sequence[InternalEndpoint]) -> list[dict[str, Any]] | None:
    return listed({"environment": list(one.environments), "endpoint": one.endpoint} for one in found)
