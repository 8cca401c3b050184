"""What a new service's manifest says: from the request, the Dockerfile, this machine and the workspace."""

from __future__ import annotations

import os
import platform
import posixpath
from collections.abc import Sequence
from pathlib import Path

from copilot.actions.requests import InitService
from copilot.errors import NotFound
from copilot.images import dockerfile
from copilot.images.dockerfile import Dockerfile
from copilot.manifest import NewWorkload, parse_environment
from copilot.model.records import LOAD_BALANCED_WEB_SERVICE, App, Workload
from copilot.workspace.workspace import Text, Workspace

DEFAULT_PORT = 80
DEFAULT_PLATFORM = "linux/x86_64"
ARM_MACHINES = frozenset({"arm64", "aarch64"})


def find_dockerfile(given: str, workspace: Workspace, typed_in: Path) -> Text | None:
    """The Dockerfile with its path from the root, given from where the command was typed or from the root.

    None when none is given; NotFound when it is not there.
    """
    if not given:
        return None
    nearby = Path(os.path.relpath(typed_in / given, workspace.root)).as_posix()
    for path in dict.fromkeys([nearby, posixpath.normpath(given)]):
        text = workspace.find_text(path)
        if text is not None:
            return text
    raise NotFound(
        f"Dockerfile {given} can't be used: there is no such file in {workspace.root}",
        hints=("correct --dockerfile", "or use an image that exists: `--image`"),
    )


def describe_new(
    request: InitService, source: Text | None, *, app: App, recorded: Sequence[Workload], workspace: Workspace
) -> NewWorkload:
    """The new service; a port that nobody names is the Dockerfile's first, else 80 where a load balancer needs one."""
    facts = _facts(source)
    port = request.port or (facts.expose[0] if facts.expose else 0)
    is_web = request.type == LOAD_BALANCED_WEB_SERVICE
    first_web = not any(w.type == LOAD_BALANCED_WEB_SERVICE for w in recorded)
    return NewWorkload(
        name=request.name,
        type=request.type,
        dockerfile=source.path if source else "",
        image=request.image,
        port=port or (DEFAULT_PORT if is_web else 0),
        path="/" if first_web or app.domain else request.name,
        platform=default_platform(platform.machine(), is_built=source is not None),
        healthcheck=facts.healthcheck,
        private_environments=_private_environments(workspace),
    )


def _facts(source: Text | None) -> Dockerfile:
    return dockerfile.read(source.text) if source else Dockerfile()


def default_platform(machine: str, *, is_built: bool) -> str:
    """The platform to write down: what an ARM machine builds by itself would not run where tasks run by default."""
    return DEFAULT_PLATFORM if is_built and machine.lower() in ARM_MACHINES else ""


def notices_of(wanted: NewWorkload, source: Text | None) -> tuple[str, ...]:
    """What was read from the Dockerfile or from this machine, and what it means."""
    facts, is_web = _facts(source), wanted.type == LOAD_BALANCED_WEB_SERVICE
    notices = []
    others = [str(port) for port in facts.expose if port != wanted.port]
    if others and wanted.port in facts.expose:
        more = " Add http.additional_rules with a target_port to the manifest to reach them." if is_web else ""
        notices.append(f"The Dockerfile exposes more than port {wanted.port}: {', '.join(others)} too.{more}")
    if facts.healthcheck and not is_web:
        notices.append("The Dockerfile's HEALTHCHECK is in the manifest as image.healthcheck.")
    if wanted.platform:
        notices.append(
            f"The manifest says platform: {wanted.platform}, since this machine has another processor than the tasks. "
            "Change it to linux/arm64 to run them on ARM."
        )
    return tuple(notices)


def _private_environments(workspace: Workspace) -> tuple[str, ...]:
    """Environments whose manifests import private subnets only."""
    texts = {name: workspace.environment_manifest(name) for name in workspace.environment_names()}
    return tuple(name for name, text in texts.items() if _is_private(text.text))


def _is_private(text: str) -> bool:
    vpc = parse_environment(text).network.vpc
    return vpc.is_imported and not vpc.subnets.public
