"""From a workload's manifest and what is deployed to the stack that is wanted; shared by deploy and package."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from copilot import TEMPLATE_VERSION, names
from copilot.actions.context import Context
from copilot.actions.deploy_env import require_deployed
from copilot.actions.guards import require_no_addons, require_no_overrides, require_not_newer
from copilot.actions.service_checks import require_env_features, require_valid_for_env
from copilot.aws.cloud import Cloud
from copilot.aws.parallel import run
from copilot.cfn.template import Stack
from copilot.deploy.images import LATEST, ImageWork
from copilot.deploy.lambdas import LambdaPackage, locations, pack_lambdas
from copilot.describe.app import env_cloud, read_regional
from copilot.describe.stacks import ObservedStack, observe_stack
from copilot.errors import Blocked, NotFound
from copilot.images import git
from copilot.manifest import Environment, Loaded, Source, WorkloadManifest, load_workload, parse_environment
from copilot.model.observed import RegionalResources
from copilot.model.records import App, Env, Workload
from copilot.stacks import workload as stacks
from copilot.stacks.facts import WorkloadFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A workload in one environment, as the user names it."""

    app: str
    env: str
    name: str


@dataclass(frozen=True, kw_only=True)
class ServicePlan:
    """Everything that is known before the image is built: what the user wrote and what is there."""

    app: App
    env: Env
    workload: Workload
    cloud: Cloud
    regional: RegionalResources
    loaded: Loaded[WorkloadManifest]
    env_manifest: Environment
    env_stack: ObservedStack
    observed: ObservedStack
    packages: Mapping[str, LambdaPackage]
    tag: str
    env_file: str = ""

    @property
    def manifest(self) -> WorkloadManifest:
        return self.loaded.manifest

    @property
    def repository(self) -> str:
        uri = self.regional.repositories.get(self.workload.name, "")
        if not uri:
            raise NotFound(
                f"{self.workload.name} can't be deployed: it has no image repository in {self.env.region}",
                hints=(f"copilot svc init --name {self.workload.name}",),
            )
        return uri

    @property
    def unbuilt_image(self) -> str:
        """The image's reference without building it: the manifest's location, or the newest one in the repository."""
        if self.manifest.image.location:
            return self.manifest.image.location
        return f"{self.repository}:{self.tag or LATEST}"

    def image_work(self, context: Context) -> ImageWork | None:
        """The image to build; None when the manifest names a finished one."""
        build = self.manifest.image.build
        if build is None:
            return None
        return ImageWork(
            container=self.workload.name,
            build=build,
            platform=self.manifest.platform,
            root=context.require_workspace().root,
            repository=self.repository,
            tag=self.tag,
            path=(names.workload_stack(self.app.name, self.env.name, self.workload.name), "image"),
        )

    def render(self, image: str, context: Context, tags: Mapping[str, str]) -> Stack:
        """The stack that runs the image."""
        facts = WorkloadFacts(
            app=self.app,
            env=self.env,
            env_manifest=self.env_manifest,
            env_version=self.env_stack.version,
            version=TEMPLATE_VERSION,
            service_discovery_endpoint=self.env_stack.parameters.get(
                "ServiceDiscoveryEndpoint", f"{self.app.name}.local"
            ),
            random=context.clock.uuid(),
            image=image,
            artifact_bucket=self.regional.bucket,
            artifact_key_arn=self.regional.key_arn,
            lambdas=locations(self.packages),
            env_files={self.workload.name: self.env_file} if self.env_file else {},
            manifest_text=self.loaded.text,
            extra_tags=tags,
        )
        return stacks.render(self.manifest, facts)


def plan_service(target: Target, context: Context, *, tag: str = "", allow_downgrade: bool = False) -> ServicePlan:
    """Reads the manifest, then everything that is deployed, in two round trips."""
    loaded = _read_manifest(target, context)
    app, env, workload, instances = run(
        [
            lambda: context.registry.get_app(target.app),
            lambda: context.registry.get_env(target.app, target.env),
            lambda: context.registry.get_workload(target.app, target.name),
            lambda: context.cloud.stack_sets.instances(names.stack_set(target.app)),
        ]
    )
    cloud = env_cloud(context.cloud, env)
    env_stack, observed, regional = run(
        [
            lambda: observe_stack(cloud, names.env_stack(app.name, env.name)),
            lambda: observe_stack(cloud, names.workload_stack(app.name, env.name, target.name), template=True),
            lambda: read_regional(context.cloud, instances, env.region),
        ]
    )
    require_deployed(env.name, env_stack)
    require_not_newer(f"{target.name} in {env.name}", observed.version, allow=allow_downgrade)
    if regional is None:
        raise Blocked(
            f"{target.name} can't be deployed: application {app.name} has nothing in {env.region}",
            hints=(f"copilot env init --name {env.name}",),
        )
    env_manifest = parse_environment(env_stack.manifest) if env_stack.manifest else Environment(name=env.name)
    require_env_features(loaded.manifest, env.name, env_stack)
    require_valid_for_env(loaded.manifest, app, env.name, env_manifest)
    return ServicePlan(
        app=app,
        env=env,
        workload=workload,
        cloud=cloud,
        regional=regional,
        loaded=loaded,
        env_manifest=env_manifest,
        env_stack=env_stack,
        observed=observed,
        packages=pack_lambdas(stacks.lambdas(workload.type), workload.type, regional.bucket),
        tag=tag or git.describe(context.require_workspace().root),
    )


def _read_manifest(target: Target, context: Context) -> Loaded[WorkloadManifest]:
    workspace = context.require_workspace()
    text = workspace.manifest(target.name)
    require_no_addons(workspace.addons(target.name), f"copilot/{target.name}/addons")
    require_no_overrides(workspace.overrides(target.name), f"copilot/{target.name}/overrides")
    return load_workload(
        Source(text=text.text, path=text.path), app=target.app, env=target.env, environ=context.environ
    )
