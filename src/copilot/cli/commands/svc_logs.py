"""`svc logs`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from copilot.cli import flags
from copilot.cli.command import command
from copilot.cli.fill import records
from copilot.cli.types import DURATION, MOMENT, Whole
from copilot.cli.wiring import Wiring, pass_wiring
from copilot.errors import Cancelled, UsageError

if TYPE_CHECKING:
    from copilot.actions.requests import ServiceLogs

LIMIT = Whole("int", 1, 10000)


@command(
    examples=[
        ("Print the last lines of a service.", "copilot svc logs --name collector --env test"),
        ("Keep printing what it logs.", "copilot svc logs --name collector --env test --follow"),
        ("Print the last hour.", "copilot svc logs --name collector --env test --since 1h"),
        ("Print what the task that stopped last had to say.", "copilot svc logs --name collector --previous"),
        (
            "Print two hours of a morning.",
            "copilot svc logs --name collector --start-time 2026-01-31T08:00:00Z \\\n  --end-time 2026-01-31T10:00:00Z",
        ),
    ],
    exclusive=[("--since", "--start-time"), ("--follow", "--end-time"), ("--previous", "--tasks")],
)
@flags.app
@flags.env
@flags.name("service")
@flags.text("container", "Only this container's lines.")
@flags.items("tasks", "Only these tasks' lines: the beginnings of their ids.")
@flags.switch("previous", "Only the lines of the task that stopped last.", short="p")
@flags.switch("follow", "Keep printing new lines.")
@flags.optional("since", "Only lines newer than this, such as 90s, 5m or 1h30m.", kind=DURATION)
@flags.optional("start-time", "Only lines from this time on, such as 2026-01-31T08:00:00Z.", kind=MOMENT)
@flags.optional("end-time", "Only lines up to this time.", kind=MOMENT)
@flags.optional("limit", "At most this many lines, from 1 to 10000. 10 by default unless a time is given.", kind=LIMIT)
@flags.text("log-group", "For a Request-Driven Web Service: `system` for the service's own events.", hidden=True)
@flags.json
@pass_wiring
def logs(wiring: Wiring, app: str, env: str, name: str, json: bool, log_group: str, **given: Any) -> int:
    """Print the logs of a deployed service, oldest line first. Each line begins with the task that wrote it."""
    from copilot.actions.requests import ServiceLogs

    if log_group:
        raise UsageError("--log-group is not available: it is for a Request-Driven Web Service only")
    app = records.app(wiring, app)
    name, env = records.deployed_service(wiring, app, name=name, env=env)
    request = ServiceLogs(app=app, env=env, name=name, **(given | {"limit": given["limit"] or 0}))
    try:
        _print(wiring, request, json=json)
    except KeyboardInterrupt:
        if not request.follow:
            raise
        return Cancelled.exit_code  # Ctrl-C is how following ends: there is nothing to tell
    return 0


def _print(wiring: Wiring, request: ServiceLogs, *, json: bool) -> None:
    from copilot.actions.service_logs import service_logs
    from copilot.cli.views import logs as views

    event = None
    for event in wiring.read(service_logs, request):
        wiring.console.data(views.as_json(event) if json else views.as_text(event, wiring.console.out))
    if event is None:
        wiring.console.note(f"Service {request.name} has no such lines in environment {request.env} yet.")
