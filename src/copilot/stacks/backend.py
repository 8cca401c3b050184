"""The stack of a Backend Service: tasks that only the environment's network reaches."""

from __future__ import annotations

from copilot.cfn.intrinsics import NO_VALUE, equals, get_att, if_, not_, ref
from copilot.cfn.template import Stack
from copilot.manifest.backend import BackendService
from copilot.stacks.ecs_service import NO_PORT, EcsParts, assemble, offered_port, shared_capabilities
from copilot.stacks.facts import WorkloadFacts
from copilot.stacks.parts import load_balancing
from copilot.stacks.parts.fragment import Fragment
from copilot.stacks.parts.listeners import INTERNAL
from copilot.stacks.parts.ports import Ports, expose
from copilot.stacks.parts.references import CONTROLLER
from copilot.stacks.parts.routing import route

LAMBDAS = ("DynamicDesiredCountFunction", "RulePriorityFunction", "EnvControllerFunction")
LOG_RETENTION_DAYS = 30


def render(manifest: BackendService, facts: WorkloadFacts) -> Stack:
    """The stack of the service in an environment, without a look at any cloud."""
    ports = expose(manifest.name, manifest.image.port, manifest.http)
    target = ports.target(manifest.http)
    parts = EcsParts(
        description="A backend service on Amazon ECS.",
        image=manifest.image,
        ports=ports,
        target=target,
        offered=offered_port(ports, target),
        default_log_retention=LOG_RETENTION_DAYS,
    )
    fragments = [
        *shared_capabilities(manifest, facts, INTERNAL if manifest.http else None),
        _service_registry(),
        *_load_balancing(manifest, facts, ports),
    ]
    return assemble(manifest, facts, parts, fragments)


def has_https(manifest: BackendService, facts: WorkloadFacts) -> bool:
    """HTTPS is on when the environment brings certificates for its internal load balancer."""
    return manifest.http is not None and bool(facts.env_manifest.http.private.certificates)


def _load_balancing(manifest: BackendService, facts: WorkloadFacts, ports: Ports) -> list[Fragment]:
    if manifest.http is None:
        return []
    routing = route(manifest.http, ports, INTERNAL, has_https=has_https(manifest, facts))
    return [
        load_balancing.fragment(
            routing, facts, path_parameter=manifest.http.path, grace_period_seconds=manifest.http.grace_period
        )
    ]


def _service_registry() -> Fragment:
    """Without a port there is nothing to find, so the service is registered only with one."""
    registry = {"RegistryArn": get_att("DiscoveryService", "Arn"), "Port": ref("TargetPort")}
    return Fragment(
        conditions={"ExposePort": not_(equals(ref("TargetPort"), NO_PORT))},
        service={"ServiceRegistries": if_("ExposePort", [registry], NO_VALUE)},
        service_depends_on=(CONTROLLER,),
    )
