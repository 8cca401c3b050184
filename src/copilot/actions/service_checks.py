"""Does a service fit the environment that it is to be deployed in: its features, its certificates, its domain."""

from __future__ import annotations

from copilot.describe.stacks import ObservedStack
from copilot.errors import Blocked
from copilot.manifest import BackendService, Environment, LoadBalancedWebService, WorkloadManifest
from copilot.model.records import App

FEATURE_NAMES = {
    "ALBWorkloads": "a public load balancer",
    "InternalALBWorkloads": "an internal load balancer",
    "NATWorkloads": "NAT gateways",
}


def required_features(manifest: WorkloadManifest) -> tuple[str, ...]:
    """Parameters that the environment's stack must have, since the service asks it for what they stand for."""
    wanted = []
    if manifest.http is not None:
        wanted.append("InternalALBWorkloads" if isinstance(manifest, BackendService) else "ALBWorkloads")
    if manifest.network.vpc.placement.where == "private":
        wanted.append("NATWorkloads")
    return tuple(wanted)


def require_env_features(manifest: WorkloadManifest, env: str, stack: ObservedStack) -> None:
    """Refuses a service whose environment was made before what it needs existed."""
    missing = [name for name in required_features(manifest) if name not in stack.parameters]
    if missing:
        needed = " and ".join(FEATURE_NAMES[name] for name in missing)
        raise Blocked(
            f"{manifest.name} can't be deployed: environment {env} is at {stack.version} and can't make {needed}",
            hints=(f"copilot env deploy --name {env}",),
        )


def require_valid_for_env(manifest: WorkloadManifest, app: App, env: str, env_manifest: Environment) -> None:
    """Checks what neither manifest can tell alone: aliases need a domain or certificates, and certificates aliases."""
    if manifest.http is None:
        return
    rules = (manifest.http, *manifest.http.additional_rules)
    if isinstance(manifest, LoadBalancedWebService):
        _require_public(manifest.name, rules, app, env, env_manifest)
    else:
        _require_internal(manifest.name, rules, env, env_manifest)


def _require_public(name: str, rules: tuple[object, ...], app: App, env: str, env_manifest: Environment) -> None:
    certificates = env_manifest.http.public.certificates
    aliased = [bool(getattr(rule, "alias", ())) for rule in rules]
    if certificates and not all(aliased):
        raise Blocked(
            f"{name} can't be deployed: environment {env} imports certificates, "
            "and then every http rule needs an alias",
            hints=(f"set http.alias in copilot/{name}/manifest.yml",),
        )
    if any(aliased) and not certificates and not app.domain:
        raise Blocked(
            f"{name} can't be deployed: http.alias needs a domain, and application {app.name} has none",
            hints=(
                "remove http.alias",
                f"or import certificates in copilot/environments/{env}/manifest.yml (http.public.certificates)",
            ),
        )


def _require_internal(name: str, rules: tuple[object, ...], env: str, env_manifest: Environment) -> None:
    certificates = env_manifest.http.private.certificates
    aliased = [bool(getattr(rule, "alias", ())) for rule in rules]
    if certificates and not all(aliased):
        raise Blocked(
            f"{name} can't be deployed: environment {env} imports private certificates, "
            "and then every http rule needs an alias",
            hints=(f"set http.alias in copilot/{name}/manifest.yml",),
        )
    if any(aliased) and not certificates:
        raise Blocked(
            f"{name} can't be deployed: http.alias of a Backend Service needs a private certificate",
            hints=(f"set http.private.certificates in copilot/environments/{env}/manifest.yml, or remove the alias",),
        )
