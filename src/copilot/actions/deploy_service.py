"""Services: deploy one, or render what deploying would send."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from copilot import cfn, names
from copilot.actions.context import Context
from copilot.actions.deploy_env import parameters_file
from copilot.actions.differences import confirm_difference, render_difference
from copilot.actions.requests import DeployService, PackageService
from copilot.actions.scenes import observe_scene
from copilot.actions.service_plans import ServicePlan, plan_service, read_manifest
from copilot.actions.stack_deployments import stack_deployment
from copilot.aws.parallel import together
from copilot.cfn.template import Stack
from copilot.deploy.images import build_and_publish
from copilot.deploy.lambdas import upload_lambdas
from copilot.deploy.rollout import RolloutWatch, force_rollout
from copilot.deploy.stacks import deploy_stack
from copilot.describe.endpoints import planned_endpoint
from copilot.describe.stacks import observe_version, observe_with_template
from copilot.errors import WorkspaceError
from copilot.model.events import Event, State
from copilot.model.outcome import Ended, Outcome
from copilot.stacks.facts import partition_of


def deploy_service(request: DeployService, context: Context) -> Outcome:
    """Builds the image, uploads what the stack needs and brings the stack to what the manifest says."""
    loaded = read_manifest(request.name, request.app, request.env, context)
    records = context.registry.get_deployment(request.app, request.env, [request.name])
    scene = observe_scene(records, [request.name], context)
    plan = plan_service(scene, loaded, context, tag=request.tag, allow_downgrade=request.allow_downgrade)
    upload_functions([plan], context)
    return deploy_planned(plan, request, context)


def upload_functions(plans: Sequence[ServicePlan], context: Context) -> None:
    """Uploads the custom resources' code that the wanted stacks use, once for all the workloads of a deployment."""
    wanted = [str(plan.render(plan.unbuilt_image, context, {}).template) for plan in plans]
    packages = {package.location.key: package for plan in plans for package in plan.packages.values()}
    used = {key: package for key, package in packages.items() if any(key in template for template in wanted)}
    deployed = "\n".join(plan.observed.template for plan in plans)
    upload_lambdas(plans[0].scene.cloud.buckets, used, deployed)


def deploy_planned(plan: ServicePlan, request: DeployService, context: Context) -> Outcome:
    """The part of a deployment that changes something."""
    context.observe(Event(path=(plan.stack_name,), state=State.WAITING, label=plan.label))
    plan, image = _upload(plan, context)
    stack = plan.render(image, context, request.resource_tags)
    if request.diff and not confirm_difference(stack, plan.observed, context, sure=request.diff_yes):
        return Outcome(ended=Ended.DECLINED, message=f"Service {request.name} was not deployed.")
    ended = _deploy(plan, stack, request, context)
    return _outcome(ended, plan, stack, request)


def _upload(plan: ServicePlan, context: Context) -> tuple[ServicePlan, str]:
    """Builds the image and uploads the env file at the same time; the plan with the file's place, and the image."""
    image, env_file = together(lambda: _image(plan, context), lambda: _upload_env_file(plan, context))
    return plan.with_env_file(env_file), image


def _image(plan: ServicePlan, context: Context) -> str:
    work = plan.image_work(context)
    if work is None:
        return plan.unbuilt_image
    repositories = context.cloud.in_region(plan.scene.env.region).repositories
    return build_and_publish(work, context.engine(), repositories, context.observe)


def _upload_env_file(plan: ServicePlan, context: Context) -> str:
    """The env file's ARN in the artifact bucket, empty when the manifest names none."""
    path = plan.manifest.env_file
    if not path:
        return ""
    data = _read_env_file(path, plan, context)
    key = names.env_file_key(PurePosixPath(path).name, hashlib.sha256(data).hexdigest())
    bucket = plan.scene.regional.bucket
    plan.scene.cloud.buckets.upload(bucket, key, data, content_type="text/plain")
    return f"arn:{partition_of(plan.scene.env.region)}:s3:::{bucket}/{key}"


