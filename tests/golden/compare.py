"""Whether two templates describe the same stack, however they are written and whichever tool made them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from copilot.cfn import diff
from copilot.cfn.template import DESCRIPTION_KEY

_LAMBDA_OWN = ("Code", "Handler", "Runtime")
_VERSIONS = ("Version", "TemplateVersion")


def differences(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> str:
    """A readable tree of what differs; empty text when the stacks are the same.

    Left out is what each tool words or packs for itself: versions, descriptions (but not whether a resource has one),
    the code of Lambda functions. JSON inside text is compared as data.
    """
    return diff(_essence(theirs), _essence(ours)).render()


def _essence(template: Mapping[str, Any]) -> dict[str, Any]:
    document = {key: value for key, value in template.items() if key not in ("Description", "AWSTemplateFormatVersion")}
    metadata = document.pop("Metadata", {})
    document["Metadata"] = {key: value for key, value in metadata.items() if key not in (*_VERSIONS, "Manifest")}
    for section in ("Parameters", "Outputs"):
        entries = document.get(section, {})
        document[section] = {name: _without(entry, "Description") for name, entry in entries.items()}
    if "TemplateVersion" in document["Outputs"]:
        document["Outputs"]["TemplateVersion"] = "any"
    document["Resources"] = {name: _resource(entry) for name, entry in template["Resources"].items()}
    return dict(_data(document))


def _resource(resource: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(resource)
    if DESCRIPTION_KEY in result.get("Metadata", {}):
        result["Metadata"] = {**result["Metadata"], DESCRIPTION_KEY: "any"}
    if result["Type"] == "AWS::Lambda::Function":
        result["Properties"] = _without(result["Properties"], *_LAMBDA_OWN)
    return result


def _without(entry: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key not in keys}


def _data(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _data(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_data(item) for item in value]
    if isinstance(value, str) and value.lstrip().startswith(("{", "[")):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
