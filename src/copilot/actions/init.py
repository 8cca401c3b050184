"""The guided start: an application, a service and, when wanted, an environment that the service runs in."""

from __future__ import annotations

from dataclasses import replace

from copilot.actions.apps import init_app
from copilot.actions.context import Context
from copilot.actions.deploy_env import deploy_env
from copilot.actions.deploy_service import deploy_service
from copilot.actions.envs import init_env
from copilot.actions.requests import DeployEnv, DeployService, Init, InitEnv
from copilot.actions.services import init_service
from copilot.model.outcome import Outcome
from copilot.workspace.workspace import Workspace

DEFAULT_ENV = "test"


def init(request: Init, context: Context) -> Outcome:
    """Does what `app init`, `svc init`, `env init`, `env deploy` and `svc deploy` do, one after the other."""
    init_app(request.app, context)
    context = replace(context, workspace=Workspace.find(context.root))
    service = init_service(request.service, context)
    if not request.deploy:
        return Outcome(
            message=service.message,
            notices=service.notices,
            next_steps=(
                f"Run `copilot env init --name {DEFAULT_ENV}` to make an environment.",
                "Run `copilot deploy` to deploy the service there.",
            ),
        )
    app, env = request.app.name, request.env or DEFAULT_ENV
    if context.registry.find_env(app, env) is None:
        init_env(InitEnv(app=app, name=env), context)
    if env in context.require_workspace().environment_names():
        deploy_env(DeployEnv(app=app, name=env), context)
    deployed = deploy_service(DeployService(app=app, env=env, name=request.service.name, tag=request.tag), context)
    return replace(deployed, notices=(*service.notices, *deployed.notices))
