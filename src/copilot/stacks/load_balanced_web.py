"""The stack of a Load Balanced Web Service: tasks behind the environment's public load balancer."""

from __future__ import annotations

from copilot.cfn.intrinsics import equals, get_att, ref
from copilot.cfn.template import Stack
from copilot.manifest.load_balanced_web import LoadBalancedWebService
from copilot.stacks.ecs_service import EcsParts, assemble, offered_port, shared_capabilities
from copilot.stacks.facts import WorkloadFacts
from copilot.stacks.parts import load_balancing
from copilot.stacks.parts.env_controller import ALIASES
from copilot.stacks.parts.fragment import Fragment, Parameter
from copilot.stacks.parts.listeners import PUBLIC
from copilot.stacks.parts.ports import Ports, expose
from copilot.stacks.parts.routing import route

LAMBDAS = (
    "DynamicDesiredCountFunction",
    "EnvControllerFunction",
    "RulePriorityFunction",
    "NLBCustomDomainFunction",
    "NLBCertValidatorFunction",
)


def render(manifest: LoadBalancedWebService, facts: WorkloadFacts) -> Stack:
    """The stack of the service in an environment, without a look at any cloud."""
    ports = expose(manifest.name, manifest.image.port, manifest.http)
    target = ports.target(manifest.http)
    parts = EcsParts(
        description="A load balanced web service on Amazon ECS.",
        image=manifest.image,
        ports=ports,
        target=target,
        offered=offered_port(ports, target),
    )
    fragments = [
        *shared_capabilities(manifest, facts, PUBLIC if manifest.http else None),
        _domain(facts),
        _service_registry(),
        *_load_balancing(manifest, facts, ports),
    ]
    return assemble(manifest, facts, parts, fragments)


def has_https(manifest: LoadBalancedWebService, facts: WorkloadFacts) -> bool:
    """HTTPS is on as soon as the environment brings certificates or the application a domain."""
    return manifest.http is not None and bool(facts.app.domain or facts.env_manifest.http.public.certificates)


def _load_balancing(manifest: LoadBalancedWebService, facts: WorkloadFacts, ports: Ports) -> list[Fragment]:
    if manifest.http is None:
        return []
    routing = route(manifest.http, ports, PUBLIC, has_https=has_https(manifest, facts))
    return [
        load_balancing.fragment(
            routing, facts, path_parameter=manifest.http.path, grace_period_seconds=manifest.http.grace_period
        )
    ]


def _domain(facts: WorkloadFacts) -> Fragment:
    """Whether the service has a name in the environment's zone; with imported certificates the user sees to names."""
    is_delegated = bool(facts.app.domain) and not facts.env_manifest.http.public.certificates
    return Fragment(
        parameters={"DNSDelegated": Parameter(value=str(is_delegated).lower(), allowed=(True, False))},
        conditions={"HasAssociatedDomain": equals(ref("DNSDelegated"), True)},
        features=(ALIASES,),
    )


def _service_registry() -> Fragment:
    registry = {"RegistryArn": get_att("DiscoveryService", "Arn"), "Port": ref("TargetPort")}
    return Fragment(service={"ServiceRegistries": [registry]})
