"""`svc ls|show|status|delete`."""

from __future__ import annotations

from copilot.cli import flags
from copilot.cli.command import command
from copilot.cli.fill import records
from copilot.cli.wiring import Wiring, pass_wiring


@command(
    examples=[
        ("List the services of this workspace's application.", "copilot svc ls"),
        ("List the ones whose manifests are in this workspace.", "copilot svc ls --local"),
        ("Read them in a script.", "copilot svc ls --app vote --json"),
    ]
)
@flags.app
@flags.json
@flags.switch("local", "Only services whose manifests are in this workspace.")
@pass_wiring
def ls(wiring: Wiring, app: str, json: bool, local: bool) -> None:
    """List the services of an application with their types."""
    from copilot.actions.lookups import list_services
    from copilot.cli.views import service as views

    name = records.app(wiring, app)
    found = wiring.read(lambda context: list_services(name, context, local=local))
    wiring.console.data(views.list_as_json(found) if json else views.list_as_text(found))


@command(
    examples=[
        ("Show a service.", "copilot svc show --name collector"),
        ("Show it with every resource it has, as JSON.", "copilot svc show --name collector --resources --json"),
        ("Get back the manifest that it was deployed with.", "copilot svc show --name collector --manifest test"),
    ]
)
@flags.app
@flags.name("service")
@flags.json
@flags.resources
@flags.text("manifest", "Print the manifest that the service was deployed with to this environment.")
@pass_wiring
def show(wiring: Wiring, app: str, name: str, json: bool, resources: bool, manifest: str) -> None:
    """Show a service: its configuration, its addresses and its variables in each environment that it runs in."""
    from copilot.actions.requests import ShowService
    from copilot.actions.show_service import service_manifest, show_service
    from copilot.cli.views import service as views

    app = records.app(wiring, app)
    name = records.service(wiring, app, name)
    if manifest:
        wiring.console.data(wiring.read(service_manifest, app, manifest, name))
        return
    found = wiring.read(show_service, ShowService(app=app, name=name, resources=resources))
    wiring.console.data(views.as_json(found) if json else views.as_text(found, wiring.console.out))


@command(
    examples=[
        ("Show how a service is doing in test.", "copilot svc status --name collector --env test"),
        ("Read it in a script.", "copilot svc status --name collector --env test --json"),
    ]
)
@flags.app
@flags.env
@flags.name("service")
@flags.json
@pass_wiring
def status(wiring: Wiring, app: str, env: str, name: str, json: bool) -> None:
    """Show how a deployed service is doing: its tasks and their health, what has stopped and why, its alarms."""
    from copilot.actions.requests import ServiceOf
    from copilot.actions.service_status import service_status
    from copilot.cli.views import status as views

    app = records.app(wiring, app)
    name, env = records.deployed_service(wiring, app, name=name, env=env)
    found = wiring.read(service_status, ServiceOf(app=app, env=env, name=name))
    now = wiring.clock.now()
    wiring.console.data(views.as_json(found) if json else views.as_text(found, wiring.console.out, now))


@command(
    examples=[
        ("Delete a service everywhere.", "copilot svc delete --name collector"),
        ("Delete it from one environment only.", "copilot svc delete --name collector --env test"),
        ("Delete it without a question.", "copilot svc delete --name collector --yes"),
    ]
)
@flags.app
@flags.env
@flags.name("service")
@flags.yes
@pass_wiring
def delete(wiring: Wiring, app: str, env: str, name: str, yes: bool) -> int:
    """Delete a service from one environment, or from all with its images and its record. Its manifest is kept."""
    from copilot.actions.requests import DeleteService
    from copilot.actions.services import delete_service

    app = records.app(wiring, app)
    name = records.service(wiring, app, name)
    question = f"Delete service {name} from {f'environment {env}' if env else f'application {app}'}?"
    if not yes and not wiring.ask.confirm(question, flag="--yes"):
        return wiring.decline(f"Service {name} was not deleted.")
    return wiring.run(delete_service, DeleteService(app=app, name=name, env=env))
