"""The nested stack of the user's own resources, and what its outputs become in the workload.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-cloudformation-stack.html
"""

from __future__ import annotations

from copilot.cfn.intrinsics import Value, get_att, ref
from copilot.cfn.template import Resource
from copilot.names import snake_case_upper
from copilot.stacks.facts import WorkloadFacts
from copilot.stacks.parts.fragment import Fragment
from copilot.stacks.parts.references import APP_NAME, CONTROLLER, ENV_NAME, WORKLOAD_NAME

STACK = "AddonsStack"


def fragment(facts: WorkloadFacts) -> Fragment:
    """What the nested stack's outputs add: variables, secrets, permissions, security groups."""
    outputs = facts.addons_outputs
    return Fragment(
        variables=tuple({"Name": snake_case_upper(name), "Value": _output(name)} for name in outputs.variables),
        secrets=tuple({"Name": snake_case_upper(name), "ValueFrom": _output(name)} for name in outputs.secrets),
        task_managed_policies=tuple(_output(name) for name in outputs.managed_policies),
        security_groups=tuple(_output(name) for name in outputs.security_groups),
    )


def stack(facts: WorkloadFacts, *, waits_for_environment: bool) -> Resource:
    """The nested stack; it waits for what the environment makes on this workload's behalf, if there is something."""
    return Resource(
        type="AWS::CloudFormation::Stack",
        description="The stack of the resources in the addons directory",
        condition="HasAddons",
        depends_on=(CONTROLLER,) if waits_for_environment else (),
        properties={
            "Parameters": {
                "App": ref(APP_NAME),
                "Env": ref(ENV_NAME),
                "Name": ref(WORKLOAD_NAME),
                **facts.addons_parameters,
            },
            "TemplateURL": ref("AddonsTemplateURL"),
        },
    )


def _output(name: str) -> Value:
    return get_att(STACK, f"Outputs.{name}")
