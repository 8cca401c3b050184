"""What an application has in a region: its artifact bucket, its key and its image repositories."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from copilot import cfn, names
from copilot.aws.cloud import Cloud
from copilot.aws.stack_sets import StackSetInstance
from copilot.model.observed import RegionalResources
from copilot.model.records import App
from copilot.stacks.facts import partition_of

MANAGER_ROLE = "EnvironmentManagerRole"


def regional_of(app: App, region: str, env_template: str) -> RegionalResources | None:
    """The bucket and key that an environment's manager role may write to, as the environment's template names them.

    That saves asking the stack set. None for environments from before v1.9.0, whose role could not.
    """
    template = cfn.load(env_template) if env_template else {}
    role = (template.get("Resources") or {}).get(MANAGER_ROLE) or {}
    statements = {statement.get("Sid"): statement for statement in _statements(role.get("Properties") or {})}
    bucket = _first(statements.get("PutObjectsToArtifactBucket"))
    key = _first(statements.get("EncryptObjectsInArtifactBucket"))
    if ":s3:::" not in bucket or ":kms:" not in key:
        return None
    return RegionalResources(
        region=region, bucket=bucket.partition(":s3:::")[2], key_arn=key, registry=registry_of(app.account, region)
    )


def _statements(properties: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    for policy in properties.get("Policies") or ():
        for statement in (policy.get("PolicyDocument") or {}).get("Statement") or ():
            if isinstance(statement, Mapping):
                yield statement


def _first(statement: Mapping[str, Any] | None) -> str:
    resource = (statement or {}).get("Resource") or ""
    first = resource[0] if isinstance(resource, list) and resource else resource
    return first if isinstance(first, str) else ""


def read_regional(cloud: Cloud, instances: Iterable[StackSetInstance], region: str) -> RegionalResources | None:
    """The same from the stack set's own stack in the region, given its instances; None when it is not whole yet."""
    instance = next((i for i in instances if i.region == region and i.stack_id), None)
    stack = cloud.in_region(region).stacks.find(instance.stack_id) if instance else None
    if instance is None or stack is None or "PipelineBucket" not in stack.outputs:
        return None
    prefix = names.repository_output("")
    return RegionalResources(
        region=region,
        bucket=stack.outputs["PipelineBucket"],
        key_arn=stack.outputs["KMSKeyARN"],
        registry=registry_of(instance.account, region),
        repositories=tuple(
            arn.partition(":repository/")[2] for output, arn in stack.outputs.items() if output.startswith(prefix)
        ),
    )


def registry_of(account: str, region: str) -> str:
    """An account's image registry in a region."""
    domain = "amazonaws.com.cn" if partition_of(region) == "aws-cn" else "amazonaws.com"
    return f"{account}.dkr.ecr.{region}.{domain}"
