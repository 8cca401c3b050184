"""`svc init`."""

from __future__ import annotations

from typing import Any

from copilot.cli import flags
from copilot.cli.command import command
from copilot.cli.fill import records
from copilot.cli.types import UINT16, Word
from copilot.cli.wiring import Wiring, pass_wiring
from copilot.errors import UsageError

LATER = (("--sources", "Static Site"), ("--subscribe-topics", "Worker Service"), ("--no-subscribe", "Worker Service"))


@command(
    examples=[
        (
            "Create a service that the internet reaches.",
            "copilot svc init --name collector \\\n"
            '  --svc-type "Load Balanced Web Service" --dockerfile ./collector/Dockerfile',
        ),
        (
            "Create a service that only other services reach.",
            "copilot svc init --name aggregator \\\n"
            '  --svc-type "Backend Service" --dockerfile ./aggregator/Dockerfile',
        ),
        (
            "Create one from an image that exists.",
            'copilot svc init --name web \\\n  --svc-type "Load Balanced Web Service" --image nginx --port 80',
        ),
    ],
    exclusive=[("--dockerfile", "--image"), ("--subscribe-topics", "--no-subscribe")],
)
@flags.app
@flags.name("service")
@flags.text("svc-type", flags.SERVICE_TYPE_HELP, short="t")
@flags.text("dockerfile", "Path of the Dockerfile.", short="d")
@flags.text("image", "An image that exists, instead of a Dockerfile.", short="i")
@flags.number("port", "Port that the container listens on; the Dockerfile's by default.", kind=UINT16)
@flags.text(
    "ingress-type",
    "Who reaches a Request-Driven Web Service: Environment or Internet.",
    kind=Word("Environment", "Internet"),
    hidden=True,
)
@flags.items("subscribe-topics", "Topics that a Worker Service listens to, as service:topic.", hidden=True)
@flags.switch("no-subscribe", "Listen to no topic.", hidden=True)
@flags.items("sources", "Files and directories of a Static Site.", hidden=True)
@flags.allow_downgrade
@pass_wiring
def init(wiring: Wiring, app: str, svc_type: str, **given: Any) -> int:
    """Create a service: an entry in the application, a registry for its images, and a manifest.

    The manifest, copilot/NAME/manifest.yml, says how the service runs. One that is there already is kept and used.
    `copilot svc deploy` deploys the service."""
    from copilot.actions.requests import InitService
    from copilot.actions.services import init_service
    from copilot.cli.fill.service import new_service

    _refuse_later(given)
    kept = {key: given[key] for key in ("name", "dockerfile", "image", "port", "ingress_type", "allow_downgrade")}
    request = InitService(app=records.workspace_app(wiring, app), type=svc_type, **kept)
    return wiring.run(init_service, new_service(wiring, request))


def _refuse_later(given: dict[str, Any]) -> None:
    for flag, kind in LATER:
        if given[flag.removeprefix("--").replace("-", "_")]:
            raise UsageError(f"{flag} is not available: it is for a {kind}, which this version does not have yet")
