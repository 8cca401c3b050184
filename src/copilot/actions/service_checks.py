"""Does a service fit the environment that it is to be deployed in: its features, its certificates, its domain."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from copilot.aws.certificates import Certificate
from copilot.describe.stacks import ObservedStack
from copilot.describe.versions import compare
from copilot.errors import Blocked
from copilot.manifest import BackendService, Environment, LoadBalancedWebService, WorkloadManifest
from copilot.manifest.parts.http import RoutingRule
from copilot.model.records import App

FEATURE_NAMES = {
    "ALBWorkloads": "a public load balancer",
    "InternalALBWorkloads": "an internal load balancer",
    "NATWorkloads": "NAT gateways",
    "Aliases": "aliases",
}
FIRST_APP_VERSION_WITH_ALIASES = "v1.0.0"


def required_features(manifest: WorkloadManifest) -> tuple[str, ...]:
    """Parameters that the environment's stack must have, since the service asks it for what they stand for."""
    wanted = []
    if manifest.http is not None:
        wanted.append("InternalALBWorkloads" if isinstance(manifest, BackendService) else "ALBWorkloads")
    if manifest.network.vpc.placement.where == "private":
        wanted.append("NATWorkloads")
    if aliases(manifest):
        wanted.append("Aliases")
    return tuple(wanted)


def aliases(manifest: WorkloadManifest) -> tuple[str, ...]:
    """Every domain name that the service's rules ask for, in the manifest's order."""
    rules = manifest.http.rules if manifest.http else ()
    return tuple(dict.fromkeys(alias.name for rule in rules for alias in rule.alias))


