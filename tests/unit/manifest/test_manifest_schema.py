from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from copilot.errors import UsageError
from copilot.manifest import json_schema


def properties(schema: dict[str, Any], name: str) -> dict[str, Any]:
    """The properties of a named definition, in its long form."""
    definition = schema["$defs"][name]
    mapping = definition if "properties" in definition else definition["anyOf"][-1]
    return dict(mapping["properties"])


@pytest.mark.parametrize("kind", ["Load Balanced Web Service", "Backend Service", "Environment"])
def test_a_schema_is_closed_and_names_what_is_required(kind: str) -> None:
    schema = json_schema(kind)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["additionalProperties"] is False
    assert schema["required"][:2] == ["name", "type"]
    assert schema["properties"]["type"]["const"] == kind


def test_a_schema_offers_the_short_forms() -> None:
    schema = json_schema("Load Balanced Web Service")
    assert schema["$defs"]["Build"]["anyOf"][0] == {"type": "string"}
    assert schema["$defs"]["HealthCheck"]["anyOf"][0] == {"type": "string"}
    placement = properties(schema, "Vpc")["placement"]
    assert placement["anyOf"][0] == {"enum": ["public", "private"]}


def test_a_schema_hides_what_only_short_forms_fill() -> None:
    schema = json_schema("Load Balanced Web Service")
    assert set(properties(schema, "TextOrImport")) == {"from_cfn"}
    assert set(properties(schema, "Secret")) == {"from_cfn", "secretsmanager"}


def test_services_have_overlays_and_environments_do_not() -> None:
    assert "environments" in json_schema("Backend Service")["properties"]
    assert "environments" not in json_schema("Environment")["properties"]


def test_a_type_without_a_schema_is_refused() -> None:
    with pytest.raises(UsageError, match="no schema for 'Worker'"):
        json_schema("Worker")


def test_a_schema_leaves_out_what_is_not_deployed_yet() -> None:
    assert "alb" not in properties(json_schema("Load Balanced Web Service"), "Http")


def test_the_defaults_of_durations_are_written_as_in_manifests() -> None:
    interval = properties(json_schema("Backend Service"), "ContainerHealthCheck")["interval"]
    assert interval["default"] == "10s"


def test_a_web_service_may_switch_its_load_balancer_off_in_the_schema() -> None:
    forms = json_schema("Load Balanced Web Service")["properties"]["http"]["anyOf"]
    assert any(form.get("const") is False for form in forms)
    assert "const" not in str(json_schema("Backend Service")["properties"]["http"])


def test_the_reference_of_manifests_is_up_to_date() -> None:
    root = Path(__file__).parents[3]
    made = subprocess.run(
        [sys.executable, root / "scripts" / "manifest_reference.py"], capture_output=True, text=True, check=True
    )
    assert made.stdout == (root / "docs" / "manifest.md").read_text(encoding="utf-8"), "run `make docs`"
