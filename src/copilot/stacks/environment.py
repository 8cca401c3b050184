"""An environment's stack: first the roles alone, then everything that its workloads share.

What costs money or stands open is made by conditions, once a workload asks for it in one of the feature parameters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from copilot import names
from copilot.cfn.intrinsics import Value, and_, condition, equals, not_, ref
from copilot.cfn.template import Stack, Template
from copilot.manifest import Environment
from copilot.stacks.facts import AddonsTemplate, CodeLocation, EnvFacts
from copilot.stacks.parts import (
    access_logs,
    app_runner_endpoint,
    cdn,
    cluster,
    env_domain,
    env_extras,
    env_roles,
    env_terms,
    file_system,
    flow_logs,
    internal_load_balancer,
    nat_gateways,
    network,
    public_load_balancer,
)
from copilot.stacks.parts.env_design import EnvDesign
from copilot.stacks.parts.env_extras import FEATURES
from copilot.stacks.parts.piece import Piece

BOOTSTRAP = "bootstrap"
"""The version in the metadata of a stack that has only the roles."""

LAMBDAS = (
    env_domain.CERTIFICATE_FUNCTION,
    env_domain.ALIASES_FUNCTION,
    env_domain.DELEGATION_FUNCTION,
    cdn.REPLICATOR_FUNCTION,
    access_logs.CLEANER_FUNCTION,
    cdn.UNIQUE_ALIASES_FUNCTION,
)
"""Functions whose code is uploaded before an environment is deployed."""

PARAMETERS = (
    *("AppName", "EnvironmentName", "ALBWorkloads", "InternalALBWorkloads", "EFSWorkloads", "NATWorkloads"),
    *("AppRunnerPrivateWorkloads", "ToolsAccountPrincipalARN", "AppDNSName", "AppDNSDelegationRole", "Aliases"),
    *("CreateHTTPSListener", "CreateInternalHTTPSListener", "ServiceDiscoveryEndpoint"),
)
_SWITCHES = ("CreateHTTPSListener", "CreateInternalHTTPSListener")


def bootstrap_stack(facts: EnvFacts) -> Stack:
    """The stack as `env init` makes it: the roles that everything else is made and looked after with."""
    template = Template(
        description="The roles with which an environment and its workloads are made and looked after.",
        metadata={"Version": BOOTSTRAP},
    )
    for name in ("AppName", "EnvironmentName", "ToolsAccountPrincipalARN"):
        template.parameter(name)
    _merge(template, [env_roles.piece(facts)])
    parameters = {
        "AppName": facts.app.name,
        "EnvironmentName": facts.name,
        "ToolsAccountPrincipalARN": facts.tools_principal,
    }
    return _stack(facts, template, parameters)


def environment_stack(
    manifest: Environment,
    facts: EnvFacts,
    *,
    old_parameters: Mapping[str, str],
    lambdas: Mapping[str, CodeLocation],
    manifest_text: str = "",
    force_id: str = "",
    cdn_prefix_list: str = "",
    addons: AddonsTemplate | None = None,
) -> Stack:
    """The whole environment.

    `old_parameters` are the deployed stack's, empty when it is new or has only its roles. `force_id` is new to force
    an update and otherwise the deployed one; `cdn_prefix_list` is CloudFront's, when ingress is limited to it.
    """
    design = EnvDesign(
        facts=facts,
        manifest=manifest,
        network=network.plan(manifest),
        lambdas=lambdas,
        cdn_prefix_list=cdn_prefix_list,
        addons=addons,
        force_id=force_id,
    )
    metadata = {"Version": facts.version, "Manifest": manifest_text}
    template = Template(
        description="What the workloads of an environment share: network, load balancers, cluster, storage and domain.",
        metadata={key: value for key, value in metadata.items() if value},
        conditions=_conditions(),
    )
    for name in PARAMETERS:
        template.parameter(name, **({"AllowedValues": [True, False]} if name in _SWITCHES else {}))
    _merge(template, _pieces(design))
    return _stack(facts, template, _parameters(design, old_parameters))


def _pieces(design: EnvDesign) -> Iterable[Piece]:
    yield env_roles.piece(design.facts, design)
    yield network.piece(design.network)
    for part in (
        nat_gateways,
        cluster,
        access_logs,
        public_load_balancer,
        internal_load_balancer,
        cdn,
        env_domain,
        file_system,
        app_runner_endpoint,
        flow_logs,
        env_extras,
    ):
        yield part.piece(design)


def _merge(template: Template, pieces: Iterable[Piece]) -> None:
    for piece in pieces:
        for logical_id, resource in piece.resources.items():
            template.add(logical_id, resource)
        template.mappings |= piece.mappings
        template.outputs |= {name: output.definition() for name, output in piece.outputs.items()}


def _stack(facts: EnvFacts, template: Template, parameters: Mapping[str, str]) -> Stack:
    return Stack(
        name=names.env_stack(facts.app.name, facts.name),
        template=template.to_dict(),
        parameters=parameters,
        tags={**facts.app.tags, names.APP_TAG: facts.app.name, names.ENV_TAG: facts.name},
    )


def _is_set(parameter: str) -> Value:
    return not_(equals(ref(parameter), ""))


def _conditions() -> dict[str, Value]:
    def listener(balancer: str, switch: str) -> Value:
        return and_(condition(balancer), equals(ref(switch), True))

    return {
        env_terms.CREATE_ALB: _is_set("ALBWorkloads"),
        env_terms.CREATE_INTERNAL_ALB: _is_set("InternalALBWorkloads"),
        env_terms.DELEGATE_DNS: _is_set("AppDNSName"),
        env_terms.EXPORT_HTTPS_LISTENER: listener(env_terms.CREATE_ALB, "CreateHTTPSListener"),
        env_terms.EXPORT_INTERNAL_HTTPS_LISTENER: listener(
            env_terms.CREATE_INTERNAL_ALB, "CreateInternalHTTPSListener"
        ),
        env_terms.CREATE_EFS: _is_set("EFSWorkloads"),
        env_terms.CREATE_NAT_GATEWAYS: _is_set("NATWorkloads"),
        env_terms.CREATE_APP_RUNNER_ENDPOINT: _is_set("AppRunnerPrivateWorkloads"),
        env_terms.MANAGED_ALIASES: and_(
            condition(env_terms.DELEGATE_DNS), _is_set("Aliases"), condition(env_terms.CREATE_ALB)
        ),
    }


def _parameters(design: EnvDesign, old: Mapping[str, str]) -> dict[str, str]:
    """Workloads' feature parameters and the service discovery endpoint keep their old values.

    A stack from before the endpoint was a parameter has the endpoint of its time, `{app}.local`.
    """
    app = design.facts.app
    role = f"arn:{design.facts.partition}:iam::{app.account}:role/{names.dns_delegation_role(app.name)}"
    endpoint = names.service_discovery_endpoint(app.name, design.facts.name)
    new = {
        "AppName": app.name,
        "EnvironmentName": design.facts.name,
        "ToolsAccountPrincipalARN": design.facts.tools_principal,
        "AppDNSName": app.domain,
        "AppDNSDelegationRole": role if app.domain else "",
        "CreateHTTPSListener": _switch(bool(design.public_certificates or app.domain)),
        "CreateInternalHTTPSListener": _switch(bool(design.private_certificates)),
        "ServiceDiscoveryEndpoint": f"{app.name}.local" if old else endpoint,
        **dict.fromkeys(FEATURES, ""),
    }
    kept = {name: old[name] for name in (*FEATURES, "ServiceDiscoveryEndpoint") if name in old}
    return {name: {**new, **kept}[name] for name in PARAMETERS}


def _switch(value: bool) -> str:
    return "true" if value else "false"