def _read_env_file(path: str, plan: ServicePlan, context: Context) -> bytes:
    try:
        return context.require_workspace().read_bytes(path)
    except WorkspaceError as error:
        error.hints = (*error.hints, f"correct env_file in copilot/{plan.name}/manifest.yml; it begins at the root")
        raise


def _deploy(plan: ServicePlan, stack: Stack, request: DeployService, context: Context) -> Ended:
    scene = plan.scene
    watch = RolloutWatch(cloud=scene.cloud, cluster=scene.cluster, stack=stack.name)
    ended = deploy_stack(
        stack_deployment(
            stack,
            context=context,
            cloud=scene.cloud,
            observed=plan.observed,
            regional=scene.regional,
            label=plan.label,
            role_arn=scene.env.execution_role_arn,
            disable_rollback=request.no_rollback,
            detach=request.detach,
            watches=(watch,),
        )
    )
    if ended is Ended.UNCHANGED and request.force:
        context.observe(Event(path=(stack.name,), state=State.RUNNING, label=plan.label, status="restarting"))
        force_rollout(
            scene.cloud, cluster=scene.cluster, stack=stack.name, clock=context.clock, wait=not request.detach
        )
        context.observe(Event(path=(stack.name,), state=State.DONE, status="restarted"))
        return Ended.DONE
    return ended


def _outcome(ended: Ended, plan: ServicePlan, stack: Stack, request: DeployService) -> Outcome:
    name = f"Service {request.name} in environment {request.env}"
    if ended is Ended.DETACHED:
        return Outcome(
            ended=ended,
            message=f"{name}: its deployment has begun and goes on by itself.",
            next_steps=(f"Run `copilot svc status --name {request.name} --env {request.env}` to see how it goes.",),
        )
    endpoint = planned_endpoint(
        plan.scene.cloud, plan.manifest, stack, plan.scene.env_stack.deployed, plan.scene.service_discovery_endpoint
    )
    if ended is Ended.UNCHANGED:
        return Outcome(
            ended=ended,
            message=f"{name} is up to date: nothing to change.",
            urls=endpoint.addresses,
            next_steps=("Add --force to restart its tasks all the same.",),
        )
    return Outcome(
        ended=ended,
        message=f"{name} is deployed.",
        urls=endpoint.addresses,
        next_steps=(f"Run `copilot svc logs --name {request.name} --env {request.env} --follow` to read its logs.",),
    )


def package_service(request: PackageService, context: Context) -> Outcome:
    """Shows the template, or writes it with its parameters into a directory."""
    loaded = read_manifest(request.name, request.app, request.env, context)
    records = context.registry.get_deployment(request.app, request.env, [request.name])
    needs_template = request.diff or request.upload_assets
    scene = observe_scene(
        records, [request.name], context, observe=observe_with_template if needs_template else observe_version
    )
    plan = plan_service(scene, loaded, context, tag=request.tag, allow_downgrade=request.allow_downgrade)
    image = plan.unbuilt_image
    if request.upload_assets:
        upload_functions([plan], context)
        plan, image = _upload(plan, context)
    stack = plan.render(image, context, {})
    if request.diff:
        return render_difference(stack, plan.observed, context)
    return _write(stack, request, context)


def _write(stack: Stack, request: PackageService, context: Context) -> Outcome:
    body = cfn.dump(stack.template)
    if not request.output_dir:
        context.show(body)
        return Outcome()
    base = f"{request.name}-{request.env}"
    files: Mapping[str, str] = {f"{base}.stack.yml": body, f"{base}.params.json": parameters_file(stack)}
    workspace = context.require_workspace()
    written = [workspace.write_output(request.output_dir, name, text) for name, text in files.items()]
    return Outcome(message="\n".join(f"Wrote {path}" for path in written))
