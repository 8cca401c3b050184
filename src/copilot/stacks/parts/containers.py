"""Containers of a task definition: the workload's own, and what its neighbours are made of too.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-ecs-taskdefinition-containerdefinition.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from copilot.cfn.intrinsics import NO_VALUE, REGION, Value, if_, import_value, ref
from copilot.manifest.ecs import EcsService
from copilot.manifest.parts.image import ContainerHealthCheck, Image
from copilot.manifest.parts.task import Secret, TextOrImport
from copilot.stacks.parts.fragment import Fragment
from copilot.stacks.parts.ports import Exposed, Target
from copilot.stacks.parts.references import APP_NAME, ENV_NAME, WORKLOAD_NAME, arn, parameter_text

LOG_GROUP = "LogGroup"
SERVICE_CONNECT_PORT = "target"
"""The port mapping that Service Connect offers to others."""


def main_container(
    manifest: EcsService, image: Image, *, shared: Sequence[Value], mappings: Sequence[Value], additions: Fragment
) -> Value:
    """The container of the workload's own image; `shared` are the variables that its neighbours get too."""
    return _present(
        {
            "Name": ref(WORKLOAD_NAME),
            "Image": ref("ContainerImage"),
            "Secrets": [*secrets(manifest.secrets), *additions.secrets],
            "Environment": [*shared, *variables(manifest.variables)],
            "EnvironmentFiles": env_files("HasEnvFile", "EnvFileARN"),
            "LogConfiguration": log_configuration(),
            "EntryPoint": list(manifest.entrypoint),
            "Command": list(manifest.command),
            "DockerLabels": dict(image.labels),
            "DependsOn": dependencies(image.depends_on),
            "PortMappings": list(mappings),
            "HealthCheck": health_check(image.healthcheck),
            "RepositoryCredentials": {"CredentialsParameter": image.credentials} if image.credentials else None,
        }
    )


def common_variables(endpoint: str) -> list[Value]:
    """The variables by which every container knows where it is."""
    return [
        {"Name": "COPILOT_APPLICATION_NAME", "Value": parameter_text(APP_NAME)},
        {"Name": "COPILOT_SERVICE_DISCOVERY_ENDPOINT", "Value": endpoint},
        {"Name": "COPILOT_ENVIRONMENT_NAME", "Value": parameter_text(ENV_NAME)},
        {"Name": "COPILOT_SERVICE_NAME", "Value": parameter_text(WORKLOAD_NAME)},
    ]


def variables(given: Mapping[str, TextOrImport]) -> list[Value]:
    """Variables of one container, by name."""
    return [{"Name": name, "Value": text_or_import(value)} for name, value in sorted(given.items())]


def text_or_import(given: TextOrImport) -> Value:
    """Text as it is, or another stack's export."""
    return import_value(given.from_cfn) if given.from_cfn else given.value


def secrets(given: Mapping[str, Secret]) -> list[Value]:
    """Secrets of one container, by name."""
    return [{"Name": name, "ValueFrom": secret_source(secret)} for name, secret in sorted(given.items())]


def secret_source(secret: Secret) -> Value:
    """Where ECS reads a secret: a parameter's name or an ARN; a Secrets Manager name is made an ARN of this account."""
    if secret.from_cfn:
        return import_value(secret.from_cfn)
    if secret.secretsmanager:
        return arn("secretsmanager", f"secret:{secret.secretsmanager}")
    return secret.value


def env_files(condition: str, parameter: str) -> list[Value]:
    """The environment file in S3, when there is one."""
    return [if_(condition, {"Type": "s3", "Value": ref(parameter)}, NO_VALUE)]


def log_configuration() -> dict[str, Value]:
    """Output goes to the workload's log group."""
    return {
        "LogDriver": "awslogs",
        "Options": {
            "awslogs-region": REGION,
            "awslogs-group": ref(LOG_GROUP),
            "awslogs-stream-prefix": "copilot",
        },
    }


def dependencies(given: Mapping[str, str]) -> list[Value]:
    """What must have happened to other containers first."""
    return [{"Condition": condition, "ContainerName": name} for name, condition in sorted(given.items())]


def port_mappings(ports: Sequence[Exposed], offered: Target | None) -> list[Value]:
    """The ports of one container; the offered one gets the name by which Service Connect finds it."""
    mappings: list[Value] = []
    for exposed in ports:
        mapping: dict[str, Value] = {"ContainerPort": exposed.port, "Protocol": exposed.protocol}
        if offered and (offered.container, offered.port) == (exposed.container, exposed.port):
            mapping["Name"] = SERVICE_CONNECT_PORT
        mappings.append(mapping)
    return mappings


def health_check(given: ContainerHealthCheck | None) -> Value:
    """The check that ECS runs inside the container."""
    if given is None:
        return None
    return {
        "Command": list(given.command),
        "Interval": given.interval,
        "Retries": given.retries,
        "StartPeriod": given.start_period,
        "Timeout": given.timeout,
    }


def _present(properties: Mapping[str, Value]) -> dict[str, Value]:
    return {name: value for name, value in properties.items() if value not in (None, [], {})}
