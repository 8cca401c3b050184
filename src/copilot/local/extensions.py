"""Everything that Copilot needs of an AWS and the emulator lacks, put into the emulator's own tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from copilot.local.cloudformation import coercion, deleted, events, functions, interruptions, scalars, tags, templates
from copilot.local.cloudformation.resources import ec2, ecs, elb, route53, s3
from copilot.local.cloudformation.stackset_actions import StackSetActions
from copilot.local.cloudformation.stacksets import StackSets
from copilot.local.services.apprunner import AppRunner
from copilot.local.services.codepipeline import CodePipeline
from copilot.local.services.connections import Connections
from copilot.local.services.scaling import Scaling

STACK_SETS = "cloudformation_stack_sets"
INTERRUPTIONS = "cloudformation_interruptions"
_NESTED_STACK = "AWS::CloudFormation::Stack"
_FUNCTION = "AWS::Lambda::Function"
_TAGGED_BY_STACK = (
    "AWS::EC2::EIP",
    "AWS::EC2::NatGateway",
    "AWS::EC2::FlowLog",
    "AWS::ECS::TaskDefinition",
    "AWS::CodePipeline::Pipeline",
)


def install() -> None:
    """Adds what is missing to the emulator of this process; call it once before the emulator starts."""
    from ministack import app
    from ministack.services import tagging

    if STACK_SETS in app._state_map:
        return
    sets, scaling, pipelines = StackSets(), Scaling(), CodePipeline()
    runner, connections = AppRunner(), Connections()
    _keep(STACK_SETS, sets)
    _keep(INTERRUPTIONS, interruptions.Interruptions())
    _serve("application-autoscaling", scaling, target_prefix="AnyScaleFrontendService")
    _serve("apprunner", runner, target_prefix="AppRunner.")
    _serve("codepipeline", pipelines, target_prefix="CodePipeline_20150709")
    _serve("codestar-connections", connections, target_prefix="com.amazonaws.codestar.connections.")
    _extend_cloudformation(sets)
    _extend_types(*(service.types() for service in (scaling, runner, pipelines, connections)))
    tagging._COLLECTORS.update(tags.collectors())
    tagging._COLLECTORS["apprunner"] = tags.listing(runner.tagged)
    tagging._COLLECTORS["codepipeline"] = tags.listing(pipelines.tagged)


def _extend_cloudformation(sets: StackSets) -> None:
    from ministack.services.cloudformation import custom_resource, engine, handlers, provisioners, stacks

    actions = StackSetActions(sets)
    table = handlers._ACTION_HANDLERS
    table.update(actions.table())
    table.update(templates.readable_urls(table))
    table["GetTemplateSummary"] = templates.summary_with_metadata(table["GetTemplateSummary"], actions.template)
    for name in ("UpdateStack", "ExecuteChangeSet"):
        table[name] = interruptions.remembering(table[name])
    table["DeleteStack"] = interruptions.delete_once_settled(table["DeleteStack"])
    table.update(deleted.refused_by_name(table))
    events.install(stacks, provisioners)
    functions.install(custom_resource)
    engine.CfnLoader.add_constructor(scalars.MAP_TAG, scalars.template_constructor())
    engine.CfnLoader.add_constructor(scalars.INT_TAG, scalars.integer_constructor())


def _extend_types(*more: Mapping[str, Any]) -> None:
    from ministack.services import alb
    from ministack.services.cloudformation import provisioners

    table = provisioners._RESOURCE_HANDLERS
    for types in (ec2.types(), ecs.types(), elb.types(), route53.types(), s3.types(table), *more):
        table.update(types)
    for name, kinds in coercion.KINDS.items():
        table[name] = coercion.coercing(table[name], kinds)
    table[_FUNCTION] = functions.checked(table[_FUNCTION])
    table[_NESTED_STACK] = coercion.coercing(table[_NESTED_STACK], {"TemplateURL": templates.path_style})
    for name in _TAGGED_BY_STACK:
        provisioners._STACK_TAG_PROPERTY[name] = ("Tags", "list")
    alb._ACTION_MAP.update(elb.actions())
    _wait_off_the_loop()


def _wait_off_the_loop() -> None:
    """Lets a service's deployment be waited for on a thread, where it holds up no other request."""
    from ministack.services.cloudformation import stacks

    blocking = stacks._runs_on_worker_thread
    stacks._runs_on_worker_thread = lambda name: name == "AWS::ECS::Service" or blocking(name)


def _keep(key: str, service: Any) -> None:
    """Has the emulator save, restore and reset the service's state."""
    from ministack import app

    app._loaded_modules[key] = service
    app._state_map[key] = key
    app.SERVICE_REGISTRY[key] = {"module": key}


def _serve(name: str, service: Any, *, target_prefix: str) -> None:
    """Has the emulator route a service's requests and keep its state."""
    from ministack import app
    from ministack.core import router

    _keep(name.replace("-", "_"), service)
    app.SERVICE_HANDLERS[name] = service.handle_request
    router.SERVICE_PATTERNS[name] = {
        "target_prefixes": [target_prefix],
        "host_patterns": [rf"{name}\."],
        "credential_scope": name,
    }
