"""The way out of the private subnets, made once a workload is placed there."""

from __future__ import annotations

from copilot.cfn.intrinsics import get_att, join, ref
from copilot.cfn.template import Resource
from copilot.stacks.parts.env_design import EnvDesign
from copilot.stacks.parts.env_terms import ANYWHERE, CREATE_NAT_GATEWAYS, name_tag
from copilot.stacks.parts.piece import EnvOutput, Piece


def piece(design: EnvDesign) -> Piece:
    """A NAT gateway with its address and routes for each private subnet; an imported VPC has its own way out."""
    if design.network.is_imported:
        return Piece()
    numbers = range(1, len(design.network.private_subnets) + 1)
    tables = [ref(f"PrivateRouteTable{number}") for number in numbers]
    return Piece(
        resources={name: resource for number in numbers for name, resource in _gateway(number).items()},
        outputs={
            "PrivateRouteTableIDs": EnvOutput(
                value=join(",", tables), export="PrivateRouteTableIDs", condition=CREATE_NAT_GATEWAYS
            )
        },
    )


def _gateway(number: int) -> dict[str, Resource]:
    address, gateway, table = f"NatGateway{number}Attachment", f"NatGateway{number}", f"PrivateRouteTable{number}"
    return {
        address: Resource(
            type="AWS::EC2::EIP",
            description=f"The public address of NAT gateway {number}",
            condition=CREATE_NAT_GATEWAYS,
            depends_on=["InternetGatewayAttachment"],
            properties={"Domain": "vpc"},
        ),
        gateway: Resource(
            type="AWS::EC2::NatGateway",
            description=f"NAT gateway {number}, the way from private subnet {number} to the internet",
            condition=CREATE_NAT_GATEWAYS,
            properties={
                "AllocationId": get_att(address, "AllocationId"),
                "SubnetId": ref(f"PublicSubnet{number}"),
                "Tags": name_tag(f"-{number - 1}"),
            },
        ),
        table: Resource(type="AWS::EC2::RouteTable", condition=CREATE_NAT_GATEWAYS, properties={"VpcId": ref("VPC")}),
        f"PrivateRoute{number}": Resource(
            type="AWS::EC2::Route",
            condition=CREATE_NAT_GATEWAYS,
            properties={"RouteTableId": ref(table), "DestinationCidrBlock": ANYWHERE, "NatGatewayId": ref(gateway)},
        ),
        f"{table}Association": Resource(
            type="AWS::EC2::SubnetRouteTableAssociation",
            condition=CREATE_NAT_GATEWAYS,
            properties={"RouteTableId": ref(table), "SubnetId": ref(f"PrivateSubnet{number}")},
        ),
    }
