"""Intrinsic functions and pseudo parameters, in the long form that YAML tags stand for.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Value = Any
"""A property's value: scalars, lists and mappings, with intrinsics as one-key mappings."""


def ref(logical_id: str) -> Value:
    return {"Ref": logical_id}


def get_att(logical_id: str, attribute: str) -> Value:
    return {"Fn::GetAtt": [logical_id, attribute]}


def sub(text: str, variables: Mapping[str, Value] | None = None) -> Value:
    return {"Fn::Sub": [text, dict(variables)] if variables else text}


def if_(condition: str, then: Value, otherwise: Value) -> Value:
    return {"Fn::If": [condition, then, otherwise]}


def equals(left: Value, right: Value) -> Value:
    return {"Fn::Equals": [left, right]}


def not_(condition: Value) -> Value:
    return {"Fn::Not": [condition]}


def and_(*conditions: Value) -> Value:
    return {"Fn::And": list(conditions)}


def or_(*conditions: Value) -> Value:
    return {"Fn::Or": list(conditions)}


def condition(name: str) -> Value:
    return {"Condition": name}


def join(separator: str, parts: Value) -> Value:
    return {"Fn::Join": [separator, parts]}


def split(separator: str, text: Value) -> Value:
    return {"Fn::Split": [separator, text]}


def select(index: int | str, items: Value) -> Value:
    return {"Fn::Select": [index, items]}


def get_azs(region: Value = "") -> Value:
    return {"Fn::GetAZs": region}


def find_in_map(name: str, first: Value, second: Value) -> Value:
    return {"Fn::FindInMap": [name, first, second]}


def import_value(name: Value) -> Value:
    return {"Fn::ImportValue": name}


def cidr(block: Value, count: int, bits: int) -> Value:
    return {"Fn::Cidr": [block, count, bits]}


def transform(name: str, parameters: Mapping[str, Value]) -> Value:
    return {"Fn::Transform": {"Name": name, "Parameters": dict(parameters)}}


NO_VALUE: Value = ref("AWS::NoValue")
REGION: Value = ref("AWS::Region")
ACCOUNT_ID: Value = ref("AWS::AccountId")
PARTITION: Value = ref("AWS::Partition")
STACK_NAME: Value = ref("AWS::StackName")
