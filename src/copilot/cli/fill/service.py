"""What a new service is: its type, its image and its port."""

from __future__ import annotations

from typing import Any

from copilot.actions.requests import InitService
from copilot.cli.fill import records
from copilot.cli.wiring import Wiring
from copilot.errors import NotFound, UsageError
from copilot.model.records import BACKEND_SERVICE, LOAD_BALANCED_WEB_SERVICE
from copilot.term.questions import Choice

TYPES = (
    Choice(value=LOAD_BALANCED_WEB_SERVICE, hint="reached from the internet through a load balancer"),
    Choice(value=BACKEND_SERVICE, hint="reached by other services of the application only"),
)
DEFAULT_PORT = 80
CUSTOM_PATH = "Enter the path of another Dockerfile"
EXISTING_IMAGE = "Use an image that exists already"


def new_service(wiring: Wiring, given: InitService, *, type_flag: str = "--svc-type") -> InitService:
    """A service's request with every question answered; one whose manifest exists has no more of them."""
    from dataclasses import replace

    kind = given.type or wiring.ask.choose("Which type of service?", TYPES, flag=type_flag, noun="type")
    name = records.new_name(wiring, given.name, noun="service", flag="--name")
    found = replace(given, type=kind, name=name)
    if name in wiring.project.workload_names():
        return found
    found = replace(found, **_image(wiring, found))
    return replace(found, port=_port(wiring, found))


def _image(wiring: Wiring, given: InitService) -> dict[str, Any]:
    if given.image or given.dockerfile:
        _require_dockerfile(wiring, given.dockerfile)
        return {"image": given.image, "dockerfile": given.dockerfile}
    files = wiring.project.dockerfiles()
    if not wiring.console.can_ask and len(files) != 1:
        raise UsageError("--dockerfile or --image is required: there is no terminal to ask on")
    choices = [*(Choice(value=path) for path in files)]
    if wiring.console.can_ask:
        choices += [Choice(value=CUSTOM_PATH), Choice(value=EXISTING_IMAGE)]
    chosen = wiring.ask.choose("Which Dockerfile?", choices, flag="--dockerfile", noun="Dockerfile")
    if chosen == CUSTOM_PATH:
        chosen = wiring.ask.text("Where is the Dockerfile?", flag="--dockerfile")
        _require_dockerfile(wiring, chosen)
    if chosen == EXISTING_IMAGE:
        return {"image": wiring.ask.text("Which image?", flag="--image"), "dockerfile": ""}
    return {"image": "", "dockerfile": chosen}


def _require_dockerfile(wiring: Wiring, path: str) -> None:
    """An absent one would be found out much later, by the first build."""
    if path and wiring.project.find_text(path) is None:
        here = wiring.project.dockerfiles()
        raise NotFound(
            f"Dockerfile {path} not found: {wiring.project.root} has no such file",
            hints=(f"there is {', '.join(here)}",) if here else ("or use an image that exists: `--image`",),
        )


def _port(wiring: Wiring, given: InitService) -> int:
    """Asked of services that the internet reaches; 0 leaves it to the Dockerfile, which must then name one."""
    if given.port or given.type != LOAD_BALANCED_WEB_SERVICE:
        return given.port
    exposed = exposed_port(wiring, given.dockerfile)
    if not wiring.console.can_ask and exposed:
        return exposed
    question = "Which port does the container listen on?"
    answer = wiring.ask.text(question, flag="--port", default=str(exposed or DEFAULT_PORT), check=_port_problem)
    return int(answer)


def exposed_port(wiring: Wiring, dockerfile_path: str) -> int:
    """The first port that a Dockerfile exposes; 0 when it exposes none."""
    from copilot.images import dockerfile

    text = wiring.project.find_text(dockerfile_path) if dockerfile_path else None
    ports = dockerfile.read(text.text).expose if text else ()
    return ports[0] if ports else 0


def _port_problem(answer: str) -> str:
    return "" if answer.isdigit() and 0 < int(answer) < 65536 else "must be a whole number from 1 to 65535"