def require_env_features(manifest: WorkloadManifest, env: str, stack: ObservedStack) -> None:
    """Refuses a service whose environment was made before what it needs existed."""
    missing = [name for name in required_features(manifest) if name not in stack.parameters]
    if missing:
        needed = " and ".join(FEATURE_NAMES[name] for name in missing)
        raise Blocked(
            f"{manifest.name} can't be deployed: environment {env} is at {stack.version} and can't make {needed}",
            hints=(f"copilot env deploy --name {env}",),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Check:
    """One service's rules against one environment."""

    service: str
    app: App
    env: str
    env_manifest: Environment

    @property
    def env_file(self) -> str:
        return f"copilot/environments/{self.env}/manifest.yml"

    def refuse(self, why: str, *hints: str) -> Blocked:
        return Blocked(f"{self.service} can't be deployed: {why}", hints=hints)

    def public(self, rule: RoutingRule) -> None:
        """A rule of the public load balancer: aliases need certificates, and certificates aliases."""
        imported = bool(public_certificates(self.env_manifest))
        if rule.redirect_to_https is not None and not imported and not self.app.domain:
            raise self.refuse(
                f"http.redirect_to_https needs HTTPS, and neither application {self.app.name} has a domain "
                f"nor does environment {self.env} import certificates",
                "remove http.redirect_to_https",
                f"or import certificates in {self.env_file} (http.public.certificates)",
            )
        if imported and not rule.alias:
            raise self.needs_alias("certificates")
        if rule.alias:
            self._zones(rule, imported=imported)
        if rule.alias and not imported:
            self._domain(rule)

    def _zones(self, rule: RoutingRule, *, imported: bool) -> None:
        """An alias's own zone is for certificates of the user's own; the original lets a whole rule have one."""
        own = sorted({alias.hosted_zone or "" for alias in rule.alias} - {""})
        zones = sorted({alias.hosted_zone or rule.hosted_zone or "" for alias in rule.alias} - {""})
        if own and not imported:
            raise self.refuse(
                f"hosted zone {', '.join(own)} can't be used: environment {self.env} imports no certificates",
                "remove hosted_zone: records of the application's domain are made without it",
            )
        if zones and self.env_manifest.cdn is not None:
            raise self.refuse(
                f"hosted zone {', '.join(zones)} can't be used: environment {self.env} has a CDN in front",
                "remove hosted_zone, and let the record point to the CDN's distribution yourself",
            )

    def _domain(self, rule: RoutingRule) -> None:
        if not self.app.domain:
            raise self.refuse(
                f"http.alias needs a domain, and application {self.app.name} has none",
                "remove http.alias",
                f"or import certificates in {self.env_file} (http.public.certificates)",
            )
        bases = alias_bases(self.app, self.env)
        foreign = [alias.name for alias in rule.alias if not is_under(alias.name, bases)]
        if foreign:
            raise self.refuse(
                f"alias {', '.join(foreign)} is not under the application's domain {self.app.domain}",
                f"use one label, or none, before {', '.join(bases)}",
                f"or import a certificate for it in {self.env_file} (http.public.certificates)",
            )

    def internal(self, rule: RoutingRule) -> None:
        """A rule of the internal load balancer."""
        imported = bool(self.env_manifest.http.private.certificates)
        if imported and not rule.alias:
            raise self.needs_alias("private certificates")
        if rule.alias and not imported:
            raise self.refuse(
                "http.alias of a Backend Service needs a private certificate",
                f"set http.private.certificates in {self.env_file}, or remove the alias",
            )

    def needs_alias(self, what: str) -> Blocked:
        return self.refuse(
            f"environment {self.env} imports {what}, and then every http rule needs an alias",
            f"set http.alias in copilot/{self.service}/manifest.yml",
        )


def require_valid_for_env(manifest: WorkloadManifest, app: App, env: str, env_manifest: Environment) -> None:
    """Checks what neither manifest can tell alone: aliases need a domain or certificates, and certificates aliases."""
    check = _Check(service=manifest.name, app=app, env=env, env_manifest=env_manifest)
    for rule in manifest.http.rules if manifest.http else ():
        if isinstance(manifest, LoadBalancedWebService):
            check.public(rule)
        else:
            check.internal(rule)


def public_certificates(env_manifest: Environment) -> tuple[str, ...]:
    """Certificates that stand before public services: the load balancer's and the CDN's."""
    cdn = env_manifest.cdn.certificate if env_manifest.cdn else None
    return (*env_manifest.http.public.certificates, *([cdn] if cdn else []))


def alias_bases(app: App, env: str) -> tuple[str, ...]:
    """The domains whose zones may hold a record: the environment's, the application's and the root."""
    return (f"{env}.{app.name}.{app.domain}", f"{app.name}.{app.domain}", app.domain)


def is_under(name: str, bases: Iterable[str]) -> bool:
    """Whether a name is one of the bases or one label below it."""
    parent = name.partition(".")[2]
    return any(base in (name, parent) for base in bases)


def certificates_to_cover(manifest: WorkloadManifest, env_manifest: Environment) -> tuple[tuple[str, ...], ...]:
    """Groups of certificates, each of which must cover every alias; none when nothing needs to be looked at."""
    if not aliases(manifest):
        return ()
    if isinstance(manifest, BackendService):
        groups: list[tuple[str, ...]] = [env_manifest.http.private.certificates]
    else:
        cdn = env_manifest.cdn.certificate if env_manifest.cdn else None
        groups = [env_manifest.http.public.certificates, (cdn,) if cdn else ()]
    return tuple(group for group in groups if group)


def require_covered(manifest: WorkloadManifest, env: str, certificates: Sequence[Certificate]) -> None:
    """Refuses an alias that none of the certificates stands for: browsers would warn of it."""
    bare = [name for name in aliases(manifest) if not any(certificate.covers(name) for certificate in certificates)]
    if bare:
        arns = ", ".join(certificate.arn for certificate in certificates)
        raise Blocked(
            f"{manifest.name} can't be deployed: no certificate of environment {env} covers alias {', '.join(bare)}",
            details=f"looked at: {arns}",
            hints=(f"import one that does in copilot/environments/{env}/manifest.yml, or change the alias",),
        )


def require_app_for_aliases(manifest: WorkloadManifest, app: App, version: str) -> None:
    """Refuses aliases in an application whose roles are too old to delegate its domain."""
    if compare(version, FIRST_APP_VERSION_WITH_ALIASES) < 0:
        raise Blocked(
            f"{manifest.name} can't be deployed: http.alias needs application {app.name} at "
            f"{FIRST_APP_VERSION_WITH_ALIASES} or later, and it is at {version}",
            hints=(f"copilot app upgrade --name {app.name}",),
        )
