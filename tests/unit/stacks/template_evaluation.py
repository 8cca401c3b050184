"""What CloudFormation would make of a template with given parameters, as far as conditions and references go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def conditions(template: Mapping[str, Any], parameters: Mapping[str, str]) -> dict[str, bool]:
    """Each condition of the template, true or false."""
    found: dict[str, bool] = {}

    def value(expression: Any) -> Any:
        match expression:
            case {"Ref": name}:
                return parameters[name]
            case {"Condition": name}:
                return value(template["Conditions"][name])
            case {"Fn::Not": [inner]}:
                return not value(inner)
            case {"Fn::And": parts}:
                return all(value(part) for part in parts)
            case {"Fn::Equals": [left, right]}:
                return _text(value(left)) == _text(value(right))
        return expression

    for name, expression in template["Conditions"].items():
        found[name] = value(expression)
    return found


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def references(value: Any, truth: Mapping[str, bool]) -> Iterator[str]:
    """Logical ids and parameters that a value refers to, in the branches that are taken."""
    match value:
        case {"Ref": name}:
            yield name
        case {"Fn::GetAtt": [name, _]}:
            yield name
        case {"Fn::Sub": text} if isinstance(text, str):
            yield from _names(text)
        case {"Fn::If": [condition, then, otherwise]}:
            yield from references(then if truth[condition] else otherwise, truth)
        case dict():
            for item in value.values():
                yield from references(item, truth)
        case list():
            for item in value:
                yield from references(item, truth)


def _names(text: str) -> Iterator[str]:
    for part in text.split("${")[1:]:
        name = part.partition("}")[0]
        if not name.startswith("!"):
            yield name.partition(".")[0]


def made(template: Mapping[str, Any], truth: Mapping[str, bool]) -> dict[str, Mapping[str, Any]]:
    """Resources whose condition, if any, is true."""
    return {
        name: resource
        for name, resource in template["Resources"].items()
        if "Condition" not in resource or truth[resource["Condition"]]
    }


def dangling(template: Mapping[str, Any], parameters: Mapping[str, str]) -> set[str]:
    """References and dependencies of what is made to what is not, as `from -> to`."""
    truth = conditions(template, parameters)
    resources = made(template, truth)
    known = {*resources, *template["Parameters"]}
    used = {(name, target) for name, resource in resources.items() for target in _targets(resource, truth)}
    for name, output in template["Outputs"].items():
        if "Condition" not in output or truth[output["Condition"]]:
            used |= {(name, target) for target in references(output, truth)}
    return {f"{name} -> {target}" for name, target in used if target not in known and not target.startswith("AWS::")}


def _targets(resource: Mapping[str, Any], truth: Mapping[str, bool]) -> Iterator[str]:
    depends_on = resource.get("DependsOn", [])
    yield from [depends_on] if isinstance(depends_on, str) else depends_on
    yield from references(resource.get("Properties", {}), truth)
