"""`env ls|show|delete` and the hidden `env upgrade`."""

from __future__ import annotations

from copilot.cli import flags
from copilot.cli.command import command
from copilot.cli.fill import records
from copilot.cli.wiring import Wiring, pass_wiring


@command(
    examples=[
        ("List the environments of this workspace's application.", "copilot env ls"),
        ("Read them in a script.", "copilot env ls --app vote --json"),
    ]
)
@flags.app
@flags.json
@pass_wiring
def ls(wiring: Wiring, app: str, json: bool) -> None:
    """List the environments of an application, one name on a line."""
    from copilot.actions.lookups import list_envs
    from copilot.cli.views import env as views

    found = wiring.read(list_envs, records.app(wiring, app))
    wiring.console.data(views.list_as_json(found) if json else views.list_as_text(found))


@command(
    examples=[
        ("Show the environment test.", "copilot env show --name test"),
        ("Show it with every resource in it.", "copilot env show --name test --resources"),
        (
            "Get back the manifest that it was deployed with.",
            "copilot env show --name test --manifest \\\n  > copilot/environments/test/manifest.yml",
        ),
    ],
    exclusive=[("--manifest", "--json"), ("--manifest", "--resources")],
)
@flags.app
@flags.name("environment")
@flags.json
@flags.resources
@flags.switch("manifest", "Print the manifest that the environment was deployed with.")
@pass_wiring
def show(wiring: Wiring, app: str, name: str, json: bool, resources: bool, manifest: bool) -> None:
    """Show an environment: its account and region, the workloads deployed to it, its tags and its resources."""
    from copilot.actions.lookups import env_manifest, show_env
    from copilot.actions.requests import ShowEnv
    from copilot.cli.views import env as views

    app = records.app(wiring, app)
    name = records.env(wiring, app, name)
    if manifest:
        wiring.console.data(wiring.read(env_manifest, app, name))
        return
    found = wiring.read(show_env, ShowEnv(app=app, name=name, resources=resources))
    wiring.console.data(views.as_json(found) if json else views.as_text(found, wiring.console.out))


@command(
    examples=[
        ("Delete the environment test.", "copilot env delete --name test"),
        ("Delete it without a question.", "copilot env delete --name test --yes"),
    ]
)
@flags.app
@flags.name("environment")
@flags.yes
@pass_wiring
def delete(wiring: Wiring, app: str, name: str, yes: bool) -> int:
    """Delete an environment in which no service runs any more. Its manifest is kept."""
    from copilot.actions.delete_env import delete_env
    from copilot.actions.requests import DeleteEnv

    app = records.app(wiring, app)
    name = records.env(wiring, app, name)
    if not yes and not wiring.ask.confirm(f"Delete environment {name} of application {app}?", flag="--yes"):
        return wiring.decline(f"Environment {name} was not deleted.")
    return wiring.run(delete_env, DeleteEnv(app=app, name=name))


@command(examples=[("Learn how environments are upgraded.", "copilot env upgrade")])
@flags.app
@flags.name("environment")
@flags.switch("all", "All environments of the application.")
@pass_wiring
def upgrade(wiring: Wiring, app: str, name: str, all: bool) -> None:  # noqa: A002 (the flag's name)
    """Does nothing. `copilot env deploy` brings an environment up to date."""
    wiring.console.say("Nothing to do: `copilot env deploy` brings an environment up to date.")
