"""The comparison of templates sees what matters and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from compare import differences

TEMPLATE: dict[str, Any] = {
    "Description": "One.",
    "Metadata": {"Version": "v1", "Manifest": "a"},
    "Parameters": {"Name": {"Type": "String", "Description": "One."}},
    "Conditions": {"Is": {"Fn::Equals": [{"Ref": "Name"}, ""]}},
    "Resources": {
        "Role": {
            "Metadata": {"aws:copilot:description": "One"},
            "Type": "AWS::IAM::Role",
            "Condition": "Is",
            "DeletionPolicy": "Retain",
            "Properties": {"RoleName": {"Fn::Sub": '{"a": 1}'}},
        },
        "Function": {
            "Type": "AWS::Lambda::Function",
            "DependsOn": "Role",
            "Properties": {"Handler": "index.a", "Runtime": "nodejs20.x", "Code": {"S3Key": "a"}, "Timeout": 600},
        },
    },
    "Outputs": {"Out": {"Value": {"Ref": "Role"}, "Export": {"Name": "out"}, "Description": "One."}},
}


def changed(path: str, value: Any) -> dict[str, Any]:
    """A copy with the value at the path replaced, or taken away when it is None."""
    head, _, rest = path.partition("/")

    def change(node: dict[str, Any], key: str, rest: str) -> dict[str, Any]:
        copy = dict(node)
        if rest:
            inner, _, further = rest.partition("/")
            copy[key] = change(node[key], inner, further)
        elif value is None:
            del copy[key]
        else:
            copy[key] = value
        return copy

    return change(TEMPLATE, head, rest)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("Parameters/Name/Type", "Number"),
        ("Conditions/Is", {"Fn::Equals": [{"Ref": "Name"}, "x"]}),
        ("Resources/Role", None),
        ("Resources/Role/Type", "AWS::IAM::User"),
        ("Resources/Role/Condition", None),
        ("Resources/Role/DeletionPolicy", "Delete"),
        ("Resources/Role/Properties/RoleName", {"Fn::Sub": '{"a": 2}'}),
        ("Resources/Role/Metadata", {}),
        ("Resources/Function/DependsOn", None),
        ("Resources/Function/Properties/Timeout", 900),
        ("Outputs/Out/Value", {"Ref": "Function"}),
        ("Outputs/Out/Export/Name", "other"),
    ],
)
def test_a_change_of_the_stack_is_a_difference(path: str, value: Any) -> None:
    assert differences(TEMPLATE, changed(path, value)) != ""


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("Description", "Two."),
        ("Metadata", {"Version": "v2", "Manifest": "b"}),
        ("Parameters/Name/Description", "Two."),
        ("Resources/Role/Metadata", {"aws:copilot:description": "Two"}),
        ("Resources/Role/Properties/RoleName", {"Fn::Sub": '{\n  "a": 1\n}\n'}),
        ("Resources/Function/Properties/Handler", "index.handler"),
        ("Resources/Function/Properties/Runtime", "python3.13"),
        ("Resources/Function/Properties/Code", {"S3Key": "b"}),
        ("Outputs/Out/Description", "Two."),
    ],
)
def test_another_wording_or_packing_is_no_difference(path: str, value: Any) -> None:
    assert differences(TEMPLATE, changed(path, value)) == ""
