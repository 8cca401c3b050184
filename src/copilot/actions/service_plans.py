"""From a workload's manifest and what is deployed to the stack that is wanted; shared by deploy and package."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from copilot import TEMPLATE_VERSION, cfn, names
from copilot.actions.alias_checks import require_served_aliases
from copilot.actions.context import Context
from copilot.actions.guards import require_no_addons, require_no_overrides, require_not_newer
from copilot.actions.scenes import Scene
from copilot.actions.service_checks import require_env_features, require_valid_for_env
from copilot.cfn.template import Stack
from copilot.deploy.images import LATEST, ImageWork
from copilot.deploy.lambdas import LambdaPackage, locations, pack_lambdas
from copilot.deploy.plan import KeepStack, plan_stack
from copilot.describe.stacks import ObservedStack
from copilot.errors import NotFound
from copilot.images import git
from copilot.manifest import Loaded, Source, WorkloadManifest, load_workload
from copilot.model.records import Workload
from copilot.stacks import workload as stacks
from copilot.stacks.facts import WorkloadFacts

COUNT_ACTION = "DynamicDesiredCountAction"


@dataclass(frozen=True, kw_only=True)
class ServicePlan:
    """Everything that is known before the image is built: what the user wrote and what is there."""

    scene: Scene
    workload: Workload
    loaded: Loaded[WorkloadManifest]
    packages: Mapping[str, LambdaPackage]
    tag: str
    env_file: str = ""

    @property
    def manifest(self) -> WorkloadManifest:
        return self.loaded.manifest

    @property
    def name(self) -> str:
        return self.workload.name

    @property
    def stack_name(self) -> str:
        return names.workload_stack(self.scene.app.name, self.scene.env.name, self.name)

    @property
    def label(self) -> str:
        return f"{self.name} in {self.scene.env.name}"

    @property
    def observed(self) -> ObservedStack:
        return self.scene.observed[self.name]

    @property
    def repository(self) -> str:
        """The address of the workload's image repository in the environment's region."""
        return f"{self.scene.regional.registry}/{names.repository(self.scene.app.name, self.name)}"

    @property
    def unbuilt_image(self) -> str:
        """The image's reference without building it: the manifest's location, or the newest one in the repository."""
        return self.manifest.image.location or f"{self.repository}:{self.tag or LATEST}"

    def with_env_file(self, arn: str) -> ServicePlan:
        """The plan with the place of the env file in the artifact bucket."""
        return replace(self, env_file=arn)

    def image_work(self, context: Context) -> ImageWork | None:
        """The image to build; None when the manifest names a finished one."""
        build = self.manifest.image.build
        if build is None:
            return None
        return ImageWork(
            container=self.name,
            build=build,
            platform=self.manifest.platform,
            root=context.require_workspace().root,
            repository=self.repository,
            tag=self.tag,
            path=(self.stack_name, "image"),
        )

    def render(self, image: str, context: Context, tags: Mapping[str, str]) -> Stack:
        """The stack that runs the image.

        Asking for the number of running tasks anew is no change in itself: it is asked when something else changes.
        """
        deployed = deployed_update_id(self.observed.template)
        if deployed:
            stack = self._render(image, tags, deployed)
            if isinstance(plan_stack(stack, self.observed.deployed, self.observed.template), KeepStack):
                return stack
        return self._render(image, tags, context.clock.uuid())

    def _render(self, image: str, tags: Mapping[str, str], random: str) -> Stack:
        scene = self.scene
        facts = WorkloadFacts(
            app=scene.app,
            env=scene.env,
            env_manifest=scene.env_manifest,
            env_version=scene.env_stack.version,
            version=TEMPLATE_VERSION,
            service_discovery_endpoint=scene.service_discovery_endpoint,
            random=random,
            image=image,
            artifact_bucket=scene.regional.bucket,
            artifact_key_arn=scene.regional.key_arn,
            lambdas=locations(self.packages),
            env_files={self.name: self.env_file} if self.env_file else {},
            manifest_text=self.loaded.text,
            extra_tags=tags,
        )
        return stacks.render(self.manifest, facts)


def deployed_update_id(template: str) -> str:
    """What marks the last question for the number of running tasks; empty where tasks are not scaled."""
    resources = (cfn.load(template) if COUNT_ACTION in template else {}).get("Resources") or {}
    properties = (resources.get(COUNT_ACTION) or {}).get("Properties") or {}
    return str(properties.get("UpdateID", ""))


def plan_service(
    scene: Scene, loaded: Loaded[WorkloadManifest], context: Context, *, tag: str = "", allow_downgrade: bool = False
) -> ServicePlan:
    """Checks the manifest against what is there; no round trip unless the service has aliases."""
    name = loaded.manifest.name
    workload = scene.workloads.get(name)
    if workload is None:
        raise NotFound(
            f"{name} can't be deployed: application {scene.app.name} has no workload of that name",
            hints=(f"copilot svc init --name {name}", "copilot svc ls"),
        )
    require_not_newer(f"{name} in {scene.env.name}", scene.observed[name].version, allow=allow_downgrade)
    require_env_features(loaded.manifest, scene.env.name, scene.env_stack)
    require_valid_for_env(loaded.manifest, scene.app, scene.env.name, scene.env_manifest)
    require_served_aliases(loaded.manifest, scene, context)
    return ServicePlan(
        scene=scene,
        workload=workload,
        loaded=loaded,
        packages=pack_lambdas(stacks.lambdas(workload.type), workload.type, scene.regional.bucket),
        tag=tag or git.describe(context.require_workspace().root),
    )


def read_manifest(name: str, app: str, env: str, context: Context) -> Loaded[WorkloadManifest]:
    """A workload's manifest for an environment, with every problem told before anything is asked of AWS."""
    workspace = context.require_workspace()
    text = workspace.manifest(name)
    require_no_addons(workspace.addons(name), f"copilot/{name}/addons")
    require_no_overrides(workspace.overrides(name), f"copilot/{name}/overrides")
    return load_workload(Source(text=text.text, path=text.path), app=app, env=env, environ=context.environ)
