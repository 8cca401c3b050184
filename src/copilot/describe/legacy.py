"""The manifest of an environment that was deployed before manifests were kept: rebuilt from its record.

Until v1.20 the choices of `env init` were in the record's customConfig and telemetry.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from copilot.manifest import NewEnvironment, NewSubnets, new_environment
from copilot.model.records import Env


def legacy_manifest(env: Env) -> str:
    """The manifest that says what the record says."""
    config: Mapping[str, Any] = env.custom_config or {}
    imported, adjusted = config.get("importVPC") or {}, config.get("adjustVPC") or {}
    return new_environment(
        NewEnvironment(
            name=env.name,
            vpc_id=imported.get("id", ""),
            vpc_cidr=adjusted.get("cidr", ""),
            subnets=NewSubnets(
                public_ids=tuple(imported.get("publicSubnetIDs") or ()),
                private_ids=tuple(imported.get("privateSubnetIDs") or ()),
                public_cidrs=tuple(adjusted.get("publicSubnetCIDRs") or ()),
                private_cidrs=tuple(adjusted.get("privateSubnetCIDRs") or ()),
                az_names=tuple(adjusted.get("availabilityZoneNames") or ()),
            ),
            public_certificates=tuple(config.get("importCertARNs") or ()),
            internal_alb_subnets=tuple(config.get("internalALBSubnets") or ()),
            internal_alb_vpc_ingress=bool(config.get("enableInternalALBVPCIngress")),
            container_insights=bool((env.telemetry or {}).get("containerInsights")),
        )
    )
