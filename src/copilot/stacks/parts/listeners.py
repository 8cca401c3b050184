"""What an application load balancer is told: the rules of a service, and the two that an environment may have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from copilot.cfn.intrinsics import Value, join, ref
from copilot.stacks.parts.references import WORKLOAD_NAME, env_export, env_output

HTTPS_PORT = 443


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheck:
    """How a target group asks whether a task is well; None leaves the load balancer's own default."""

    path: str = "/"
    port: int | None = None
    success_codes: str = ""
    healthy_threshold: int | None = None
    unhealthy_threshold: int | None = None
    interval_seconds: int | None = None
    timeout_seconds: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Requests to a path, and the container and port that answer them."""

    path: str
    container: str
    port: int
    health_check: HealthCheck = HealthCheck()
    aliases: tuple[str, ...] = ()
    allowed_source_ips: tuple[str, ...] = ()
    has_stickiness: bool = False
    version: str = ""
    redirects_to_https: bool = True
    deregistration_delay_seconds: int = 60

    @property
    def health_check_protocol(self) -> str:
        """Spelt out only where a port of 443 is involved; otherwise the load balancer's default is meant."""
        if HTTPS_PORT not in (self.port, self.health_check.port):
            return ""
        return "HTTPS" if self.health_check.port in (None, HTTPS_PORT) else "HTTP"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadBalancer:
    """One of the environment's two load balancers, as a workload's template sees it: names of environment outputs."""

    feature: str
    prefix: str
    is_internal: bool

    @property
    def dns_name(self) -> Value:
        return env_output(f"{self.prefix}LoadBalancerDNSName")

    @property
    def full_name(self) -> Value:
        return env_output(f"{self.prefix}LoadBalancerFullName")

    @property
    def hosted_zone(self) -> Value:
        return env_output(f"{self.prefix}LoadBalancerHostedZone")

    def listener(self, protocol: str) -> Value:
        """The ARN of its HTTP or HTTPS listener."""
        return env_output(f"{'Internal' if self.is_internal else ''}{protocol}ListenerArn")


PUBLIC = LoadBalancer(feature="ALBWorkloads", prefix="Public", is_internal=False)
INTERNAL = LoadBalancer(feature="InternalALBWorkloads", prefix="Internal", is_internal=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """All that a service wants from a load balancer; `zone_aliases` are the names to record, by hosted zone."""

    load_balancer: LoadBalancer
    rules: tuple[Rule, ...]
    has_https: bool
    zone_aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def aliases(self) -> tuple[str, ...]:
        """Every alias once, in the order of the rules."""
        return tuple(dict.fromkeys(alias for rule in self.rules for alias in rule.aliases))

    @property
    def paths(self) -> list[str]:
        return [rule.path for rule in self.rules]


def path_patterns(path: str) -> list[str]:
    """`/` means every path; another path means itself and all below it."""
    return ["/*"] if path == "/" else [path, f"{path}/*"]


def internal_host() -> Value:
    """`{service}.{env}.{app}.internal`, the name that the environment's private zone knows."""
    return join(".", [ref(WORKLOAD_NAME), env_output("InternalWorkloadsHostedZoneName")])


def domain_host() -> Value:
    """`{service}.{env}.{app}.{domain}`, the name in the environment's zone when the application has a domain."""
    return join(".", [ref(WORKLOAD_NAME), env_export("SubDomain")])
