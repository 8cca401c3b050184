"""An application."""

from __future__ import annotations

from copilot.cli.views.documents import document, environment, listed, workloads
from copilot.model.description import AppDescription
from copilot.term.console import Stream
from copilot.term.tables import pairs, sections, table

NONE = "N/A"


def as_text(app: AppDescription, stream: Stream) -> str:
    upgrade = f"{app.version} (run `copilot app upgrade` to bring it up to date)"
    about = [
        ("Name", app.name),
        ("Version", upgrade if app.can_upgrade else app.version),
        ("URI", app.uri or NONE),
        ("Permissions Boundary", app.permissions_boundary or NONE),
    ]
    envs = [(env.name, env.account_id, env.region) for env in app.environments]
    kinds = sorted([*app.services, *app.jobs], key=lambda one: one.name)
    rows = [(one.name, one.type, ", ".join(app.deployed.get(one.name, ())) or "-") for one in kinds]
    return sections(
        [
            pairs(stream, "About", about),
            table(stream, "Environments", ("Name", "AccountID", "Region"), envs),
            table(stream, "Workloads", ("Name", "Type", "Environments"), rows),
            table(stream, "Pipelines", ("Name",), ()),
        ]
    )


def as_json(app: AppDescription) -> str:
    return document(
        {
            "name": app.name,
            "version": app.version,
            "uri": app.uri,
            "permissionsBoundary": app.permissions_boundary,
            "environments": listed(environment(env) for env in app.environments),
            "services": workloads(app.services),
            "jobs": workloads(app.jobs),
            "pipelines": None,
        }
    )
