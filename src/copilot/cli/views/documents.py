"""JSON documents the way the original writes them, and the records that several of them hold."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from copilot.model.description import StackResource
from copilot.model.records import Env, Workload

T = TypeVar("T")

ZERO_TIME = "0001-01-01T00:00:00Z"
"""Go's time that was never set."""


def document(content: Mapping[str, Any]) -> str:
    """One JSON document on one line, its keys in the order given."""
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False)


def listed(values: Iterable[T]) -> list[T] | None:
    """A list as Go writes one that things were put into: null when there were none."""
    return list(values) or None


def moment(value: datetime | None) -> str:
    """A time as RFC 3339 in UTC, with a fraction of a second only where there is one, as Go writes it."""
    if value is None:
        return ZERO_TIME
    whole, _, fraction = value.astimezone(UTC).replace(tzinfo=None).isoformat().partition(".")
    return f"{whole}.{fraction.rstrip('0')}Z" if fraction else f"{whole}Z"


def environment(env: Env) -> dict[str, Any]:
    found: dict[str, Any] = {
        "app": env.app,
        "name": env.name,
        "region": env.region,
        "accountID": env.account_id,
        "registryURL": env.registry_url,
        "executionRoleARN": env.execution_role_arn,
        "managerRoleARN": env.manager_role_arn,
    }
    if env.custom_config is not None:
        found["customConfig"] = dict(env.custom_config)
    if env.telemetry is not None:
        found["telemetry"] = dict(env.telemetry)
    return found


def workloads(found: Sequence[Workload]) -> list[dict[str, str]] | None:
    return listed({"app": one.app, "name": one.name, "type": one.type} for one in found)


def stack_resources(found: Sequence[StackResource]) -> list[dict[str, str]]:
    return [{"type": one.type, "physicalID": one.physical_id, "logicalID": one.logical_id} for one in found]
