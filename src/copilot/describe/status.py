"""A service's tasks, deployments, target health and alarms, as `svc status` tells them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from copilot import names
from copilot.aws.alarms import AUTO_SCALING, ROLLBACK
from copilot.aws.cloud import Cloud
from copilot.aws.ecs import Service, Task
from copilot.aws.parallel import each, together
from copilot.describe.app import env_cloud
from copilot.errors import NotFound
from copilot.model.description import AlarmStatus, Deployment, Image, ServiceStatus, TargetHealth, TaskStatus
from copilot.registry.registry import Registry

SHOWN_STOPPED_TASKS = 10
SERVICE_TYPE = "AWS::ECS::Service"


def describe_status(app: str, env_name: str, name: str, cloud: Cloud) -> ServiceStatus:
    """The service's state now. NotFound when it is not deployed in the environment."""
    registry = Registry(cloud)
    env, _ = together(lambda: registry.get_env(app, env_name), lambda: registry.get_service(app, name))
    inside = env_cloud(cloud, env)
    cluster, arn = find_service(inside, app, env_name, name)
    stack = names.workload_stack(app, env_name, name)
    service, running, stopped = together(
        lambda: inside.services.get(cluster, arn),
        lambda: inside.services.tasks(cluster, family=stack),
        lambda: inside.services.tasks(cluster, family=stack, stopped=True),
    )
    health, alarms = together(
        lambda: _target_health(inside, service, running),
        lambda: _alarms(inside, cluster, service.name, names.rollback_alarms(app, env_name, name)),
    )
    newest = service.deployments[0] if service.deployments else None
    return ServiceStatus(
        desired_count=service.desired,
        running_count=service.running,
        status=service.status,
        last_deployment_at=newest.updated_at if newest else datetime.fromtimestamp(0, UTC),
        task_definition=service.task_definition,
        deployments=[
            Deployment(
                id=d.id,
                desired_count=d.desired,
                running_count=d.running,
                updated_at=d.updated_at,
                launch_type=d.launch_type,
                task_definition=d.task_definition,
                status=d.status,
            )
            for d in service.deployments
        ],
        tasks=[_task(task) for task in running],
        stopped_tasks=[_task(task) for task in stopped[-SHOWN_STOPPED_TASKS:]],
        alarms=alarms,
        target_health=health,
    )


def find_service(cloud: Cloud, app: str, env: str, name: str) -> tuple[str, str]:
    """The cluster's name and the service's ARN, as the service's stack knows them.

    Tags would tell it too, but AWS finds by them what was made, or is gone, only after a while.
    """
    resources = cloud.stacks.resources(names.workload_stack(app, env, name))
    arn = next((r.physical_id for r in resources if r.type == SERVICE_TYPE and r.physical_id), "")
    if not arn:
        raise NotFound(
            f"service {name} not found in environment {env}: it is not deployed there",
            hints=(f"copilot svc deploy --name {name} --env {env}",),
        )
    return arn.split("/")[-2], arn


def _target_health(cloud: Cloud, service: Service, tasks: Sequence[Task]) -> list[TargetHealth]:
    by_address = {address: task.id for task in tasks for address in task.addresses}
    groups = each(cloud.load_balancers.target_health, service.target_groups)
    return [
        TargetHealth(
            target_id=target.id,
            description=target.description,
            state=target.state,
            reason=target.reason,
            task_id=by_address.get(target.id, ""),
            target_group=group,
        )
        for group, targets in zip(service.target_groups, groups, strict=True)
        for target in targets
        if target.id in by_address
    ]


def _alarms(cloud: Cloud, cluster: str, service: str, rollback: Sequence[str]) -> list[AlarmStatus]:
    scaling = cloud.alarms.scaling_alarm_names(cluster, service)
    return [*cloud.alarms.named(scaling, AUTO_SCALING), *cloud.alarms.named(rollback, ROLLBACK)]


def _task(task: Task) -> TaskStatus:
    return TaskStatus(
        health=task.health,
        id=task.id,
        images=[Image(id=container.image, digest=container.digest) for container in task.containers],
        last_status=task.status,
        started_at=task.started_at,
        stopped_at=task.stopped_at,
        stopped_reason=task.stopped_reason,
        capacity_provider=task.capacity_provider,
        task_definition_arn=task.task_definition,
    )
