"""`app init|ls|show|delete|upgrade`."""

from __future__ import annotations

import click

from copilot.cli import flags
from copilot.cli.command import command
from copilot.cli.fill import records
from copilot.cli.wiring import Wiring, pass_wiring

TAGGED = "copilot app init --resource-tags department=MyDept,team=MyTeam"


@command(
    examples=[
        ("Create an application named vote.", "copilot app init vote"),
        ("Create one whose services get names under a domain that you own.", "copilot app init --domain example.com"),
        ("Create one whose resources all carry two tags.", TAGGED),
        ("Create one whose IAM roles stay within a policy.", "copilot app init --permissions-boundary devBoundary"),
    ]
)
@click.argument("name", default="")
@flags.text("domain", "A domain that you own; it needs a hosted zone in this account.")
@flags.text("permissions-boundary", "Name or ARN of an IAM policy that bounds every role that is made.")
@flags.resource_tags
@pass_wiring
def init(wiring: Wiring, name: str, domain: str, permissions_boundary: str, resource_tags: dict[str, str]) -> int:
    """Create an application, or bind this directory to one that exists.

    An application groups services and the environments that they are deployed to. Its name and its settings are
    kept in your AWS account; this directory gets copilot/.workspace, which says which application it belongs to.

    Run again for an application that exists, it brings the application's own stacks up to date."""
    from copilot.actions.apps import init_app
    from copilot.actions.requests import InitApp
    from copilot.cli.fill.init import app_to_use

    request = InitApp(
        name=app_to_use(wiring, name, flag="the application's name"),
        domain=domain,
        permissions_boundary=permissions_boundary,
        resource_tags=resource_tags,
    )
    return wiring.run(init_app, request)


@command(examples=[("List the applications of this account and region.", "copilot app ls")])
@pass_wiring
def ls(wiring: Wiring) -> None:
    """List the applications in this account and region, one name on a line."""
    from copilot.actions.lookups import list_apps

    for name in wiring.read(list_apps):
        wiring.console.data(name)


@command(
    examples=[
        ("Show the application of this workspace.", "copilot app show"),
        ("Read its environments in a script.", "copilot app show --name vote --json"),
    ]
)
@flags.name("application")
@flags.json
@pass_wiring
def show(wiring: Wiring, name: str, json: bool) -> None:
    """Show an application: its version, its environments, and its workloads with the environments that they are
    deployed to."""
    from copilot.actions.lookups import show_app
    from copilot.cli.views import app as views

    found = wiring.read(show_app, records.app(wiring, name, flag="--name"))
    wiring.console.data(views.as_json(found) if json else views.as_text(found, wiring.console.out))


@command(
    examples=[
        ("Delete the application of this workspace.", "copilot app delete"),
        ("Delete one in a script.", "copilot app delete --name vote --yes"),
    ]
)
@flags.name("application")
@flags.yes
@pass_wiring
def delete(wiring: Wiring, name: str, yes: bool) -> int:
    """Delete an application with everything in it: services, jobs, environments, images, records and
    copilot/.workspace.

    The manifests under copilot/ are kept."""
    from copilot.actions.apps import delete_app

    app = records.app(wiring, name, flag="--name")
    if not yes and not wiring.ask.confirm(f"Delete application {app} and everything in it?", flag="--yes"):
        return wiring.decline(f"Application {app} was not deleted.")
    return wiring.run(delete_app, app)


@command(
    examples=[
        ("Upgrade the application of this workspace.", "copilot app upgrade"),
        ("Upgrade another one.", "copilot app upgrade --name vote"),
    ]
)
@flags.name("application")
@pass_wiring
def upgrade(wiring: Wiring, name: str) -> int:
    """Bring an application's own stacks, its roles and its registries, to this version's templates.

    Environments and services are upgraded by deploying them."""
    from copilot.actions.apps import upgrade_app

    return wiring.run(upgrade_app, records.app(wiring, name, flag="--name"))
