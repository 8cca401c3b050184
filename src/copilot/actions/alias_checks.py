"""Are a service's aliases served: by certificates that cover them, or by an application that delegates its domain."""

from __future__ import annotations

from copilot.actions.context import Context
from copilot.actions.scenes import Scene
from copilot.actions.service_checks import aliases, certificates_to_cover, require_app_for_aliases, require_covered
from copilot.aws.certificates import Certificate
from copilot.aws.parallel import each
from copilot.describe.app import app_version
from copilot.manifest import WorkloadManifest


def require_served_aliases(manifest: WorkloadManifest, scene: Scene, context: Context) -> None:
    """Asks ACM about imported certificates, else for the application's version; asks nothing without aliases."""
    if not aliases(manifest):
        return
    groups = certificates_to_cover(manifest, scene.env_manifest)
    if not groups:
        require_app_for_aliases(manifest, scene.app, app_version(context.cloud, scene.app.name))
        return
    for group in groups:
        found = each(lambda arn: _certificate(arn, scene, context), group)
        if None not in found:
            require_covered(manifest, scene.env.name, [certificate for certificate in found if certificate])


def _certificate(arn: str, scene: Scene, context: Context) -> Certificate | None:
    """A certificate as who may look at it sees it; None when nobody here may.

    The manager role may describe the load balancers' certificates. The CDN's is in another region, where the role may
    not look, but the user of the same account may.
    """
    region = arn.split(":")[3]
    if region == scene.env.region:
        return scene.cloud.certificates.get(arn)
    if scene.env.account_id == context.cloud.account:
        return context.cloud.in_region(region).certificates.get(arn)
    return None
