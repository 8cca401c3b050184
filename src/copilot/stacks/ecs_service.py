"""What the stacks of services on ECS share: from a manifest, facts and the fragments of its capabilities to a stack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from copilot import names
from copilot.cfn.intrinsics import PARTITION, equals, not_, ref
from copilot.cfn.template import Stack, Template
from copilot.manifest.ecs import EcsService
from copilot.manifest.parts.image import Image
from copilot.stacks.facts import WorkloadFacts
from copilot.stacks.parts import (
    addons,
    env_controller,
    scaling,
    service,
    service_discovery,
    task_definition,
    task_roles,
)
from copilot.stacks.parts.containers import common_variables, main_container, port_mappings
from copilot.stacks.parts.fragment import Fragment, Parameter, combine
from copilot.stacks.parts.listeners import LoadBalancer
from copilot.stacks.parts.ports import TCP, Ports, Target

NO_PORT = -1
"""The value of a port parameter that says: none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EcsParts:
    """What a type of service decides before its stack is put together."""

    description: str
    image: Image
    ports: Ports
    target: Target
    offered: Target | None
    default_log_retention: int | None = None


def shared_capabilities(
    manifest: EcsService, facts: WorkloadFacts, balancer: LoadBalancer | None
) -> tuple[Fragment, ...]:
    """The capabilities that do not depend on the type of service."""
    env_file = task_roles.env_file_policy("GetEnvFilePolicy", "HasEnvFile", "EnvFileARN")
    is_private = manifest.network.vpc.placement.where == "private"
    return (
        Fragment(execution_policies=(env_file,)),
        Fragment(task_policies=(task_roles.exec_policy(),) if manifest.exec else ()),
        Fragment(features=(env_controller.NAT_GATEWAYS,) if is_private else ()),
        addons.fragment(facts),
        service_discovery.fragment(),
        scaling.fragment(manifest.count, facts, balancer=balancer),
    )


def assemble(manifest: EcsService, facts: WorkloadFacts, parts: EcsParts, fragments: Sequence[Fragment]) -> Stack:
    """The stack of a service: its fragments, and what is made once from all of them."""
    additions = combine(fragments)
    parameters = _parameters(manifest, facts, parts) | dict(additions.parameters)
    template = Template(description=parts.description, metadata=_metadata(facts))
    for name, parameter in parameters.items():
        template.parameters[name] = parameter.definition()
    template.conditions = {
        service.GOV_CLOUD: equals(PARTITION, "aws-us-gov"),
        "HasAddons": not_(equals(ref("AddonsTemplateURL"), "")),
        "HasEnvFile": not_(equals(ref("EnvFileARN"), "")),
        **additions.conditions,
    }
    _add_resources(template, manifest, facts, parts, additions)
    for name, output in additions.outputs.items():
        template.output(name, output.value, export=output.export, description=output.description)
    return Stack(
        name=names.workload_stack(facts.app.name, facts.env.name, manifest.name),
        template=template.to_dict(),
        parameters={name: parameter.value for name, parameter in parameters.items()},
        tags=_tags(manifest, facts),
    )


def _add_resources(
    template: Template, manifest: EcsService, facts: WorkloadFacts, parts: EcsParts, additions: Fragment
) -> None:
    shared = [*common_variables(facts.service_discovery_endpoint), *additions.variables]
    main = main_container(
        manifest,
        parts.image,
        shared=shared,
        mappings=port_mappings(parts.ports.of(manifest.name), parts.offered),
        additions=additions,
    )
    containers = [main, *(build(shared) for build in additions.containers)]
    groups = (
        task_definition.resources(manifest.platform, containers, additions.volumes),
        task_roles.resources(facts.app, additions),
        additions.resources,
        env_controller.resources(facts, additions.features, additions.aliases),
        {service.SERVICE: service.resource(manifest, facts, offered=parts.offered, additions=additions)},
        {addons.STACK: addons.stack(facts, waits_for_environment=bool(additions.features))},
    )
    for group in groups:
        for logical_id, resource in group.items():
            template.add(logical_id, resource)


def _parameters(manifest: EcsService, facts: WorkloadFacts, parts: EcsParts) -> dict[str, Parameter]:
    own_port = NO_PORT if parts.image.port is None else parts.image.port
    target_port = own_port if parts.target.port is None else parts.target.port
    return {
        "AppName": Parameter(value=facts.app.name),
        "EnvName": Parameter(value=facts.env.name),
        "WorkloadName": Parameter(value=manifest.name),
        "ContainerImage": Parameter(value=facts.image or parts.image.location or ""),
        "ContainerPort": Parameter(value=str(own_port), type="Number"),
        "TaskCPU": Parameter(value=str(manifest.cpu)),
        "TaskMemory": Parameter(value=str(manifest.memory)),
        "TaskCount": Parameter(value=str(manifest.count.desired), type="Number"),
        "LogRetention": Parameter(
            value=str(manifest.logging.retention), type="Number", default=parts.default_log_retention
        ),
        "AddonsTemplateURL": Parameter(
            value=facts.addons_url,
            default="",
            description="Where the template of the addons stack is; empty without one.",
        ),
        "EnvFileARN": Parameter(
            value=facts.env_files.get(manifest.name, ""), default="", description="ARN of the environment file in S3."
        ),
        "ArtifactKeyARN": Parameter(
            value=facts.artifact_key_arn, description="Key that the application's artifacts are encrypted with."
        ),
        "TargetContainer": Parameter(value=parts.target.container),
        "TargetPort": Parameter(value=str(target_port), type="Number"),
    }


def offered_port(ports: Ports, target: Target) -> Target | None:
    """The port that Service Connect offers: the load balancer's target, else the main container's; never UDP."""
    if target.port is None:
        return None
    exposed = ports.by_number.get(target.port)
    is_own = target.container == ports.main and exposed is not None and exposed.is_declared
    if is_own and exposed is not None and exposed.protocol != TCP:
        return None
    return target


def _metadata(facts: WorkloadFacts) -> dict[str, str]:
    metadata = {"Version": facts.version}
    if facts.manifest_text:
        metadata["Manifest"] = facts.manifest_text
    return metadata


def _tags(manifest: EcsService, facts: WorkloadFacts) -> dict[str, str]:
    """The application's tags, then the deployment's, then ours, which always win."""
    tags = {
        **facts.app.tags,
        **facts.extra_tags,
        names.APP_TAG: facts.app.name,
        names.ENV_TAG: facts.env.name,
        names.SERVICE_TAG: manifest.name,
    }
    return dict(sorted(tags.items()))
