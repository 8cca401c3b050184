"""The local cloud itself: `local start|stop|status|reset|env|logs`."""

from __future__ import annotations

import shlex

from copilot.cli import flags
from copilot.cli.command import command
from copilot.cli.types import COUNT, UINT16, Word
from copilot.cli.views import local as views
from copilot.cli.wiring import Wiring, pass_wiring

ENGINES = Word("docker", "podman", "host")
ENGINE_HELP = (
    "What runs the containers: docker, podman, or host for plain processes. The first that is there by default."
)
SYNTAXES = Word("export", "fish", "dotenv")


@command(
    examples=[
        ("Start the local cloud of this workspace.", "copilot local start"),
        ("Start it on a port of your choice, with Docker.", "copilot local start --port 4600 --engine docker"),
    ]
)
@flags.text("engine", ENGINE_HELP, kind=ENGINES)
@flags.number("port", "Port on this machine; a free one is chosen and kept by default.", kind=UINT16)
@pass_wiring
def start(wiring: Wiring, engine: str, port: int) -> None:
    """Start the local cloud of this workspace, with everything that it held when it was stopped.

    The local cloud is an AWS of your own: a process that listens on this machine only and needs no account."""
    endpoint = wiring.local_cloud.start(engine=engine, port=port)
    wiring.console.success("The local cloud is running.")
    wiring.console.data(endpoint.url)


@command(examples=[("Stop the local cloud until the next start.", "copilot local stop")])
@pass_wiring
def stop(wiring: Wiring) -> None:
    """Stop the local cloud of this workspace. What it holds is kept for the next start."""
    stop_local_cloud(wiring)


def stop_local_cloud(wiring: Wiring) -> int:
    """Stop it, and say so; one that does not run is fine."""
    if wiring.local_cloud.stop():
        wiring.console.success("The local cloud has stopped; its state is kept.")
    else:
        wiring.console.say("The local cloud is not running.")
    return 0


@command(
    examples=[
        ("Show whether the local cloud runs.", "copilot local status"),
        ("Read its port in a script.", "copilot local status --json"),
    ]
)
@flags.json
@pass_wiring
def status(wiring: Wiring, json: bool) -> None:
    """Show whether the local cloud of this workspace runs, on which port, with which engine, and the address of each
    of its load balancers."""
    found = wiring.local_cloud.status()
    wiring.console.data(views.as_json(found) if json else views.as_text(found, wiring.console.out))


@command(examples=[("Begin anew.", "copilot local reset --yes")])
@flags.yes
@pass_wiring
def reset(wiring: Wiring, yes: bool) -> None:
    """Delete everything in the local cloud of this workspace: applications, containers, logs, files.

    Manifests under copilot/ are kept. Nothing on AWS is touched."""
    question = f"Delete everything in the local cloud {wiring.local_cloud.name}?"
    if not yes and not wiring.ask.confirm(question, flag="--yes"):
        wiring.console.say("Nothing was deleted.")
        return
    wiring.local_cloud.reset()
    wiring.console.success("The local cloud is empty.")


@command(
    examples=[
        ("Point this shell at the local cloud.", 'eval "$(copilot local env)"'),
        ("Write a file that Docker Compose reads.", "copilot local env --syntax dotenv > .env"),
    ]
)
@flags.text("syntax", "How to write them: export, fish or dotenv.", kind=SYNTAXES, default="export")
@pass_wiring
def env(wiring: Wiring, syntax: str) -> None:
    """Print the environment variables that make boto3, the AWS CLI, Terraform and other tools talk to the local cloud
    of this workspace. Starts it if need be."""
    wiring.start_local_cloud()
    forms = {"export": "export {}={}", "fish": "set -gx {} {}", "dotenv": "{}={}"}
    for variable, value in wiring.local_cloud.exports().items():
        wiring.console.data(forms[syntax].format(variable, shlex.quote(value)))


@command(
    examples=[
        ("Print the last lines of the local cloud's log.", "copilot local logs"),
        ("Print more of them.", "copilot local logs --limit 500"),
    ]
)
@flags.number("limit", "How many lines to print, counted from the end. 100 by default.", kind=COUNT, default=100)
@pass_wiring
def logs(wiring: Wiring, limit: int) -> None:
    """Print the log of the local cloud's own process. `copilot svc logs` prints those of your services."""
    from copilot.local.daemon import log_tail

    tail = log_tail(wiring.local_cloud.home, limit)
    if tail:
        wiring.console.data(tail)
    wiring.console.note(f"The whole log is {wiring.local_cloud.log_path}.")
