"""Which application, environment and workload: the workspace's, the only one, or the one that the person chooses."""

from __future__ import annotations

from collections.abc import Iterable

from copilot import names
from copilot.cli.wiring import Wiring
from copilot.errors import NotFound
from copilot.model.records import Env, Workload
from copilot.term.questions import Choice


def app(wiring: Wiring, given: str, *, flag: str = "--app") -> str:
    """The application named by the flag, else the workspace's, else a chosen one."""
    workspace = wiring.workspace
    if given or (workspace and workspace.app):
        return given or (workspace.app if workspace else "")
    found = wiring.read(lambda context: context.registry.list_apps())
    if not found:
        raise NotFound(
            "no application found: there is none in this account and region", hints=("make one: `copilot app init`",)
        )
    choices = [Choice(value=one.name) for one in found]
    return wiring.ask.choose("Which application?", choices, flag=flag, noun="application")


def workspace_app(wiring: Wiring, given: str) -> str:
    """The same for commands that read manifests: without a workspace they stop at once."""
    return app(wiring, given or wiring.require_workspace().app)


def new_name(wiring: Wiring, given: str, *, noun: str, flag: str, default: str = "") -> str:
    """A name for something new, checked while it is typed."""
    if given:
        return given

    def check(answer: str) -> str:
        return names.name_problem(answer)

    return wiring.ask.text(f"What shall the {noun} be called?", flag=flag, default=default, check=check)


def env(wiring: Wiring, app_name: str, given: str, *, flag: str = "--name") -> str:
    """A recorded environment."""
    if given:
        return given
    found = wiring.read(lambda context: context.registry.list_envs(app_name))
    if not found:
        raise NotFound(
            f"no environment found: application {app_name} has none", hints=("make one: `copilot env init`",)
        )
    return wiring.ask.choose("Which environment?", [_env_choice(one) for one in found], flag=flag, noun="environment")


def local_env(wiring: Wiring, given: str) -> str:
    """An environment that has a manifest in this workspace."""
    workspace = wiring.require_workspace()
    if given:
        return given
    found = workspace.environment_names()
    if not found:
        raise NotFound(
            "no environment manifest found: there is none under copilot/environments",
            hints=("make an environment: `copilot env init`",),
        )
    choices = [Choice(value=name) for name in found]
    return wiring.ask.choose("Which environment?", choices, flag="--name", noun="environment")


def service(wiring: Wiring, app_name: str, given: str) -> str:
    """A recorded service."""
    if given:
        return given
    found = wiring.read(lambda context: context.registry.list_workloads(app_name))
    return _choose_service(wiring, app_name, [one for one in found if not one.is_job])


def local_service(wiring: Wiring, app_name: str, given: str) -> str:
    """A service that has a manifest in this workspace."""
    wiring.require_workspace()
    if given:
        return given
    from copilot.actions.choices import local_services

    found = wiring.read(local_services)
    return _choose_service(wiring, app_name, [Workload(app=app_name, name=name, type="") for name in found])


def deployed_service(wiring: Wiring, app_name: str, *, name: str, env: str) -> tuple[str, str]:
    """A service and an environment that it runs in, as (name, environment)."""
    if name and env:
        return name, env
    from copilot.actions.choices import deployed_services

    running: list[tuple[str, str]] = wiring.read(deployed_services, app_name)
    pairs = [pair for pair in running if name in ("", pair[0]) and env in ("", pair[1])]
    if not pairs:
        what = f"service {name}" if name else "no service"
        raise NotFound(
            f"{what} is {'not ' if name else ''}deployed{f' to {env}' if env else ''} in application {app_name}",
            hints=("deploy one: `copilot svc deploy`",),
        )
    if name:
        chosen = wiring.ask.choose(
            "Which environment?", [Choice(value=where) for _, where in pairs], flag="--env", noun="environment"
        )
        return name, chosen
    named = {f"{one} ({where})": (one, where) for one, where in pairs}
    choices = [Choice(value=text) for text in named]
    return named[wiring.ask.choose("Which service, in which environment?", choices, flag="--name", noun="service")]


def _choose_service(wiring: Wiring, app_name: str, found: Iterable[Workload]) -> str:
    choices = [Choice(value=one.name, hint=one.type) for one in found]
    if not choices:
        raise NotFound(f"no service found: application {app_name} has none", hints=("make one: `copilot svc init`",))
    return wiring.ask.choose("Which service?", choices, flag="--name", noun="service")


def _env_choice(found: Env) -> Choice:
    return Choice(value=found.name, hint=f"{found.region}, account {found.account_id}")
