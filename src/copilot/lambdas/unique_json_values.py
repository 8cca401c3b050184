"""UniqueJSONValuesFunction: the aliases of some services as one sorted list, for a distribution to serve."""

from __future__ import annotations

import json
from typing import Any

from copilot.lambdas.custom_resource import Request, serve


def handler(event: dict[str, Any], context: Any) -> None:
    serve(event, context, event["LogicalResourceId"], work)


def work(request: Request) -> None:
    """Answers UniqueValues: the aliases of the services in FilterFor, and the additional strings."""
    if request.type == "Delete":
        return
    properties = request.properties
    aliases = json.loads(properties.get("Aliases") or "{}")
    services = (properties.get("FilterFor") or "").split(",")
    values = {alias for service in services for alias in aliases.get(service, [])}
    request.data["UniqueValues"] = sorted(values | set(properties.get("AdditionalStrings") or []))
