"""YAML scalars as CloudFormation reads them.

It takes an unquoted `true` in the sections that hold only strings as the string "true", and an account id keeps its
leading zeros.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import yaml

MAP_TAG = "tag:yaml.org,2002:map"
INT_TAG = "tag:yaml.org,2002:int"
_STRING_SECTIONS = ("Parameters", "Conditions", "Outputs", "Rules", "Mappings")
_TEMPLATE_KEYS = ("AWSTemplateFormatVersion", "Parameters", "Outputs", "Metadata", "Description")


def template_constructor() -> Callable[[Any, yaml.MappingNode], Any]:
    """A constructor of YAML mappings that makes the booleans of a template's string sections text."""

    def construct(loader: Any, node: yaml.MappingNode) -> Any:
        if not _is_template(node):
            mapping: dict[Any, Any] = {}
            yield mapping
            mapping.update(loader.construct_mapping(node))
            return
        template = loader.construct_mapping(node, deep=True)
        yield {key: as_text(value) if key in _STRING_SECTIONS else value for key, value in template.items()}

    return construct


def integer_constructor() -> Callable[[Any, yaml.ScalarNode], Any]:
    """A constructor of YAML integers that leaves digits after a leading zero as they are."""

    def construct(loader: Any, node: yaml.ScalarNode) -> Any:
        digits = str(node.value)
        if len(digits) > 1 and digits.startswith("0") and digits.isdigit():
            return digits
        return loader.construct_yaml_int(node)

    return construct


def as_text(value: Any) -> Any:
    """The value with every boolean in it as "true" or "false"."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return {key: as_text(member) for key, member in value.items()}
    if isinstance(value, list):
        return [as_text(member) for member in value]
    return value


def _is_template(node: yaml.MappingNode) -> bool:
    keys = {key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)}
    return "Resources" in keys and not keys.isdisjoint(_TEMPLATE_KEYS)
