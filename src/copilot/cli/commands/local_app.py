"""The application on the local cloud: `local up|down`."""

from __future__ import annotations

from copilot.cli import flags
from copilot.cli.command import command
from copilot.cli.commands.local import ENGINE_HELP, ENGINES, stop_local_cloud
from copilot.cli.wiring import Wiring, pass_wiring

NO_ISOLATION = "No container engine is used (--engine host): tasks run as plain processes, without isolation."


@command(
    examples=[
        ("Run the application of this workspace on this machine.", "copilot local up"),
        ("Run its environment named staging.", "copilot local up --env staging"),
        ("Run it without any container engine.", "copilot local up --engine host"),
    ]
)
@flags.env
@flags.text("engine", ENGINE_HELP, kind=ENGINES)
@flags.detach
@pass_wiring
def up(wiring: Wiring, env: str, engine: str, detach: bool) -> int:
    """Deploy the whole workspace to the local cloud, and print every address.

    It starts the local cloud if need be, makes the application and one environment there, builds all images, and
    deploys all workloads in the order of their dependencies. Run again, it deploys what has changed.

    The templates are those that go to AWS; nothing on AWS is touched, and no account is needed."""
    from copilot.actions.local import local_up
    from copilot.actions.requests import LocalUp

    wiring.require_workspace()
    wiring.use_local_cloud(engine)
    used = wiring.local_cloud.status().engine
    wiring.console.warn(NO_ISOLATION if used == "host" else f"Containers run with {used}.")
    return wiring.run(local_up, LocalUp(env=env, detach=detach))


@command(
    examples=[
        ("Stop the application and keep everything else.", "copilot local down"),
        ("Delete the application from the local cloud.", "copilot local down --delete"),
    ]
)
@flags.switch("delete", "Delete the application from the local cloud, which keeps running.")
@pass_wiring
def down(wiring: Wiring, delete: bool) -> int:
    """Stop the application's tasks and the local cloud; `copilot local up` starts them again where they were.

    With --delete the application is deleted there. The manifests under copilot/ are kept; nothing on AWS is touched."""
    from copilot.actions.local import local_down

    if delete:
        wiring.require_workspace()
        wiring.use_local_cloud()
        return wiring.run(lambda _request, context: local_down(context), None)
    return stop_local_cloud(wiring)
