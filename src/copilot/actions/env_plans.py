"""From an environment's manifest and what is deployed to the stack that is wanted: for deploy, package and adopt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from copilot import TEMPLATE_VERSION, names
from copilot.actions.context import Context
from copilot.actions.guards import require_no_addons, require_no_overrides, require_not_newer
from copilot.actions.scenes import require_regional
from copilot.aws.cloud import Cloud
from copilot.cfn.template import Stack
from copilot.deploy.lambdas import LambdaPackage, locations, pack_lambdas
from copilot.describe.app import env_cloud
from copilot.describe.stacks import BOOTSTRAP, ObservedStack, observe_with_template
from copilot.errors import NotFound
from copilot.manifest import Environment, Loaded, Source, load_environment
from copilot.model.observed import RegionalResources
from copilot.model.records import App, Env
from copilot.stacks.environment import LAMBDAS, environment_stack
from copilot.stacks.facts import EnvFacts
from copilot.workspace.workspace import Workspace

STACK_KIND = "environment"


@dataclass(frozen=True, kw_only=True)
class EnvScene:
    """An environment as it is."""

    app: App
    env: Env
    cloud: Cloud
    regional: RegionalResources
    observed: ObservedStack


@dataclass(frozen=True, kw_only=True)
class EnvPlan:
    """An environment that is ready to be deployed: what is wanted, what was observed, and what one should know."""

    scene: EnvScene
    packages: Mapping[str, LambdaPackage]
    stack: Stack
    notices: tuple[str, ...] = ()


def read_environment(name: str, app: str, context: Context) -> Loaded[Environment]:
    """The workspace's manifest of an environment, with every problem told before anything is asked of AWS."""
    workspace = context.require_workspace()
    text = workspace.environment_manifest(name)
    require_deployable(workspace)
    return load_environment(Source(text=text.text, path=text.path), app=app, env=name, environ=context.environ)


def require_deployable(workspace: Workspace) -> None:
    """Refuses a workspace whose environments have parts that this version can't deploy yet."""
    require_no_addons(workspace.environment_addons(), "copilot/environments/addons")
    require_no_overrides(workspace.environment_overrides(), "copilot/environments/overrides")


def observe_env(app_name: str, name: str, context: Context) -> EnvScene:
    """Reads the records, then the stack."""
    records = context.registry.get_deployment(app_name, name, ())
    app, env = records.app, records.envs[0]
    cloud = env_cloud(context.cloud, env)
    observed = observe_with_template(cloud, names.env_stack(app_name, name))
    if not observed.exists:
        raise NotFound(
            f"environment {name} can't be deployed: its stack {names.env_stack(app_name, name)} is gone",
            hints=(f"copilot env init --name {name}",),
        )
    regional = require_regional(app, env, observed, context)
    return EnvScene(app=app, env=env, cloud=cloud, regional=regional, observed=observed)


def plan_env(
    scene: EnvScene,
    loaded: Loaded[Environment],
    context: Context,
    *,
    allow_downgrade: bool = False,
    force: bool = False,
) -> EnvPlan:
    """Renders the stack that the manifest asks for."""
    env, observed, regional = scene.env, scene.observed, scene.regional
    require_not_newer(f"environment {env.name}", observed.version, allow=allow_downgrade)
    packages = pack_lambdas(LAMBDAS, STACK_KIND, regional.bucket)
    facts = EnvFacts(
        app=scene.app,
        name=env.name,
        account=env.account_id,
        region=env.region,
        artifact_bucket=regional.bucket,
        artifact_key_arn=regional.key_arn,
        version=TEMPLATE_VERSION,
    )
    restricts = loaded.manifest.http.public.ingress.cdn
    stack = environment_stack(
        loaded.manifest,
        facts,
        old_parameters={} if observed.version == BOOTSTRAP else observed.parameters,
        lambdas=locations(packages),
        manifest_text=loaded.text,
        force_id=context.clock.uuid() if force else observed.outputs.get("LastForceDeployID", ""),
        cdn_prefix_list=_cdn_prefix_list(restricts, context.cloud.in_region(env.region)),
    )
    return EnvPlan(scene=scene, packages=packages, stack=stack)


def _cdn_prefix_list(wanted: bool, cloud: Cloud) -> str:
    """The id of CloudFront's prefix list in the environment's region, where the manifest asks for it.

    Read with the user's own credentials: the manager role may not look at prefix lists.
    """
    return cloud.network.cloudfront_prefix_list() if wanted else ""
