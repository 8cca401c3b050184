"""A local cloud with an engine of a test's choice, and the few calls by which the engines are tried."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import boto3

from copilot.aws.cloud import Cloud
from copilot.aws.connection import Keys
from copilot.images import engines
from copilot.images.engine import BuildRequest, PublishedImage, RegistryAccess
from copilot.images.publish import publish
from copilot.local.clouds import LocalCloud

CLUSTER = "test"
T = TypeVar("T")


def eventually(find: Callable[[], T], seconds: float = 120) -> T:
    """The first true answer of `find`."""
    deadline = time.monotonic() + seconds
    while not (found := find()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
    return found


class Bench:
    """A running local cloud of its own."""

    def __init__(self, root: Path, engine: str) -> None:
        self.root = root
        self.engine = engine
        self.environ = {**os.environ, "COPILOT_LOCAL_HOME": str(root / "clouds")}
        (root / "workspace").mkdir()
        self.cloud = LocalCloud.at(root / "workspace", self.environ)
        self.start()

    def start(self) -> None:
        self.endpoint = self.cloud.start(engine=self.engine)
        self.ecs, self.ecr, self.logs, self.names = map(self.client, ("ecs", "ecr", "logs", "servicediscovery"))

    def client(self, service: str) -> Any:
        return boto3.client(  # type: ignore[call-overload]
            service,
            endpoint_url=self.endpoint.url,
            aws_access_key_id=self.endpoint.access_key,
            aws_secret_access_key=self.endpoint.secret_key,
            region_name=self.endpoint.region,
        )

    def publish(self, name: str, files: Mapping[str, str | bytes]) -> PublishedImage:
        """Builds an image and puts it on record as a deployment does."""
        context = self.root / "contexts" / name
        context.mkdir(parents=True, exist_ok=True)
        for path, content in files.items():
            (context / path).write_bytes(content if isinstance(content, bytes) else content.encode())
            (context / path).chmod(0o755)
        found = {each["repositoryName"] for each in self.ecr.describe_repositories()["repositories"]}
        if name not in found:
            self.ecr.create_repository(repositoryName=name)
        token = self.ecr.get_authorization_token()["authorizationData"][0]
        uri = f"{self.endpoint.access_key}.dkr.ecr.{self.endpoint.region}.amazonaws.com/{name}"
        builder = engines.choose(self.engine, self.environ)
        request = BuildRequest(dockerfile=context / "Dockerfile", context=context, tags=(f"{uri}:latest",))
        built = builder.build(request, lambda line: None)
        access = RegistryAccess(uri=uri, is_loopback="//127.0.0.1:" in token["proxyEndpoint"])
        published = publish(builder, built, access, lambda line: None)
        keys = Keys(access_key_id=self.endpoint.access_key, secret_access_key=self.endpoint.secret_key)
        cloud = Cloud.connect(keys=keys, region=self.endpoint.region, endpoint=self.endpoint.url)
        cloud.repositories.record(name, digest=published.digest, tags=("latest",))
        return published

    def balancer(self, name: str, *, health_path: str) -> tuple[str, str]:
        """A load balancer that forwards everything to a new target group: its URL, and the group's ARN."""
        elb = self.client("elbv2")
        group = elb.create_target_group(
            Name=name,
            Protocol="HTTP",
            Port=8080,
            TargetType="ip",
            VpcId="vpc-1",
            HealthCheckPath=health_path,
            HealthyThresholdCount=2,
            UnhealthyThresholdCount=2,
        )["TargetGroups"][0]["TargetGroupArn"]
        balancer = elb.create_load_balancer(Name=name, Subnets=["subnet-1"])["LoadBalancers"][0]
        forward = [{"Type": "forward", "TargetGroupArn": group}]
        elb.create_listener(
            LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=80, DefaultActions=forward
        )
        return f"http://{balancer['DNSName']}/", str(group)

    def target_states(self, group: str) -> list[str]:
        found = self.client("elbv2").describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
        return [each["TargetHealth"]["State"] for each in found]

    def service(self, name: str, image: str, *, count: int = 1, group: str = "", **definition: Any) -> str:
        """Creates or updates a service with Service Connect; its task definition's ARN."""
        log_group = f"/copilot/{name}"
        if not self.logs.describe_log_groups(logGroupNamePrefix=log_group)["logGroups"]:
            self.logs.create_log_group(logGroupName=log_group)
        options = {
            "awslogs-group": log_group,
            "awslogs-region": self.endpoint.region,
            "awslogs-stream-prefix": "copilot",
        }
        container = {
            "name": name,
            "image": image,
            "portMappings": [{"containerPort": 8080, "name": "target"}],
            "logConfiguration": {"logDriver": "awslogs", "options": options},
            **definition,
        }
        task = self.ecs.register_task_definition(
            family=name, networkMode="awsvpc", cpu="256", memory="512", containerDefinitions=[container]
        )["taskDefinition"]["taskDefinitionArn"]
        asked: dict[str, Any] = {"cluster": CLUSTER, "taskDefinition": task, "desiredCount": count}
        if name in self.services():
            self.ecs.update_service(service=name, **asked)
        else:
            targets = [{"targetGroupArn": group, "containerName": name, "containerPort": 8080}] if group else []
            offer = {"portName": "target", "clientAliases": [{"port": 8080, "dnsName": name}]}
            self.ecs.create_service(
                serviceName=name,
                launchType="FARGATE",
                loadBalancers=targets,
                deploymentConfiguration={"deploymentCircuitBreaker": {"enable": True, "rollback": True}},
                serviceConnectConfiguration={"enabled": True, "namespace": "test.vote.local", "services": [offer]},
                **asked,
            )
        return str(task)

    def run(self, family: str, definitions: list[dict[str, Any]], *, cluster: str = CLUSTER) -> str:
        """Starts one task of its own, whose containers log; the task's ARN."""
        group = f"/copilot/{family}"
        self.logs.create_log_group(logGroupName=group)
        options = {"awslogs-group": group, "awslogs-region": self.endpoint.region, "awslogs-stream-prefix": "copilot"}
        logging = {"logConfiguration": {"logDriver": "awslogs", "options": options}}
        task = self.ecs.register_task_definition(
            family=family,
            networkMode="awsvpc",
            cpu="256",
            memory="512",
            containerDefinitions=[{**logging, **each} for each in definitions],
        )["taskDefinition"]["taskDefinitionArn"]
        self.ecs.create_cluster(clusterName=cluster)
        return str(self.ecs.run_task(cluster=cluster, taskDefinition=task)["tasks"][0]["taskArn"])

    def task(self, arn: str) -> dict[str, Any]:
        """A task's record."""
        cluster = arn.rpartition("task/")[2].partition("/")[0]
        found: dict[str, Any] = self.ecs.describe_tasks(cluster=cluster, tasks=[arn])["tasks"][0]
        return found

    def container(self, arn: str, name: str) -> dict[str, Any]:
        """A container's record."""
        return next(each for each in self.task(arn)["containers"] if each["name"] == name)

    def events(self, family: str, container: str, arn: str) -> list[tuple[str, int]]:
        """What a container of a task wrote, with the time of each line."""
        stream = f"copilot/{container}/{arn.rpartition('/')[2]}"
        known = self.logs.describe_log_streams(logGroupName=f"/copilot/{family}", logStreamNamePrefix=stream)
        if not known["logStreams"]:
            return []
        events = self.logs.get_log_events(logGroupName=f"/copilot/{family}", logStreamName=stream)["events"]
        return [(event["message"], event["timestamp"]) for event in events]

    def services(self) -> list[str]:
        if not self.ecs.list_clusters()["clusterArns"]:
            self.ecs.create_cluster(clusterName=CLUSTER)
        arns = self.ecs.list_services(cluster=CLUSTER)["serviceArns"]
        return [arn.rpartition("/")[2] for arn in arns]

    def deployment(self, name: str) -> dict[str, Any]:
        """The primary deployment of a service."""
        service = self.ecs.describe_services(cluster=CLUSTER, services=[name])["services"][0]
        return next(each for each in service["deployments"] if each["status"] == "PRIMARY")

    def is_steady(self, name: str, count: int = 1) -> bool:
        deployment = self.deployment(name)
        return bool(deployment["rolloutState"] == "COMPLETED" and deployment["runningCount"] == count)

    def is_saved(self, name: str) -> bool:
        """Whether the service would be there again if the cloud was killed now."""
        saved = self.cloud.home.state / "ecs.json"
        return saved.exists() and f'"serviceName": "{name}"' in saved.read_text()

    def tasks(self, name: str, status: str = "RUNNING") -> list[dict[str, Any]]:
        arns = self.ecs.list_tasks(cluster=CLUSTER, serviceName=name, desiredStatus=status)["taskArns"]
        found = self.ecs.describe_tasks(cluster=CLUSTER, tasks=arns)["tasks"] if arns else []
        return [task for task in found if task["lastStatus"] == status]

    def log(self, name: str, task: Mapping[str, Any]) -> list[str]:
        """What CloudWatch Logs holds of a task."""
        stream = f"copilot/{name}/{task['taskArn'].rpartition('/')[2]}"
        known = self.logs.describe_log_streams(logGroupName=f"/copilot/{name}", logStreamNamePrefix=stream)[
            "logStreams"
        ]
        if not known:
            return []
        events = self.logs.get_log_events(logGroupName=f"/copilot/{name}", logStreamName=stream)["events"]
        return [event["message"] for event in events]
