"""The network of an environment: an existing VPC, or one of its own with public and private subnets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from copilot.cfn.intrinsics import Value, get_azs, join, ref, select
from copilot.cfn.template import Resource
from copilot.manifest import Environment
from copilot.manifest.environment import Subnet
from copilot.stacks.parts.env_terms import ANYWHERE, name_tag
from copilot.stacks.parts.piece import EnvOutput, Piece

DEFAULT_CIDR = "10.0.0.0/16"
DEFAULT_PUBLIC_CIDRS = ("10.0.0.0/24", "10.0.1.0/24")
DEFAULT_PRIVATE_CIDRS = ("10.0.2.0/24", "10.0.3.0/24")

_INTERNET_GATEWAY_ATTACHMENT = "InternetGatewayAttachment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """What other parts refer to, whoever made it; the ranges and zones are empty for an imported VPC."""

    vpc: Value
    public_subnets: tuple[Value, ...]
    private_subnets: tuple[Value, ...]
    cidr: str = ""
    public_cidrs: tuple[str, ...] = ()
    private_cidrs: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()

    @property
    def is_imported(self) -> bool:
        return not self.cidr


def plan(manifest: Environment) -> Network:
    """The network that a manifest asks for: imported, with chosen ranges, or the default."""
    vpc = manifest.network.vpc
    if vpc.is_imported:
        return Network(
            vpc=vpc.id,
            public_subnets=tuple(subnet.id for subnet in vpc.subnets.public),
            private_subnets=tuple(subnet.id for subnet in vpc.subnets.private),
        )
    if not vpc.is_adjusted:
        return _managed(DEFAULT_CIDR, DEFAULT_PUBLIC_CIDRS, DEFAULT_PRIVATE_CIDRS, ())
    public, private = _by_zone(vpc.subnets.public), _by_zone(vpc.subnets.private)
    return _managed(
        str(vpc.cidr),
        tuple(str(subnet.cidr) for subnet in public),
        tuple(str(subnet.cidr) for subnet in private),
        tuple(subnet.az for subnet in public if subnet.az),
    )


def _by_zone(subnets: Sequence[Subnet]) -> list[Subnet]:
    """The first public and the first private subnet must stand in one zone, and so on."""
    return sorted(subnets, key=lambda subnet: subnet.az or "")


def _managed(cidr: str, public: tuple[str, ...], private: tuple[str, ...], zones: tuple[str, ...]) -> Network:
    return Network(
        vpc=ref("VPC"),
        public_subnets=tuple(ref(f"PublicSubnet{number}") for number, _ in enumerate(public, start=1)),
        private_subnets=tuple(ref(f"PrivateSubnet{number}") for number, _ in enumerate(private, start=1)),
        cidr=cidr,
        public_cidrs=public,
        private_cidrs=private,
        zones=zones,
    )


def piece(network: Network) -> Piece:
    """The VPC with its subnets and the way to the internet, unless it is imported; its ids in any case."""
    outputs = {"VpcId": EnvOutput(value=network.vpc, export="VpcId")}
    for name, subnets in (("PublicSubnets", network.public_subnets), ("PrivateSubnets", network.private_subnets)):
        if subnets:
            outputs[name] = EnvOutput(value=join(",", list(subnets)), export=name)
    if network.is_imported:
        return Piece(outputs=outputs)
    outputs["InternetGatewayID"] = EnvOutput(value=ref("InternetGateway"), export="InternetGatewayID")
    outputs["PublicRouteTableID"] = EnvOutput(value=ref("PublicRouteTable"), export="PublicRouteTableID")
    return Piece(resources={**_vpc(network), **_routing(), **_subnets(network)}, outputs=outputs)


def _vpc(network: Network) -> dict[str, Resource]:
    vpc = Resource(
        type="AWS::EC2::VPC",
        description="The private network that everything in the environment stands in",
        properties={
            "CidrBlock": network.cidr,
            "EnableDnsHostnames": True,
            "EnableDnsSupport": True,
            "InstanceTenancy": "default",
            "Tags": name_tag(),
        },
    )
    return {"VPC": vpc}


def _routing() -> dict[str, Resource]:
    return {
        "PublicRouteTable": Resource(
            type="AWS::EC2::RouteTable",
            description="The routes of the public subnets",
            properties={"VpcId": ref("VPC"), "Tags": name_tag()},
        ),
        "DefaultPublicRoute": Resource(
            type="AWS::EC2::Route",
            depends_on=[_INTERNET_GATEWAY_ATTACHMENT],
            properties={
                "RouteTableId": ref("PublicRouteTable"),
                "DestinationCidrBlock": ANYWHERE,
                "GatewayId": ref("InternetGateway"),
            },
        ),
        "InternetGateway": Resource(
            type="AWS::EC2::InternetGateway",
            description="The door between the public subnets and the internet",
            properties={"Tags": name_tag()},
        ),
        _INTERNET_GATEWAY_ATTACHMENT: Resource(
            type="AWS::EC2::VPCGatewayAttachment",
            properties={"InternetGatewayId": ref("InternetGateway"), "VpcId": ref("VPC")},
        ),
    }


def _subnets(network: Network) -> dict[str, Resource]:
    found = {}
    for index, cidr in enumerate(network.public_cidrs):
        description = f"Public subnet {index + 1}, for what the internet may reach"
        found[f"PublicSubnet{index + 1}"] = _subnet(network, index, cidr, description, is_public=True)
    for index, cidr in enumerate(network.private_cidrs):
        description = f"Private subnet {index + 1}, out of the internet's reach"
        found[f"PrivateSubnet{index + 1}"] = _subnet(network, index, cidr, description, is_public=False)
    for number, subnet in enumerate(network.public_subnets, start=1):
        found[f"PublicSubnet{number}RouteTableAssociation"] = Resource(
            type="AWS::EC2::SubnetRouteTableAssociation",
            properties={"RouteTableId": ref("PublicRouteTable"), "SubnetId": subnet},
        )
    return found


def _subnet(network: Network, index: int, cidr: str, description: str, *, is_public: bool) -> Resource:
    return Resource(
        type="AWS::EC2::Subnet",
        description=description,
        properties={
            "CidrBlock": cidr,
            "VpcId": ref("VPC"),
            "AvailabilityZone": network.zones[index] if network.zones else select(index, get_azs("")),
            "MapPublicIpOnLaunch": is_public,
            "Tags": name_tag(f"-{'pub' if is_public else 'priv'}{index}"),
        },
    )
