"""Which target groups a task is in: those that its service had as it started, for as long as it runs.

The emulator moves every task of a service to the groups that the service has now. ECS leaves a task where it was
registered, so that the version before goes on answering there while a new one gets healthy.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-load-balancing.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MEMBERSHIP = "_target_groups"
PUBLISHED = "_published_targets"


def groups_of(task: Mapping[str, Any], service: Mapping[str, Any]) -> dict[str, int]:
    """The task's target groups, each with the container port that is registered there."""
    known: dict[str, int] | None = task.get(MEMBERSHIP)
    if known is not None:
        return known
    balancers = service.get("loadBalancers") or ()
    return {each["targetGroupArn"]: each.get("containerPort", 80) for each in balancers if each.get("targetGroupArn")}


def sync(ecs: Any, cluster_name: str, service: dict[str, Any]) -> None:
    """Registers the service's running tasks in their groups, and takes those out that it had registered before."""
    from ministack.core.concurrency import resource_lock
    from ministack.services import alb

    published: dict[str, list[str]] = service.setdefault(PUBLISHED, {})
    for group in dict.fromkeys([*published, *groups_of({}, service)]):
        with resource_lock("elbv2-targets", group):
            targets = _targets(ecs, service, group)
            alb.set_targets_for_group(group, targets, published.get(group, ()))
            published[group] = [address for address, _ in targets]


def _targets(ecs: Any, service: dict[str, Any], group: str) -> list[tuple[str, int]]:
    """Addresses and ports of the tasks that are in the group. A task that is seen running for the first time joins."""
    if service.get("status") != "ACTIVE":
        return []
    found = []
    for task in list(ecs._tasks.values()):
        is_ours = task.get("group") == f"service:{service.get('serviceName')}"
        if not is_ours or task.get("clusterArn") != service.get("clusterArn") or task.get("lastStatus") != "RUNNING":
            continue
        groups = task.setdefault(MEMBERSHIP, groups_of({}, service))
        address = ecs._task_ip(task)
        if group in groups and address:
            found.append((address, groups[group]))
    return found
