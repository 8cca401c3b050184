"""What a resource type's handlers look like, and how they call the emulator's own API actions."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from typing import Any

Properties = dict[str, Any]
Made = tuple[str, dict[str, Any]]  # physical id, attributes
Create = Callable[[str, Properties, str], Made]  # logical id, properties, stack name
Update = Callable[[str, Properties, Properties, str], Made]  # physical id, old and new properties, stack name
Delete = Callable[[str, Properties], None]  # physical id, properties
Handlers = Mapping[str, Any]
QueryAction = Callable[[Mapping[str, Any]], tuple[int, Mapping[str, str], bytes]]

# Mappings whose keys are the user's own words, not names of the API.
_VERBATIM = frozenset({"options", "dockerLabels", "driverOpts", "labels", "configuration"})


class ResourceFailed(Exception):
    """The service refused; the message is its own."""


def handlers(create: Create, delete: Delete, update: Update | None = None) -> Handlers:
    """One entry of the emulator's table of resource types; without `update` a change makes a new resource."""
    if update is not None:
        return {"create": create, "update": update, "delete": delete}
    return {"create": create, "update": replacing(create), "delete": delete, "update_with_logical_id": True}


def replacing(create: Create) -> Callable[[str, Properties, Properties, str, str], Made]:
    """An update by replacement: CloudFormation deletes the predecessor once the stack is updated."""

    def update(_physical_id: str, _old: Properties, new: Properties, stack_name: str, logical_id: str) -> Made:
        return create(logical_id, new, stack_name)

    return update


def query(action: QueryAction, params: Mapping[str, Any]) -> ET.Element:
    """Calls an action of a query-protocol service; ResourceFailed with its message when it refuses."""
    status, _, body = action({name: [str(value)] for name, value in params.items()})
    root = ET.fromstring(body)
    if status >= 400:
        raise ResourceFailed(value(root, "Message") or f"the service answered {status}")
    return root


def call(
    action: Callable[[dict[str, Any]], tuple[int, Mapping[str, str], Any]], request: dict[str, Any]
) -> dict[str, Any]:
    """Calls an action of a JSON service; ResourceFailed with its message when it refuses."""
    status, _, body = action(request)
    answer: dict[str, Any] = json.loads(body) if body else {}
    if status >= 400:
        raise ResourceFailed(str(answer.get("message") or answer.get("Message") or f"the service answered {status}"))
    return answer


def value(root: ET.Element, name: str) -> str:
    """The text of the first element of that name, whatever its namespace; "" when there is none."""
    return next((node.text or "" for node in root.iter() if node.tag.rpartition("}")[2] == name), "")


def api_form(value: Any) -> Any:
    """A template's value as the APIs of ECS and CodePipeline take it: names start with a small letter."""
    if isinstance(value, list):
        return [api_form(member) for member in value]
    if not isinstance(value, dict):
        return value
    renamed = {name[:1].lower() + name[1:]: member for name, member in value.items()}
    return {name: member if name in _VERBATIM else api_form(member) for name, member in renamed.items()}


def tag_parameters(properties: Properties, resource_type: str) -> dict[str, str]:
    """A template's tags as the EC2 API takes them at creation."""
    parameters = {"TagSpecification.1.ResourceType": resource_type}
    for number, tag in enumerate(properties.get("Tags") or (), start=1):
        parameters[f"TagSpecification.1.Tag.{number}.Key"] = tag["Key"]
        parameters[f"TagSpecification.1.Tag.{number}.Value"] = str(tag.get("Value", ""))
    return parameters if len(parameters) > 1 else {}


def tag_map(properties: Properties) -> dict[str, str]:
    """A template's list of tags as a mapping."""
    return {str(tag["Key"]): str(tag.get("Value", "")) for tag in properties.get("Tags") or ()}
