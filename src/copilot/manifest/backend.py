"""Backend Service: containers that the internet does not reach."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from copilot.manifest.ecs import EcsService
from copilot.manifest.parts.http import Http
from copilot.manifest.parts.image import Image
from copilot.model.records import BACKEND_SERVICE


def _http(value: Any) -> Any:
    return None if value == {} else value


class BackendService(EcsService):
    """A service for other services; with `http` it stands behind the environment's internal load balancer."""

    type: Literal["Backend Service"] = BACKEND_SERVICE  # type: ignore[assignment]
    image: Image
    http: Annotated[Http | None, BeforeValidator(_http)] = None
