"""ECS task definitions with everything that a template says, and services that CloudFormation waits for."""

from __future__ import annotations

from typing import Any

from copilot.local.cloudformation.resources.handlers import (
    Handlers,
    Made,
    Properties,
    ResourceFailed,
    api_form,
    call,
    handlers,
)
from copilot.local.cloudformation.resources.rollout import Rollout

_MUTABLE = (
    "taskDefinition",
    "desiredCount",
    "networkConfiguration",
    "loadBalancers",
    "healthCheckGracePeriodSeconds",
    "enableExecuteCommand",
    "platformVersion",
    "capacityProviderStrategy",
    "deploymentConfiguration",
)
_CONNECT = "serviceConnectConfiguration"


def types() -> dict[str, Handlers]:
    """The ECS types whose handlers in the emulator leave properties out."""
    return {
        "AWS::ECS::TaskDefinition": handlers(_register, _deregister),
        "AWS::ECS::Service": handlers(_create_service, _delete_service, _update_service),
    }


def _register(logical_id: str, properties: Properties, stack_name: str) -> Made:
    from ministack.services import ecs

    request = {"family": f"{stack_name}-{logical_id}", **api_form(properties)}
    arn = call(ecs._register_task_definition, request)["taskDefinition"]["taskDefinitionArn"]
    return arn, {"TaskDefinitionArn": arn}


def _deregister(physical_id: str, _properties: Properties) -> None:
    from ministack.services import ecs

    if ecs._resolve_td_key(physical_id) in ecs._task_defs:
        call(ecs._deregister_task_definition, {"taskDefinition": physical_id})


def _create_service(logical_id: str, properties: Properties, stack_name: str) -> Made:
    """Creates the service empty, completes its record, then asks for the tasks and waits until they are steady.

    Service Connect's names must be on the record before the first task starts.
    """
    from ministack.core.responses import new_uuid
    from ministack.services import ecs

    request = api_form(properties)
    request.setdefault("serviceName", f"{stack_name}-{logical_id}-{new_uuid().replace('-', '')[:12]}")
    wanted = request.pop("desiredCount", 1)
    service = call(ecs._create_service, {**request, "desiredCount": 0})["service"]
    _note(stack_name, logical_id, service["serviceArn"], properties)
    rollout = Rollout.of(service["serviceArn"], stack_name)
    rollout.begin({_CONNECT: request.get(_CONNECT)})
    attributes = {"ServiceArn": service["serviceArn"], "Name": service["serviceName"]}
    try:
        call(ecs._update_service, {**_named(service["serviceArn"]), "desiredCount": wanted})
        rollout.wait()
    except ResourceFailed:
        # CloudFormation rolls back what was created, and a service that never became steady is not recorded as such.
        _delete_service(service["serviceArn"], properties)
        _forget(stack_name, logical_id)
        raise
    return service["serviceArn"], attributes


def _note(stack_name: str, logical_id: str, arn: str, properties: Properties) -> None:
    """Puts the service on its stack's record before it is steady: a stack that is cut short then still deletes it."""
    from ministack.services.cloudformation import _stacks

    _resources(_stacks.get(stack_name)).setdefault(
        logical_id,
        {
            "LogicalResourceId": logical_id,
            "PhysicalResourceId": arn,
            "ResourceType": "AWS::ECS::Service",
            "ResourceStatus": "CREATE_IN_PROGRESS",
            "Properties": properties,
            "Attributes": {},
        },
    )


def _forget(stack_name: str, logical_id: str) -> None:
    from ministack.services.cloudformation import _stacks

    resources = _resources(_stacks.get(stack_name))
    if resources.get(logical_id, {}).get("ResourceStatus") == "CREATE_IN_PROGRESS":
        del resources[logical_id]


def _resources(stack: dict[str, Any] | None) -> dict[str, Any]:
    resources: dict[str, Any] = (stack or {}).setdefault("_resources", {})
    return resources


def _update_service(physical_id: str, old: Properties, new: Properties, stack_name: str) -> Made:
    if old.get("ServiceName") != new.get("ServiceName") or old.get("Cluster") != new.get("Cluster"):
        return _create_service("Service", new, stack_name)
    try:
        _apply(physical_id, old, new)
        Rollout.of(physical_id, stack_name).wait()
    except ResourceFailed:
        # CloudFormation takes a service whose own update failed for unchanged, so it is sent back here.
        _apply(physical_id, new, old)
        raise
    return physical_id, {"ServiceArn": physical_id, "Name": physical_id.rpartition("/")[2]}


def _apply(arn: str, old: Properties, new: Properties) -> None:
    from ministack.services import ecs

    before, after = api_form(old), api_form(new)
    changed = {name: after[name] for name in _MUTABLE if name in after and after[name] != before.get(name)}
    Rollout.of(arn, "").describe({_CONNECT: after.get(_CONNECT)})
    call(ecs._update_service, {**_named(arn), **changed})
    Rollout.of(arn, "").describe({_CONNECT: after.get(_CONNECT)})
    ecs._tags[arn] = list(after.get("tags") or ())


def _delete_service(physical_id: str, _properties: Properties) -> None:
    from ministack.services import ecs

    cluster, service = _named(physical_id).values()
    record = ecs._services.get(f"{cluster}/{service}")
    if record and record["status"] == "ACTIVE":
        call(ecs._delete_service, {"cluster": cluster, "service": service, "force": True})
    ecs._tags.pop(physical_id, None)


def _named(arn: str) -> dict[str, str]:
    """The service of arn:aws:ecs:REGION:ACCOUNT:service/CLUSTER/NAME as a request names it."""
    _, cluster, service = arn.rpartition(":")[2].split("/", 2)
    return {"cluster": cluster, "service": service}
