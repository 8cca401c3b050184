"""`init`: the guided start."""

from __future__ import annotations

from typing import Any

from copilot.cli import flags
from copilot.cli.command import command
from copilot.cli.types import UINT16
from copilot.cli.wiring import Wiring, pass_wiring
from copilot.errors import UsageError

WELCOME = "This makes an application with a first service: an application groups services and their environments."
LATER = ("schedule", "retries", "timeout")


@command(
    examples=[
        ("Be guided through it.", "copilot init"),
        (
            "Create an application with a service, and deploy it to the environment test.",
            "copilot init --app vote --name collector \\\n"
            '  --type "Load Balanced Web Service" --dockerfile ./Dockerfile \\\n'
            "  --deploy --env test",
        ),
        ("Write the manifest only.", "copilot init --deploy=false"),
    ],
    exclusive=[("--dockerfile", "--image")],
)
@flags.app
@flags.name("service")
@flags.text("type", flags.SERVICE_TYPE_HELP, short="t")
@flags.text("dockerfile", "Path of the Dockerfile.", short="d")
@flags.text("image", "An image that exists, instead of a Dockerfile.", short="i")
@flags.text("env", "Name of the environment to deploy to.", short="e")
@flags.tri("deploy", "Deploy the service at once; --deploy=false stops after the manifest.")
@flags.number("port", "Port that the container listens on; the Dockerfile's by default.", kind=UINT16)
@flags.text("schedule", "When a Scheduled Job runs.", hidden=True)
@flags.number("retries", "How often a Scheduled Job is tried again.", hidden=True)
@flags.text("timeout", "How long a Scheduled Job may take.", hidden=True)
@flags.tag
@pass_wiring
def init(wiring: Wiring, **given: Any) -> int:
    """Create an application with its first service, and deploy it if you like.

    It asks what the flags leave open, makes what is missing (application, service, environment), builds and deploys
    the service, and prints its address. Run again in the same directory, it adds another service."""
    from copilot.actions.init import init as init_all

    later = [f"--{flag}" for flag in LATER if given[flag]]
    if later:
        raise UsageError(f"{later[0]} is not available: this version does not have Scheduled Jobs yet")
    wiring.console.say(WELCOME)
    return wiring.run(init_all, _request(wiring, given))


def _request(wiring: Wiring, given: dict[str, Any]) -> Any:
    from copilot.actions.requests import Init, InitApp, InitService
    from copilot.cli.fill import init as fill
    from copilot.cli.fill.service import new_service

    app = fill.app_to_use(wiring, given["app"], flag="--app")
    kept = {key: given[key] for key in ("name", "type", "dockerfile", "image", "port")}
    service = new_service(wiring, InitService(app=app, **kept), type_flag="--type")
    deploy = given["deploy"]
    if deploy is None:
        deploy = wiring.ask.confirm("Deploy it to an environment now?", flag="--deploy", default=True)
    env = fill.env_to_use(wiring, app, given["env"]) if deploy else given["env"]
    return Init(app=InitApp(name=app), service=service, env=env, deploy=deploy, tag=given["tag"])
