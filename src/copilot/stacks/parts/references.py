"""What a workload's template refers to: its parameters, and the environment's exports and outputs."""

from __future__ import annotations

from copilot.cfn.intrinsics import Value, get_att, import_value, join, ref, sub

APP_NAME = "AppName"
ENV_NAME = "EnvName"
WORKLOAD_NAME = "WorkloadName"

CONTROLLER = "EnvControllerAction"
"""The custom resource whose attributes are the environment stack's outputs."""


def env_export(name: str) -> Value:
    """What the environment's stack exports under `{app}-{env}-{name}`."""
    return import_value(sub(f"${{{APP_NAME}}}-${{{ENV_NAME}}}-{name}"))


def env_output(name: str) -> Value:
    """An output of the environment's stack as it is after the controller has changed it."""
    return get_att(CONTROLLER, name)


def full_name(*suffix: str) -> Value:
    """`{app}-{env}-{workload}` and a suffix, made by CloudFormation from the parameters."""
    return join("", [ref(APP_NAME), "-", ref(ENV_NAME), "-", ref(WORKLOAD_NAME), *suffix])


def parameter_text(name: str) -> Value:
    """A parameter's value in the form that the original writes it where text is put together."""
    return sub(f"${{{name}}}")


def arn(service: str, resource: str) -> Value:
    """An ARN in this stack's partition, region and account."""
    return sub(f"arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{resource}")


def aws_policy(name: str) -> Value:
    """The ARN of a policy that AWS manages."""
    return sub(f"arn:${{AWS::Partition}}:iam::aws:policy/{name}")


def tagged(prefix: str) -> dict[str, Value]:
    """An IAM condition: the resource carries this application's and this environment's tags."""
    return {
        "StringEquals": {
            f"{prefix}/copilot-application": parameter_text(APP_NAME),
            f"{prefix}/copilot-environment": parameter_text(ENV_NAME),
        }
    }
