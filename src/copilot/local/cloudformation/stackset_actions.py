"""The API actions of stack sets: requests read, records rendered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from copilot.local.cloudformation import scope, templates, wire
from copilot.local.cloudformation.stacksets import Record, StackSets
from copilot.local.cloudformation.wire import Action, Params, Refused, Response

_INLINE_LIMIT = 51200


class StackSetActions:
    """What the CloudFormation API answers about stack sets."""

    def __init__(self, sets: StackSets) -> None:
        self._sets = sets

    def table(self) -> dict[str, Action]:
        """The actions by name."""
        handlers = {
            "CreateStackSet": self._create,
            "UpdateStackSet": self._update,
            "DescribeStackSet": self._describe,
            "ListStackSets": self._list,
            "DeleteStackSet": self._delete,
            "CreateStackInstances": self._create_instances,
            "UpdateStackInstances": self._update_instances,
            "DeleteStackInstances": self._delete_instances,
            "DescribeStackInstance": self._describe_instance,
            "ListStackInstances": self._list_instances,
            "DescribeStackSetOperation": self._describe_operation,
            "ListStackSetOperations": self._list_operations,
            "ListStackSetOperationResults": self._list_results,
        }
        return {name: wire.action(handler) for name, handler in handlers.items()}

    def template(self, name: str) -> str:
        """The template text of a stack set."""
        return str(self._sets.get(name)["body"])

    def _create(self, params: Params) -> Response:
        record = self._sets.create(
            {
                "name": wire.required(params, "StackSetName"),
                "administrator": wire.text(params, "AdministrationRoleARN"),
                "execution_role": wire.text(params, "ExecutionRoleName"),
                "description": "",
                "parameters": {},
                "tags": {},
                "capabilities": [],
                **_settings(params, _template(params)),
            }
        )
        return wire.reply("CreateStackSet", {"StackSetId": record["id"]})

    def _update(self, params: Params) -> Response:
        name = wire.required(params, "StackSetName")
        record = self._sets.get(name)
        previous = wire.flag(params, "UsePreviousTemplate")
        source = {"body": record["body"], "template": record["template"]} if previous else _template(params)
        accounts, regions = wire.members(params, "Accounts"), wire.members(params, "Regions")
        operation = self._sets.deploy(
            name,
            action="UPDATE",
            operation_id=wire.text(params, "OperationId"),
            changes=_settings(params, source),
            targets=_known(record, accounts, regions) if accounts or regions else None,
        )
        return wire.reply("UpdateStackSet", {"OperationId": operation})

    def _describe(self, params: Params) -> Response:
        record = self._sets.get(wire.required(params, "StackSetName"))
        regions = sorted({instance["Region"] for instance in record["instances"].values()})
        described = {
            **_summary(record),
            "TemplateBody": record["body"],
            "Parameters": _listed(record["parameters"], "ParameterKey", "ParameterValue"),
            "Capabilities": record["capabilities"],
            "Tags": _listed(record["tags"], "Key", "Value"),
            "StackSetARN": f"arn:aws:cloudformation:{scope.region()}:{scope.account()}:stackset/{record['id']}",
            "AdministrationRoleARN": record["administrator"],
            "ExecutionRoleName": record["execution_role"],
            "Regions": regions,
        }
        return wire.reply("DescribeStackSet", {"StackSet": described})

    def _list(self, params: Params) -> Response:
        wanted = wire.text(params, "Status", "ACTIVE")
        summaries = [_summary(record) for record in self._sets.all()] if wanted == "ACTIVE" else []
        return wire.reply("ListStackSets", {"Summaries": summaries})

    def _delete(self, params: Params) -> Response:
        self._sets.delete(wire.required(params, "StackSetName"))
        return wire.reply("DeleteStackSet", {})

    def _create_instances(self, params: Params) -> Response:
        return self._deploy_instances(params, "CreateStackInstances", "CREATE")

    def _update_instances(self, params: Params) -> Response:
        return self._deploy_instances(params, "UpdateStackInstances", "UPDATE")

    def _deploy_instances(self, params: Params, answer: str, action: str) -> Response:
        operation = self._sets.deploy(
            wire.required(params, "StackSetName"),
            action=action,
            operation_id=wire.text(params, "OperationId"),
            changes={},
            targets=_targets(params),
        )
        return wire.reply(answer, {"OperationId": operation})

    def _delete_instances(self, params: Params) -> Response:
        operation = self._sets.remove(
            wire.required(params, "StackSetName"),
            operation_id=wire.text(params, "OperationId"),
            targets=_targets(params),
            retain=wire.flag(params, "RetainStacks"),
        )
        return wire.reply("DeleteStackInstances", {"OperationId": operation})

    def _describe_instance(self, params: Params) -> Response:
        record = self._sets.get(wire.required(params, "StackSetName"))
        key = f"{wire.required(params, 'StackInstanceAccount')}/{wire.required(params, 'StackInstanceRegion')}"
        if key not in record["instances"]:
            raise Refused("StackInstanceNotFoundException", f"Stack instance {key} not found", 404)
        return wire.reply("DescribeStackInstance", {"StackInstance": _instance(record, record["instances"][key])})

    def _list_instances(self, params: Params) -> Response:
        record = self._sets.get(wire.required(params, "StackSetName"))
        account, region = wire.text(params, "StackInstanceAccount"), wire.text(params, "StackInstanceRegion")
        found = [
            _instance(record, instance)
            for _, instance in sorted(record["instances"].items())
            if account in ("", instance["Account"]) and region in ("", instance["Region"])
        ]
        return wire.reply("ListStackInstances", {"Summaries": found})

    def _describe_operation(self, params: Params) -> Response:
        name = wire.required(params, "StackSetName")
        operation = self._sets.operation(name, wire.required(params, "OperationId"))
        described = {"StackSetId": self._sets.get(name)["id"], **_operation(operation)}
        return wire.reply("DescribeStackSetOperation", {"StackSetOperation": described})

    def _list_operations(self, params: Params) -> Response:
        operations = self._sets.get(wire.required(params, "StackSetName"))["operations"]
        summaries = [_operation(operation) for operation in reversed(operations)]
        return wire.reply("ListStackSetOperations", {"Summaries": summaries})

    def _list_results(self, params: Params) -> Response:
        name = wire.required(params, "StackSetName")
        operation = self._sets.operation(name, wire.required(params, "OperationId"))
        results = [_result(item) for item in operation["results"]]
        return wire.reply("ListStackSetOperationResults", {"Summaries": results})


def _template(params: Params) -> dict[str, Any]:
    """The request's template, and what an instance's stack is made from."""
    body = templates.text_of(params)
    if not body:
        raise Refused("ValidationError", "TemplateBody or TemplateURL is required")
    templates.parse(body)
    inline = len(body.encode()) <= _INLINE_LIMIT
    template = {"TemplateBody": body} if inline else {"TemplateURL": wire.text(params, "TemplateURL")}
    return {"body": body, "template": template}


def _settings(params: Params, source: Mapping[str, Any]) -> dict[str, Any]:
    """What a request sets; a tag or parameter list that was not sent is kept."""
    settings: dict[str, Any] = dict(source)
    if wire.text(params, "Description"):
        settings["description"] = wire.text(params, "Description")
    if wire.text(params, "AdministrationRoleARN"):
        settings["administrator"] = wire.text(params, "AdministrationRoleARN")
    if wire.text(params, "ExecutionRoleName"):
        settings["execution_role"] = wire.text(params, "ExecutionRoleName")
    if tags := wire.pairs(params, "Tags", "Key", "Value"):
        settings["tags"] = tags
    if parameters := wire.pairs(params, "Parameters", "ParameterKey", "ParameterValue"):
        settings["parameters"] = parameters
    if capabilities := wire.members(params, "Capabilities"):
        settings["capabilities"] = capabilities
    return settings


def _targets(params: Params) -> list[tuple[str, str]]:
    accounts = wire.members(params, "Accounts") or wire.members(params, "DeploymentTargets.Accounts")
    regions = wire.members(params, "Regions")
    if not accounts or not regions:
        raise Refused("ValidationError", "Accounts and Regions are required")
    return [(account, region) for region in regions for account in accounts]


def _known(record: Record, accounts: list[str], regions: list[str]) -> list[tuple[str, str]]:
    return [
        (instance["Account"], instance["Region"])
        for instance in record["instances"].values()
        if (not accounts or instance["Account"] in accounts) and (not regions or instance["Region"] in regions)
    ]


def _summary(record: Record) -> dict[str, Any]:
    return {
        "StackSetName": record["name"],
        "StackSetId": record["id"],
        "Description": record["description"] or None,
        "Status": "ACTIVE",
        "PermissionModel": "SELF_MANAGED",
    }


def _instance(record: Record, instance: Record) -> dict[str, Any]:
    return {
        "StackSetId": record["id"],
        "Region": instance["Region"],
        "Account": instance["Account"],
        "StackId": instance["StackId"] or None,
        "Status": instance["Status"],
        "StatusReason": instance["StatusReason"] or None,
        "StackInstanceStatus": {"DetailedStatus": instance["DetailedStatus"]},
        "LastOperationId": instance["LastOperationId"],
        "DriftStatus": "NOT_CHECKED",
    }


def _operation(operation: Record) -> dict[str, Any]:
    return {
        "OperationId": operation["OperationId"],
        "Action": operation["Action"],
        "Status": operation["Status"],
        "StatusReason": operation["StatusReason"] or None,
        "CreationTimestamp": operation["CreationTimestamp"],
        "EndTimestamp": operation["EndTimestamp"],
    }


def _result(item: Record) -> dict[str, Any]:
    account, _, region = str(item["key"]).partition("/")
    reason = item["StatusReason"] or None
    return {"Account": account, "Region": region, "Status": item["Status"], "StatusReason": reason}


def _listed(values: Mapping[str, str], key: str, value: str) -> list[dict[str, str]]:
    return [{key: name, value: item} for name, item in values.items()]
