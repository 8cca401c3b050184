"""Every command: where it lives and what it does in one sentence.

Imports next to nothing, because `--help` and `--version` read it on every start; a command's module is only imported
when the command is typed.
"""

from __future__ import annotations

GROUPS = ("Getting Started", "Local", "Develop", "Release", "Extend", "Settings")

_HOME = "copilot.cli.commands"


class Entry:
    """A command or a group.

    `group` is its heading in the root help; `module` is empty for groups and for what is not here yet.
    """

    __slots__ = ("group", "hidden", "later", "module", "summary")

    def __init__(
        self, summary: str, module: str = "", *, group: str = "", hidden: bool = False, later: bool = False
    ) -> None:
        self.summary = summary
        self.module = f"{_HOME}.{module}" if module else ""
        self.group = group
        self.hidden = hidden or later
        self.later = later


def _later(summary: str) -> Entry:
    return Entry(summary, later=True)


COMMANDS: dict[str, Entry] = {
    "init": Entry("Create an application with its first service.", "init", group="Getting Started"),
    "docs": Entry("Open the documentation.", "settings", group="Getting Started"),
    "local": Entry("Run the application on this machine, with no AWS account.", group="Local"),
    "local up": Entry("Deploy the whole workspace to the local cloud.", "local_app"),
    "local down": Entry("Stop the application, or delete it from the local cloud.", "local_app"),
    "local start": Entry("Start the local cloud.", "local"),
    "local stop": Entry("Stop the local cloud and keep its state.", "local"),
    "local status": Entry("Show whether the local cloud runs, and where.", "local"),
    "local reset": Entry("Delete everything in the local cloud.", "local"),
    "local env": Entry("Print the variables that point other tools at the local cloud.", "local"),
    "local logs": Entry("Print the local cloud's own log.", "local"),
    "app": Entry("Create, look at and delete applications.", group="Develop"),
    "app init": Entry("Create an application, or bind the workspace to one.", "app"),
    "app ls": Entry("List the applications in this account and region.", "app"),
    "app show": Entry("Show an application with its environments and workloads.", "app"),
    "app delete": Entry("Delete an application and everything in it.", "app"),
    "app upgrade": Entry("Bring an application's stacks to this version's templates.", "app"),
    "app adopt": Entry("Take over an application that AWS Copilot made.", "app_adopt"),
    "env": Entry("Create, deploy, look at and delete environments.", group="Develop"),
    "env init": Entry("Create an environment in an application.", "env_init"),
    "env ls": Entry("List the environments of an application.", "env"),
    "env show": Entry("Show an environment with its workloads and resources.", "env"),
    "env deploy": Entry("Deploy an environment from its manifest.", "env_release"),
    "env package": Entry("Print the CloudFormation template of an environment.", "env_release"),
    "env delete": Entry("Delete an environment.", "env"),
    "env upgrade": Entry("Does nothing: `env deploy` brings an environment up to date.", "env", hidden=True),
    "env override": _later("Override an environment's template."),
    "svc": Entry("Create, deploy, watch and delete services.", group="Develop"),
    "svc init": Entry("Create a service in an application.", "svc_init"),
    "svc ls": Entry("List the services of an application.", "svc"),
    "svc show": Entry("Show a service with its configuration in each environment.", "svc"),
    "svc status": Entry("Show how a deployed service is doing.", "svc"),
    "svc logs": Entry("Print the logs of a deployed service.", "svc_logs"),
    "svc deploy": Entry("Deploy a service to an environment.", "svc_release"),
    "svc package": Entry("Print the CloudFormation template of a service.", "svc_release"),
    "svc delete": Entry("Delete a service from one environment or from all.", "svc"),
    "svc exec": _later("Run a command in a running container of a service."),
    "svc pause": _later("Pause a Request-Driven Web Service."),
    "svc resume": _later("Resume a paused Request-Driven Web Service."),
    "svc override": _later("Override a service's template."),
    "job": _later("Create, deploy, run and delete scheduled jobs."),
    "task": _later("Run one-off tasks."),
    "run": _later("Run workloads beside their deployed environment."),
    "pipeline": _later("Create, deploy and look at release pipelines."),
    "deploy": Entry("Deploy one or more workloads to an environment.", "deploy", group="Release"),
    "storage": _later("Add storage to a workload or an environment."),
    "secret": _later("Create secrets for an application's environments."),
    "version": Entry("Print the version and the platform.", "settings", group="Settings"),
    "completion": Entry("Print a completion script for a shell.", "settings", group="Settings"),
}
"""In the order in which help shows them. The key is what is typed after `copilot`."""


def children(path: str) -> dict[str, Entry]:
    """The commands right below a group; "" is the root."""
    depth = len(path.split())
    return {
        key.split()[-1]: entry
        for key, entry in COMMANDS.items()
        if len(key.split()) == depth + 1 and key.split()[:depth] == path.split()
    }


def is_group(path: str) -> bool:
    return bool(children(path))


ROOT_OPTIONS = (
    ("-v, --version", "Print the version."),
    ("    --local", "Use the local cloud instead of AWS, as COPILOT_LOCAL=1 does."),
    ("    --debug", "Print the whole story of an unexpected failure."),
    ("-h, --help", "Print help for copilot or for a command."),
)

ROOT_EXAMPLES = (
    ("Run the application of this workspace on this machine.", "copilot local up"),
    ("Create an application with its first service, and deploy it.", "copilot init"),
    ("Deploy every service to an environment.", "copilot deploy --all --env test"),
)


def root_help() -> str:
    """What `copilot --help` prints."""
    lines = ["Build, release and operate containers on AWS, or on this machine.", "", "Usage", "  copilot [command]"]
    entries = children("")
    width = max(len(name) for name, entry in entries.items() if not entry.hidden)
    for group in GROUPS:
        members = [f"  {n.ljust(width)}  {e.summary}" for n, e in entries.items() if e.group == group and not e.hidden]
        if members:
            lines += ["", group, *members]
    lines += ["", "Flags", *(f"  {flag.ljust(13)}  {text}" for flag, text in ROOT_OPTIONS), "", "Examples"]
    for text, command in ROOT_EXAMPLES:
        lines += [f"  {text}", f"    $ {command}"]
    return "\n".join([*lines, "", "`copilot [command] --help` says more about a command."]) + "\n"
