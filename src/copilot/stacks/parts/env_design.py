"""What every part of an environment's stack is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from copilot.manifest import Environment
from copilot.stacks.facts import AddonsTemplate, CodeLocation, EnvFacts
from copilot.stacks.parts.network import Network


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvDesign:
    """An environment's manifest with the facts of the environment.

    `cdn_prefix_list` is the id of CloudFront's prefix list, set when only CloudFront may reach the load balancer.
    """

    facts: EnvFacts
    manifest: Environment
    network: Network
    lambdas: Mapping[str, CodeLocation] = field(default_factory=dict)
    cdn_prefix_list: str = ""
    addons: AddonsTemplate | None = None
    force_id: str = ""

    @property
    def public_certificates(self) -> tuple[str, ...]:
        return self.manifest.http.public.certificates

    @property
    def private_certificates(self) -> tuple[str, ...]:
        return self.manifest.http.private.certificates

    @property
    def makes_log_bucket(self) -> bool:
        """The load balancer writes access logs, and the user named no bucket for them."""
        logs = self.manifest.http.public.access_logs
        return logs is not None and not logs.bucket_name

    @property
    def manages_domain(self) -> bool:
        """The stack can hold a hosted zone and a certificate of its own: none are imported."""
        return not self.public_certificates

    @property
    def cdn_has_names(self) -> bool:
        """CloudFront answers under aliases of the services."""
        cdn = self.manifest.cdn
        return cdn is not None and bool(cdn.certificate or self.facts.app.domain)
