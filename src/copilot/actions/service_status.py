"""How a service does: its tasks, their health, its alarms."""

from __future__ import annotations

from copilot.actions.context import Context
from copilot.actions.requests import ServiceOf
from copilot.describe.status import describe_status
from copilot.model.description import ServiceStatus


def service_status(request: ServiceOf, context: Context) -> ServiceStatus:
    return describe_status(request.app, request.env, request.name, context.cloud)
