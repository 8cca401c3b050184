"""The request to the environment for what workloads share: load balancers, NAT gateways, a file system."""

from __future__ import annotations

from collections.abc import Sequence

from copilot.cfn.intrinsics import Value, ref, sub
from copilot.cfn.template import Resource
from copilot.stacks.facts import WorkloadFacts
from copilot.stacks.parts.functions import custom_resource, function, function_role
from copilot.stacks.parts.policies import allow, inline_policy
from copilot.stacks.parts.references import CONTROLLER, WORKLOAD_NAME, arn, tagged

FUNCTION = "EnvControllerFunction"
TIMEOUT_SECONDS = 900

PUBLIC_LOAD_BALANCER = "ALBWorkloads"
ALIASES = "Aliases"
INTERNAL_LOAD_BALANCER = "InternalALBWorkloads"
NAT_GATEWAYS = "NATWorkloads"
FILE_SYSTEM = "EFSWorkloads"

_ORDER = (PUBLIC_LOAD_BALANCER, ALIASES, INTERNAL_LOAD_BALANCER, NAT_GATEWAYS, FILE_SYSTEM)


def resources(facts: WorkloadFacts, features: Sequence[str], aliases: Sequence[str]) -> dict[str, Resource]:
    """The request, its function and its role; `features` are environment parameters that shall list this workload."""
    properties: dict[str, Value] = {"Workload": ref(WORKLOAD_NAME)}
    if aliases:
        properties["Aliases"] = list(aliases)
    properties |= {
        "EnvStack": sub("${AppName}-${EnvName}"),
        "Parameters": sorted(features, key=_ORDER.index),
        "EnvVersion": facts.env_version,
    }
    return {
        CONTROLLER: custom_resource(FUNCTION, "Ask the environment for the resources that services share", properties),
        FUNCTION: function(FUNCTION, "EnvControllerRole", facts.lambdas, timeout_seconds=TIMEOUT_SECONDS),
        "EnvControllerRole": function_role(facts.app, "the environment's stack is updated", _policies()),
    }


def _policies() -> list[Value]:
    stack = arn("cloudformation", "stack/${AppName}-${EnvName}/*")
    execution_role = sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${AppName}-${EnvName}-CFNExecutionRole")
    update = allow(
        ["cloudformation:DescribeStacks", "cloudformation:UpdateStack"],
        stack,
        condition=tagged("cloudformation:ResourceTag"),
    )
    hand_over = allow(["iam:PassRole"], execution_role, condition=tagged("iam:ResourceTag"))
    return [inline_policy("EnvControllerStackUpdate", update), inline_policy("EnvControllerRolePass", hand_over)]
