"""An environment, and lists of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from copilot.cli.views.documents import document, environment, listed, stack_resources, workloads
from copilot.model.description import EnvDescription
from copilot.model.records import Env
from copilot.term.console import Stream
from copilot.term.tables import pairs, sections, table


def list_as_text(envs: Sequence[Env]) -> str:
    return "\n".join(env.name for env in envs)


def list_as_json(envs: Sequence[Env]) -> str:
    return document({"environments": listed(environment(env) for env in envs)})


def as_text(found: EnvDescription, stream: Stream) -> str:
    env = found.environment
    about = [("Name", env.name), ("Region", env.region), ("Account ID", env.account_id)]
    rows = [(one.name, one.type) for one in (*found.services, *found.jobs)]
    parts = [
        pairs(stream, "About", about),
        table(stream, "Workloads", ("Name", "Type"), rows),
        table(stream, "Tags", ("Key", "Value"), sorted(found.tags.items())),
    ]
    if found.resources:
        resources = [(one.type, one.physical_id) for one in found.resources]
        parts.append(pairs(stream, "Resources", resources))
    return sections(parts)


def as_json(found: EnvDescription) -> str:
    content: dict[str, Any] = {
        "environment": environment(found.environment),
        "services": workloads(found.services),
        "jobs": workloads(found.jobs),
        "tags": dict(sorted(found.tags.items())),
    }
    if found.resources:
        content["resources"] = stack_resources(found.resources)
    content["environmentVPC"] = {
        "id": found.vpc.id,
        "publicSubnetIDs": listed(found.vpc.public_subnet_ids),
        "privateSubnetIDs": listed(found.vpc.private_subnet_ids),
    }
    return document(content)
