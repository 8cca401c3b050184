"""Environments: deploy one, or render what deploying would send."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from copilot import TEMPLATE_VERSION, cfn, names
from copilot.actions.context import Context
from copilot.actions.differences import confirm_difference, render_difference
from copilot.actions.guards import require_no_addons, require_no_overrides, require_not_newer
from copilot.actions.requests import DeployEnv, PackageEnv
from copilot.actions.stack_deployments import stack_deployment
from copilot.aws.cloud import Cloud
from copilot.aws.parallel import together
from copilot.cfn.template import Stack
from copilot.deploy.lambdas import LambdaPackage, locations, pack_lambdas, upload_lambdas
from copilot.deploy.stacks import deploy_stack
from copilot.describe.app import env_cloud, read_regional
from copilot.describe.stacks import BOOTSTRAP, ObservedStack, observe_with_template
from copilot.errors import NotFound
from copilot.manifest import Source, load_environment
from copilot.model.observed import RegionalResources
from copilot.model.outcome import Ended, Outcome
from copilot.model.records import App, Env
from copilot.stacks.environment import LAMBDAS, environment_stack
from copilot.stacks.facts import EnvFacts

STACK_KIND = "environment"


@dataclass(frozen=True, kw_only=True)
class EnvPlan:
    """An environment that is ready to be deployed: what is wanted and what was observed."""

    app: App
    env: Env
    cloud: Cloud
    regional: RegionalResources
    observed: ObservedStack
    packages: Mapping[str, LambdaPackage]
    stack: Stack


def deploy_env(request: DeployEnv, context: Context) -> Outcome:
    """Brings an environment's stack to what its manifest says; the stack exists since `env init`."""
    plan = plan_env(request.app, request.name, context, allow_downgrade=request.allow_downgrade, force=request.force)
    if request.diff and not confirm_difference(plan.stack, plan.observed, context, sure=request.diff_yes):
        return Outcome(ended=Ended.DECLINED, message=f"Environment {request.name} was not deployed.")
    upload_lambdas(plan.cloud.buckets, plan.packages, plan.observed.template)
    ended = deploy_stack(
        stack_deployment(
            plan.stack,
            context=context,
            cloud=plan.cloud,
            observed=plan.observed,
            regional=plan.regional,
            label=f"Environment {request.name}",
            role_arn=plan.env.execution_role_arn,
            disable_rollback=request.no_rollback,
            detach=request.detach,
        )
    )
    return _outcome(ended, request)


def _outcome(ended: Ended, request: DeployEnv) -> Outcome:
    if ended is Ended.UNCHANGED:
        return Outcome(
            ended=ended,
            message=f"Environment {request.name} is up to date: its manifest brings no change.",
            next_steps=(f"Run `copilot env deploy --name {request.name} --force` to deploy it all the same.",),
        )
    if ended is Ended.DETACHED:
        return Outcome(
            ended=ended, message=f"Deployment of environment {request.name} has begun and goes on by itself."
        )
    return Outcome(ended=ended, message=f"Environment {request.name} is deployed.")


def plan_env(
    app_name: str, name: str, context: Context, *, allow_downgrade: bool, force: bool = False, uploads: bool = True
) -> EnvPlan:
    """Reads the manifest and what is deployed, and renders the stack."""
    workspace = context.require_workspace()
    text = workspace.environment_manifest(name)
    require_no_addons(workspace.environment_addons(), "copilot/environments/addons")
    require_no_overrides(workspace.environment_overrides(), "copilot/environments/overrides")
    loaded = load_environment(Source(text=text.text, path=text.path), app=app_name, env=name, environ=context.environ)
    app, env, instances = together(
        lambda: context.registry.get_app(app_name),
        lambda: context.registry.get_env(app_name, name),
        lambda: context.cloud.stack_sets.instances(names.stack_set(app_name)),
    )
    target = env_cloud(context.cloud, env)
    observed, regional = together(
        lambda: observe_with_template(target, names.env_stack(app_name, name)),
        lambda: read_regional(context.cloud, instances, env.region),
    )
    if not observed.exists or regional is None:
        raise NotFound(
            f"environment {name} can't be deployed: its stack {names.env_stack(app_name, name)} is gone",
            hints=(f"copilot env init --name {name}",),
        )
    require_not_newer(f"environment {name}", observed.version, allow=allow_downgrade)
    packages = pack_lambdas(LAMBDAS, STACK_KIND, regional.bucket)
    facts = EnvFacts(
        app=app,
        name=name,
        account=env.account_id,
        region=env.region,
        artifact_bucket=regional.bucket,
        artifact_key_arn=regional.key_arn,
        version=TEMPLATE_VERSION,
    )
    stack = environment_stack(
        loaded.manifest,
        facts,
        old_parameters={} if observed.version == BOOTSTRAP else observed.parameters,
        lambdas=locations(packages),
        manifest_text=loaded.text,
        force_id=context.clock.uuid() if force else observed.outputs.get("LastForceDeployID", ""),
        cdn_prefix_list=_cdn_prefix_list(loaded.manifest.http.public.ingress.cdn, context.cloud.in_region(env.region)),
    )
    return EnvPlan(app=app, env=env, cloud=target, regional=regional, observed=observed, packages=packages, stack=stack)


def _cdn_prefix_list(wanted: bool, cloud: Cloud) -> str:
    """The id of CloudFront's prefix list in the environment's region, where the manifest asks for it.

    Read with the user's own credentials: the manager role may not look at prefix lists.
    """
    return cloud.network.cloudfront_prefix_list() if wanted else ""


def package_env(request: PackageEnv, context: Context) -> Outcome:
    """Shows the template, or writes it with its parameters into a directory."""
    plan = plan_env(request.app, request.name, context, allow_downgrade=request.allow_downgrade, force=request.force)
    if request.diff:
        return render_difference(plan.stack, plan.observed, context)
    if request.upload_assets:
        upload_lambdas(plan.cloud.buckets, plan.packages, plan.observed.template)
    body = cfn.dump(plan.stack.template)
    if not request.output_dir:
        context.show(body)
        return Outcome()
    workspace = context.require_workspace()
    written = [
        workspace.write_output(request.output_dir, f"{request.name}.env.yml", body),
        workspace.write_output(request.output_dir, f"{request.name}.env.params.json", parameters_file(plan.stack)),
    ]
    return Outcome(message="\n".join(f"Wrote {path}" for path in written))


def parameters_file(stack: Stack) -> str:
    """The stack's parameters and tags as CodePipeline's CloudFormation action reads them."""
    document = {"Parameters": dict(sorted(stack.parameters.items())), "Tags": dict(sorted(stack.tags.items()))}
    return json.dumps(document, indent=2)
