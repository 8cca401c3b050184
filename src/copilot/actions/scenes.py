"""An environment and the workloads to deploy there, read once in two round trips however many workloads there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from copilot import names
from copilot.actions.context import Context
from copilot.aws.cloud import Cloud
from copilot.aws.parallel import each, together
from copilot.describe.app import env_cloud
from copilot.describe.regional import read_regional, regional_of
from copilot.describe.stacks import BOOTSTRAP, ObservedStack, observe_with_template
from copilot.errors import Blocked
from copilot.manifest import Environment, parse_environment
from copilot.model.observed import RegionalResources
from copilot.model.records import App, Env, Workload
from copilot.registry.registry import Records


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What is there before a deployment: `workloads` are the recorded ones, `observed` the named ones' stacks."""

    app: App
    env: Env
    cloud: Cloud
    regional: RegionalResources
    env_stack: ObservedStack
    workloads: Mapping[str, Workload]
    observed: Mapping[str, ObservedStack]

    @cached_property
    def env_manifest(self) -> Environment:
        """The environment's manifest as it was deployed, the default one where that was not kept."""
        text = self.env_stack.manifest
        return parse_environment(text) if text else Environment(name=self.env.name)

    @property
    def cluster(self) -> str:
        return self.env_stack.outputs.get("ClusterId", "")

    @property
    def service_discovery_endpoint(self) -> str:
        """Environments from before v1.5 have the application's name alone."""
        return self.env_stack.parameters.get("ServiceDiscoveryEndpoint", f"{self.app.name}.local")

    def at_version(self, version: str) -> Scene:
        """The scene with the environment's stack at another version."""
        stack = replace(self.env_stack, metadata={**self.env_stack.metadata, "Version": version})
        return replace(self, env_stack=stack)


def observe_scene(
    records: Records,
    workloads: Sequence[str],
    context: Context,
    *,
    observe: Callable[[Cloud, str], ObservedStack] = observe_with_template,
) -> Scene:
    """Reads the stacks of one environment and of the workloads in one parallel sweep; it must be deployed.

    `observe` says how much of a workload's stack is needed.
    """
    app, env = records.app, records.envs[0]
    cloud = env_cloud(context.cloud, env)
    env_stack, observed = together(
        lambda: observe_with_template(cloud, names.env_stack(app.name, env.name)),
        lambda: each(lambda name: observe(cloud, names.workload_stack(app.name, env.name, name)), workloads),
    )
    require_deployed(env.name, env_stack)
    return Scene(
        app=app,
        env=env,
        cloud=cloud,
        regional=require_regional(app, env, env_stack, context),
        env_stack=env_stack,
        workloads={workload.name: workload for workload in records.workloads},
        observed=dict(zip(workloads, observed, strict=True)),
    )


def require_regional(app: App, env: Env, env_stack: ObservedStack, context: Context) -> RegionalResources:
    """What the application has in the environment's region."""
    found = regional_of(app, env.region, env_stack.template)
    if found is None:
        instances = context.cloud.stack_sets.instances(names.stack_set(app.name), region=env.region)
        found = read_regional(context.cloud, instances, env.region)
    if found is None:
        raise Blocked(
            f"nothing can be deployed in {env.name}: application {app.name} has nothing in {env.region}",
            hints=(f"copilot env init --name {env.name}",),
        )
    return found


def require_deployed(env: str, observed: ObservedStack) -> None:
    """Refuses an environment that has only its roles."""
    if observed.version == BOOTSTRAP or not observed.exists:
        raise Blocked(
            f"environment {env} is not deployed yet: it has neither network nor cluster",
            hints=(f"copilot env deploy --name {env}",),
        )
