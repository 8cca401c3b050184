"""Where a deployed service is reached, told from its stack and its environment's, without asking a cloud."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from copilot.model.records import LOAD_BALANCED_WEB_SERVICE

NO_PORT = "-1"


class Reach(StrEnum):
    """From where a service is reached."""

    INTERNET = "internet"
    INTERNAL = "internal"
    SERVICE_DISCOVERY = "Service Discovery"
    SERVICE_CONNECT = "Service Connect"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """The addresses of a service; any of them will do."""

    addresses: tuple[str, ...]
    reach: Reach

    def __str__(self) -> str:
        """`a`, `a or b`, `a, b, or c`; `-` for a service that nothing reaches."""
        if len(self.addresses) < 3:
            return " or ".join(self.addresses) or "-"
        return f"{', '.join(self.addresses[:-1])}, or {self.addresses[-1]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """A service as its stacks tell of it.

    `resources` are physical ids by logical id; `rule_hosts` are the host headers of the rules that `rules_to_read`
    names; `load_balancer_dns` is what the task definition says in COPILOT_LB_DNS; `connect_names` are the `name:port`
    that the running deployment offers by Service Connect; `namespace` is the environment's service discovery endpoint.
    """

    name: str
    type: str
    namespace: str
    parameters: Mapping[str, str]
    resources: Mapping[str, str]
    outputs: Mapping[str, str] = field(default_factory=dict)
    env_outputs: Mapping[str, str] = field(default_factory=dict)
    rule_hosts: Sequence[str] = ()
    load_balancer_dns: str = ""
    connect_names: Sequence[str] = ()

    @property
    def has_https(self) -> bool:
        return self.parameters.get("HTTPSEnabled") == "true"

    @property
    def is_balanced(self) -> bool:
        """An application load balancer stands before it, the environment's or an imported one."""
        return any(logical_id.startswith("TargetGroup") for logical_id in self.resources)

    @property
    def has_imported_balancer(self) -> bool:
        return any(logical_id.startswith("TargetGroupForImportedALB") for logical_id in self.resources)


def rules_to_read(deployed: Deployed) -> tuple[str, ...]:
    """ARNs of the listener rules whose host headers name the service; none when the outputs already do."""
    if not (deployed.has_https or deployed.has_imported_balancer):
        return ()
    prefix = "HTTPSListenerRule" if deployed.has_https else "HTTPListenerRule"
    return tuple(arn for logical_id, arn in sorted(deployed.resources.items()) if logical_id.startswith(prefix))


def locate(deployed: Deployed) -> Endpoint:
    """Where the service is reached: by its load balancers, else by Service Connect, else by service discovery."""
    if deployed.type == LOAD_BALANCED_WEB_SERVICE:
        return Endpoint(addresses=(*_urls(deployed), *_network_addresses(deployed)), reach=Reach.INTERNET)
    if deployed.is_balanced:
        return Endpoint(addresses=_urls(deployed), reach=Reach.INTERNAL)
    discovered = discovery_address(deployed)
    if not discovered:
        return Endpoint(addresses=(), reach=Reach.NONE)
    if deployed.connect_names:
        return Endpoint(addresses=tuple(deployed.connect_names), reach=Reach.SERVICE_CONNECT)
    return Endpoint(addresses=(discovered,), reach=Reach.SERVICE_DISCOVERY)


def discovery_address(deployed: Deployed) -> str:
    """`{service}.{env}.{app}.local:{port}`; empty for a service without port."""
    port = deployed.parameters.get("TargetPort", NO_PORT)
    return "" if port == NO_PORT else f"{deployed.name}.{deployed.namespace}:{port}"


def connect_address(deployed: Deployed, alias: str = "") -> str:
    """`{alias or service}:{port}`, the name inside Service Connect; empty for a service without port."""
    port = deployed.parameters.get("TargetPort", NO_PORT)
    return "" if port == NO_PORT else f"{alias or deployed.name}:{port}"


def _urls(deployed: Deployed) -> tuple[str, ...]:
    if not deployed.is_balanced:
        return ()
    scheme = "https" if deployed.has_https else "http"
    path = deployed.parameters.get("RulePath", "/").strip("/")
    return tuple(f"{scheme}://{host}{'/' if path else ''}{path}" for host in _hosts(deployed))


def _hosts(deployed: Deployed) -> tuple[str, ...]:
    if deployed.rule_hosts:
        return tuple(dict.fromkeys(deployed.rule_hosts))
    outputs = deployed.env_outputs
    if deployed.has_imported_balancer:
        return (deployed.load_balancer_dns,) if deployed.load_balancer_dns else ()
    if deployed.type != LOAD_BALANCED_WEB_SERVICE:
        zone = outputs.get("InternalWorkloadsHostedZoneName")
        return _known(f"{deployed.name}.{zone}" if zone else outputs.get("InternalLoadBalancerDNSName"))
    if deployed.has_https and outputs.get("EnvironmentSubdomain"):
        return (f"{deployed.name}.{outputs['EnvironmentSubdomain']}",)
    # Stacks from before the output existed have a load balancer that everyone reaches.
    is_open = outputs.get("PublicALBAccessible", "true") == "true"
    return _known(
        outputs.get("PublicLoadBalancerDNSName") if is_open else None,
        outputs.get("CloudFrontDomainName"),
    )


def _network_addresses(deployed: Deployed) -> tuple[str, ...]:
    port = deployed.parameters.get("NLBPort")
    if not port:
        return ()
    if deployed.parameters.get("DNSDelegated") != "true":
        hosts = _known(deployed.outputs.get("PublicNetworkLoadBalancerDNSName"))
    elif deployed.parameters.get("NLBAliases"):
        hosts = tuple(deployed.parameters["NLBAliases"].split(","))
    else:
        hosts = (f"{deployed.name}-nlb.{deployed.env_outputs.get('EnvironmentSubdomain', '')}",)
    return tuple(f"{host}:{port}" for host in hosts)


def _known(*hosts: str | None) -> tuple[str, ...]:
    return tuple(host for host in hosts if host)
