"""JSON Schema of manifests, for editors: what may stand where, with the short forms of every field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from copilot.errors import UsageError
from copilot.manifest.backend import BackendService
from copilot.manifest.environment import ENVIRONMENT, Environment
from copilot.manifest.load_balanced_web import LoadBalancedWebService
from copilot.manifest.unsupported import UNSUPPORTED_FIELDS
from copilot.manifest.values import DURATION_PATTERN, Model

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
    for field in UNSUPPORTED_FIELDS[type_name]:
        _take_out(schema, schema["$defs"], field.split("."))
    _spell_durations(schema)
    schema["required"] = ["name", "type", *(f for f in schema.get("required", ()) if f not in {"name", "type"})]
    if type_name != ENVIRONMENT:
        schema["properties"]["environments"] = _overlays(schema["properties"])
    return {"$schema": DIALECT, **schema}


def _take_out(schema: dict[str, Any], known: Mapping[str, Any], path: Sequence[str]) -> None:
    """Removes a field, by its path, from the mapping that a schema describes."""
    if "$ref" in schema:
        _take_out(known[schema["$ref"].rpartition("/")[2]], known, path)
    for form in schema.get("anyOf", ()):
        _take_out(form, known, path)
    properties = schema.get("properties", {})
    if path[0] in properties and len(path) == 1:
        del properties[path[0]]
    elif path[0] in properties:
        _take_out(properties[path[0]], known, path[1:])


def _spell_durations(schema: Any) -> None:
    """Defaults of durations are seconds in the models and text in manifests."""
    if isinstance(schema, list):
        for inner in schema:
            _spell_durations(inner)
    if not isinstance(schema, dict):
        return
    forms = [form.get("pattern") for form in schema.get("anyOf", ()) if isinstance(form, dict)]
    if DURATION_PATTERN in forms and isinstance(schema.get("default"), int):
        schema["default"] = f"{schema['default']}s"
    for inner in schema.values():
        _spell_durations(inner)


def _overlays(properties: Mapping[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = {name: {} for name in properties if name not in {"name", "type", "environments"}}
    overlay = {"type": ["object", "null"], "properties": fields, "additionalProperties": False}
    return {
        "type": ["object", "null"],
        "description": "What differs in single environments.",
        "additionalProperties": overlay,
    }
