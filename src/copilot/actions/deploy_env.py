"""Environments: deploy one, or render what deploying would send."""

from __future__ import annotations

import json
from dataclasses import replace

from copilot import cfn
from copilot.actions.context import Context
from copilot.actions.differences import confirm_difference, render_difference
from copilot.actions.env_checks import check_cdn
from copilot.actions.env_plans import EnvPlan, EnvScene, observe_env, plan_env, read_environment
from copilot.actions.requests import DeployEnv, PackageEnv
from copilot.actions.stack_deployments import stack_deployment
from copilot.aws.cloud import Cloud
from copilot.cfn.template import Stack
from copilot.deploy.lambdas import upload_lambdas
from copilot.deploy.stacks import deploy_stack
from copilot.describe.stacks import BOOTSTRAP
from copilot.describe.versions import compare
from copilot.model.outcome import Ended, Outcome

FIRST_VERSION_WITH_UPLOADS = "v1.9.0"


def deploy_env(request: DeployEnv, context: Context) -> Outcome:
    """Brings an environment's stack to what its manifest says; the stack exists since `env init`."""
    plan = _plan(request, context)
    if request.diff and not confirm_difference(plan.stack, plan.scene.observed, context, sure=request.diff_yes):
        return Outcome(ended=Ended.DECLINED, message=f"Environment {request.name} was not deployed.")
    ended = deploy_env_plan(plan, context, disable_rollback=request.no_rollback, detach=request.detach)
    return replace(_outcome(ended, request), notices=plan.notices)


def _plan(request: DeployEnv | PackageEnv, context: Context) -> EnvPlan:
    loaded = read_environment(request.name, request.app, context)
    scene = observe_env(request.app, request.name, context)
    plan = plan_env(scene, loaded, context, allow_downgrade=request.allow_downgrade, force=request.force)
    return replace(plan, notices=check_cdn(loaded.manifest, scene))


def deploy_env_plan(plan: EnvPlan, context: Context, *, disable_rollback: bool = False, detach: bool = False) -> Ended:
    """Uploads what the stack needs and brings it to what is wanted."""
    scene = plan.scene
    upload_lambdas(artifact_cloud(scene, context).buckets, plan.packages, scene.observed.template)
    return deploy_stack(
        stack_deployment(
            plan.stack,
            context=context,
            cloud=scene.cloud,
            observed=scene.observed,
            regional=scene.regional,
            label=f"Environment {scene.env.name}",
            role_arn=scene.env.execution_role_arn,
            disable_rollback=disable_rollback,
            detach=detach,
        )
    )


def artifact_cloud(scene: EnvScene, context: Context) -> Cloud:
    """Whose credentials upload artifacts: the manager role's, which could not in environments from before v1.9.0."""
    if scene.observed.version == BOOTSTRAP or compare(scene.observed.version, FIRST_VERSION_WITH_UPLOADS) >= 0:
        return scene.cloud
    return context.cloud.in_region(scene.env.region)


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


def package_env(request: PackageEnv, context: Context) -> Outcome:
    """Shows the template, or writes it with its parameters into a directory."""
    plan = _plan(request, context)
    if request.diff:
        return render_difference(plan.stack, plan.scene.observed, context)
    if request.upload_assets:
        upload_lambdas(artifact_cloud(plan.scene, context).buckets, plan.packages, plan.scene.observed.template)
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
