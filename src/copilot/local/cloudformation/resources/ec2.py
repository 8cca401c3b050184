"""Elastic IPs, NAT gateways, flow logs and the rules of security groups."""

from __future__ import annotations

from typing import Any

from copilot.local.cloudformation.resources.handlers import (
    Create,
    Delete,
    Handlers,
    Made,
    Properties,
    ResourceFailed,
    Update,
    handlers,
    query,
    tag_parameters,
    value,
)


def types() -> dict[str, Handlers]:
    """The EC2 types that the emulator lacks."""
    return {
        "AWS::EC2::EIP": handlers(_create_address, _delete_address, _retag),
        "AWS::EC2::NatGateway": handlers(_create_nat_gateway, _delete_nat_gateway),
        "AWS::EC2::FlowLog": handlers(_create_flow_log, _delete_flow_log),
        "AWS::EC2::SecurityGroupIngress": _rule("IpPermissions"),
        "AWS::EC2::SecurityGroupEgress": _rule("IpPermissionsEgress"),
    }


def _actions() -> Any:
    from ministack.services import ec2

    return ec2._ACTION_MAP


def _create_address(_logical_id: str, properties: Properties, _stack: str) -> Made:
    tags = tag_parameters(properties, "elastic-ip")
    answer = query(_actions()["AllocateAddress"], {"Domain": properties.get("Domain", "vpc"), **tags})
    address, allocation = value(answer, "publicIp"), value(answer, "allocationId")
    return address, {"PublicIp": address, "AllocationId": allocation}


def _delete_address(physical_id: str, _properties: Properties) -> None:
    from ministack.services import ec2

    for allocation, record in list(ec2._addresses.items()):
        if record["PublicIp"] == physical_id:
            query(_actions()["ReleaseAddress"], {"AllocationId": allocation})


def _retag(physical_id: str, _old: Properties, new: Properties, _stack: str) -> Made:
    from ministack.services import ec2

    for allocation, record in ec2._addresses.items():
        if record["PublicIp"] == physical_id:
            ec2._tags[allocation] = list(new.get("Tags") or ())
            return physical_id, {"PublicIp": physical_id, "AllocationId": allocation}
    raise ResourceFailed(f"the address {physical_id} does not exist")


def _create_nat_gateway(_logical_id: str, properties: Properties, _stack: str) -> Made:
    fields = ("SubnetId", "AllocationId", "ConnectivityType")
    request = {name: properties[name] for name in fields if properties.get(name)}
    answer = query(_actions()["CreateNatGateway"], {**request, **tag_parameters(properties, "natgateway")})
    gateway = value(answer, "natGatewayId")
    return gateway, {"NatGatewayId": gateway}


def _delete_nat_gateway(physical_id: str, _properties: Properties) -> None:
    from ministack.services import ec2

    if physical_id in ec2._nat_gateways:
        query(_actions()["DeleteNatGateway"], {"NatGatewayId": physical_id})


def _create_flow_log(_logical_id: str, properties: Properties, _stack: str) -> Made:
    fields = ("ResourceType", "TrafficType", "LogDestinationType", "LogDestination", "LogGroupName")
    request = {name: properties[name] for name in fields if properties.get(name)}
    request["ResourceId.1"] = properties["ResourceId"]
    answer = query(_actions()["CreateFlowLogs"], {**request, **tag_parameters(properties, "flow-log")})
    flow_log = value(answer, "item")
    return flow_log, {"Id": flow_log}


def _delete_flow_log(physical_id: str, _properties: Properties) -> None:
    query(_actions()["DeleteFlowLogs"], {"FlowLogId.1": physical_id})


def _rule(direction: str) -> Handlers:
    """A rule outside its group's own template entry, kept in the group's list under an id of its own."""

    def create(logical_id: str, properties: Properties, stack_name: str) -> Made:
        from ministack.core.responses import new_uuid

        rule_id = f"sgr-{new_uuid().replace('-', '')[:17]}"
        _group(properties).setdefault(direction, []).append({**_permission(properties), "SecurityGroupRuleId": rule_id})
        return rule_id, {"Id": rule_id}

    def update(physical_id: str, old: Properties, new: Properties, stack_name: str) -> Made:
        if old.get("GroupId") != new.get("GroupId"):
            return create(physical_id, new, stack_name)
        delete(physical_id, old)
        changed = {**_permission(new), "SecurityGroupRuleId": physical_id}
        _group(new).setdefault(direction, []).append(changed)
        return physical_id, {"Id": physical_id}

    def delete(physical_id: str, properties: Properties) -> None:
        from ministack.services import ec2

        group = ec2._security_groups.get(properties.get("GroupId"))
        if group:
            rules = group.get(direction, [])
            group[direction] = [rule for rule in rules if rule.get("SecurityGroupRuleId") != physical_id]

    steps: tuple[Create, Delete, Update] = (create, delete, update)
    return handlers(*steps)


def _group(properties: Properties) -> dict[str, Any]:
    from ministack.services import ec2

    group: dict[str, Any] | None = ec2._security_groups.get(properties.get("GroupId"))
    if group is None:
        raise ResourceFailed(f"the security group {properties.get('GroupId')} does not exist")
    return group


def _permission(properties: Properties) -> dict[str, Any]:
    from ministack.services.cloudformation.provisioners import _ec2_sg_permissions

    permission: dict[str, Any] = _ec2_sg_permissions([properties])[0]
    return permission
