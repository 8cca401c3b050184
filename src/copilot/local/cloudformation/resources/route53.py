"""Groups of DNS records."""

from __future__ import annotations

from collections.abc import Iterator

from copilot.local.cloudformation.resources.handlers import Handlers, Made, Properties, handlers


def types() -> dict[str, Handlers]:
    """The Route 53 types that the emulator lacks."""
    return {"AWS::Route53::RecordSetGroup": handlers(_create, _delete, _update)}


def _create(logical_id: str, properties: Properties, stack_name: str) -> Made:
    for record in _records(properties):
        _single()["create"](logical_id, record, stack_name)
    return f"{stack_name}-{logical_id}", {}


def _update(physical_id: str, old: Properties, new: Properties, stack_name: str) -> Made:
    _delete(physical_id, old)
    for record in _records(new):
        _single()["create"](physical_id, record, stack_name)
    return physical_id, {}


def _delete(physical_id: str, properties: Properties) -> None:
    for record in _records(properties):
        _single()["delete"](physical_id, record)


def _records(properties: Properties) -> Iterator[Properties]:
    """The group's records, each with the zone that the group names."""
    zone = {name: properties[name] for name in ("HostedZoneId", "HostedZoneName") if properties.get(name)}
    for record in properties.get("RecordSets") or ():
        yield {**zone, **record}


def _single() -> Handlers:
    from ministack.services.cloudformation.provisioners import _RESOURCE_HANDLERS

    entry: Handlers = _RESOURCE_HANDLERS["AWS::Route53::RecordSet"]
    return entry
