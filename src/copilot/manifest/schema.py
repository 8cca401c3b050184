"""JSON Schema of manifests, for editors: what may stand where, with the short forms of every field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from copilot.errors import UsageError
from copilot.manifest.backend import BackendService
from copilot.manifest.environment import ENVIRONMENT, Environment
from copilot.manifest.load_balanced_web import LoadBalancedWebService
from copilot.manifest.values import Model

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(type_name: str) -> dict[str, Any]:
    """The JSON Schema of a type's manifest."""
    models: Mapping[str, type[Model]] = {
        "Load Balanced Web Service": LoadBalancedWebService,
        "Backend Service": BackendService,
        ENVIRONMENT: Environment,
    }
    if type_name not in models:
        raise UsageError(
            f"no schema for '{type_name}': it is not a type", hints=(f"the types are: {', '.join(models)}",)
        )
    schema = models[type_name].model_json_schema(by_alias=True)
    schema["required"] = ["name", "type", *(f for f in schema.get("required", ()) if f not in {"name", "type"})]
    if type_name != ENVIRONMENT:
        schema["properties"]["environments"] = _overlays(schema["properties"])
    return {"$schema": DIALECT, **schema}


def _overlays(properties: Mapping[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = {name: {} for name in properties if name not in {"name", "type", "environments"}}
    overlay = {"type": ["object", "null"], "properties": fields, "additionalProperties": False}
    return {
        "type": ["object", "null"],
        "description": "What differs in single environments.",
        "additionalProperties": overlay,
    }
