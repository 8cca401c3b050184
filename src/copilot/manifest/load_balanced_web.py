"""Load Balanced Web Service: containers behind the environment's public load balancer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from copilot.manifest.ecs import EcsService
from copilot.manifest.parts.http import Http
from copilot.manifest.parts.image import ImageWithPort
from copilot.manifest.values import boolean_or_none, wrong
from copilot.model.records import LOAD_BALANCED_WEB_SERVICE


def _http(value: Any) -> Any:
    if isinstance(value, Mapping | Http) or value is None:
        return value
    if boolean_or_none(value) is False:
        return None
    raise wrong("must be a mapping or false")


class LoadBalancedWebService(EcsService):
    """A service that the internet reaches; `http` is None when the manifest says `http: false`."""

    type: Literal["Load Balanced Web Service"] = LOAD_BALANCED_WEB_SERVICE  # type: ignore[assignment]
    image: ImageWithPort
    http: Annotated[Http | None, BeforeValidator(_http, json_schema_input_type=Http | Literal[False])]
