"""DynamicDesiredCountFunction: how many tasks a service wants now, so that deployments keep what autoscaling chose."""

from __future__ import annotations

from typing import Any

import boto3

from copilot.lambdas.custom_resource import Request, serve


def handler(event: dict[str, Any], context: Any) -> None:
    properties = event["ResourceProperties"]
    physical_id = f"copilot/apps/{properties['App']}/envs/{properties['Env']}/services/{properties['Svc']}/autoscaling"
    serve(event, context, physical_id, work)


def work(request: Request) -> None:
    """Answers DesiredCount; the default one while there is no service, and whenever it can't be found out."""
    if request.type == "Delete":
        return
    properties = request.properties
    try:
        count = desired_count(properties)
    except Exception as error:
        print(f"the service's desired count is unknown, the default is used: {error}")
        count = None
    request.data["DesiredCount"] = int(properties["DefaultDesiredCount"]) if count is None else count


def desired_count(properties: dict[str, Any]) -> int | None:
    """The desired count of the one active service with the workload's tags; None unless there is exactly one."""
    keys = {"copilot-application": "App", "copilot-environment": "Env", "copilot-service": "Svc"}
    pages = (
        boto3.client("resourcegroupstaggingapi")
        .get_paginator("get_resources")
        .paginate(
            ResourceTypeFilters=["ecs:service"],
            TagFilters=[{"Key": tag, "Values": [properties[name]]} for tag, name in keys.items()],
        )
    )
    arns = [resource["ResourceARN"] for page in pages for resource in page["ResourceTagMappingList"]]
    if not arns:
        return None
    services = boto3.client("ecs").describe_services(cluster=properties["Cluster"], services=arns[:10])["services"]
    active = [service for service in services if service["status"] == "ACTIVE"]
    return int(active[0]["desiredCount"]) if len(active) == 1 else None
