"""What an application has on a cloud, asked of AWS's own APIs and not of Copilot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3

from copilot.local.clouds import ACCOUNT, REGION, SECRET_KEY


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """Looks at one cloud for whatever carries the name of one application."""

    url: str
    app: str

    def everything(self) -> list[str]:
        """A line for each thing that is there; an empty list means that nothing is left over."""
        found = [*self.stacks(), *self.stack_sets(), *self.records(), *self.roles(), *self.buckets()]
        return sorted([*found, *self.repositories(), *self.log_groups(), *self.clusters(), *self.balancers()])

    def stacks(self) -> list[str]:
        pages = client("cloudformation", self.url).get_paginator("describe_stacks").paginate()
        names = [
            stack["StackName"]
            for page in pages
            for stack in page["Stacks"]
            if stack["StackStatus"] != "DELETE_COMPLETE"
        ]
        return [f"stack {name}" for name in names if self._is_ours(name)]

    def status(self, stack: str) -> str:
        """The stack's status; empty when there is none."""
        for page in client("cloudformation", self.url).get_paginator("describe_stacks").paginate():
            for each in page["Stacks"]:
                if each["StackName"] == stack and each["StackStatus"] != "DELETE_COMPLETE":
                    return str(each["StackStatus"])
        return ""

    def tags(self, stack: str) -> dict[str, str]:
        found = client("cloudformation", self.url).describe_stacks(StackName=stack)["Stacks"][0]["Tags"]
        return {tag["Key"]: tag["Value"] for tag in found}

    def image(self, stack: str) -> str:
        """The image that a workload's stack was deployed with."""
        found = client("cloudformation", self.url).describe_stacks(StackName=stack)["Stacks"][0]["Parameters"]
        return next(each["ParameterValue"] for each in found if each["ParameterKey"] == "ContainerImage")

    def stack_sets(self) -> list[str]:
        found = client("cloudformation", self.url).list_stack_sets(Status="ACTIVE")["Summaries"]
        return [f"stack set {each['StackSetName']}" for each in found if self._is_ours(each["StackSetName"])]

    def records(self) -> list[str]:
        pages = (
            client("ssm", self.url).get_paginator("get_parameters_by_path").paginate(Path="/copilot", Recursive=True)
        )
        names = [each["Name"] for page in pages for each in page["Parameters"]]
        beneath = f"/copilot/applications/{self.app}"
        return [f"record {name}" for name in names if name == beneath or name.startswith(f"{beneath}/")]

    def roles(self) -> list[str]:
        pages = client("iam", self.url).get_paginator("list_roles").paginate()
        return [
            f"role {role['RoleName']}" for page in pages for role in page["Roles"] if self._is_ours(role["RoleName"])
        ]

    def buckets(self) -> list[str]:
        names = [bucket["Name"] for bucket in client("s3", self.url).list_buckets()["Buckets"]]
        return [f"bucket {name}" for name in names if self.app in name]

    def repositories(self) -> list[str]:
        found = client("ecr", self.url).describe_repositories()["repositories"]
        return [
            f"repository {each['repositoryName']}"
            for each in found
            if each["repositoryName"].startswith(f"{self.app}/")
        ]

    def log_groups(self) -> list[str]:
        found = client("logs", self.url).describe_log_groups(logGroupNamePrefix=f"/copilot/{self.app}-")["logGroups"]
        return [f"log group {each['logGroupName']}" for each in found]

    def clusters(self) -> list[str]:
        arns = client("ecs", self.url).list_clusters()["clusterArns"]
        return [f"cluster {arn.rpartition('/')[2]}" for arn in arns if self._is_ours(arn.rpartition("/")[2])]

    def balancers(self) -> list[str]:
        found = client("elbv2", self.url).describe_load_balancers()["LoadBalancers"]
        return [
            f"load balancer {each['LoadBalancerName']}" for each in found if self._is_ours(each["LoadBalancerName"])
        ]

    def tasks(self, service: str = "") -> list[dict[str, Any]]:
        """The running tasks of the application, or of one service of it."""
        return [task for task in self._tasks() if service in task["group"]]

    def _tasks(self) -> Iterator[dict[str, Any]]:
        ecs = client("ecs", self.url)
        for arn in ecs.list_clusters()["clusterArns"]:
            if not self._is_ours(arn.rpartition("/")[2]):
                continue
            arns = ecs.list_tasks(cluster=arn)["taskArns"]
            if arns:
                yield from ecs.describe_tasks(cluster=arn, tasks=arns)["tasks"]

    def _is_ours(self, name: str) -> bool:
        return name == self.app or name.startswith((f"{self.app}-", f"StackSet-{self.app}-"))


def client(service: str, url: str) -> Any:
    """A plain AWS client on the local cloud: what it says is the state, whatever a command prints."""
    return boto3.client(
        service,
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id=ACCOUNT,
        aws_secret_access_key=SECRET_KEY,
    )
