"""VPCs, subnets and prefix lists of one account and region."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from copilot.aws import tags as shapes
from copilot.aws.connection import Api
from copilot.errors import AWSError, Blocked, NotFound

CLOUDFRONT_PREFIX_LIST = "com.amazonaws.global.cloudfront.origin-facing"
"""https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/LocationsOfEdgeServers.html"""


@dataclass(frozen=True, slots=True, kw_only=True)
class VPC:
    """`name` is its Name tag, empty without one."""

    id: str
    name: str
    cidr: str
    is_default: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Subnet:
    """`is_public` when its route table leads to an internet gateway; `name` is its Name tag."""

    id: str
    vpc_id: str
    name: str
    cidr: str
    az: str
    is_public: bool


class Network:
    """Amazon EC2's networks."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def vpcs(self) -> list[VPC]:
        """All VPCs, the default one first, then by name and id."""
        found = [_vpc(each) for each in self._api.items("describe_vpcs", "Vpcs")]
        return sorted(found, key=lambda vpc: (not vpc.is_default, vpc.name, vpc.id))

    def has_dns_support(self, vpc_id: str) -> bool:
        """Whether instances can resolve names; NotFound when there is no such VPC."""
        try:
            answer = self._api.call("describe_vpc_attribute", VpcId=vpc_id, Attribute="enableDnsSupport")
        except AWSError as error:
            if error.code.startswith("InvalidVpc"):
                raise NotFound(f"VPC {vpc_id} does not exist in region {self._api.region}") from error
            raise
        return bool(answer["EnableDnsSupport"]["Value"])

    def subnets(self, vpc_id: str, *, tags: Mapping[str, str] | None = None) -> list[Subnet]:
        """A VPC's subnets that carry all these tags, by zone and id."""
        filters = [{"Name": "vpc-id", "Values": [vpc_id]}]
        chosen = [{"Name": f"tag:{key}", "Values": [value]} for key, value in (tags or {}).items()]
        found = list(self._api.items("describe_subnets", "Subnets", Filters=[*filters, *chosen]))
        public = _Routes(list(self._api.items("describe_route_tables", "RouteTables", Filters=filters)))
        subnets = [_subnet(each, is_public=public.leads_out(each["SubnetId"])) for each in found]
        return sorted(subnets, key=lambda subnet: (subnet.az, subnet.id))

    def zones(self) -> list[str]:
        """Names of the region's availability zones that can be used without asking for it, sorted."""
        answer = self._api.call(
            "describe_availability_zones", Filters=[{"Name": "zone-type", "Values": ["availability-zone"]}]
        )
        return sorted(each["ZoneName"] for each in answer["AvailabilityZones"] if each.get("State") == "available")

    def require_importable(self, vpc_id: str, subnet_ids: Sequence[str]) -> None:
        """Refuses a VPC that can't resolve names, and subnets that are not in it."""
        if not self.has_dns_support(vpc_id):
            raise Blocked(
                f"VPC {vpc_id} can't be used: its DNS support is off, and services find each other by name",
                hints=(f"aws ec2 modify-vpc-attribute --vpc-id {vpc_id} --enable-dns-support",),
            )
        known = {subnet.id for subnet in self.subnets(vpc_id)} if subnet_ids else set()
        foreign = [subnet_id for subnet_id in subnet_ids if subnet_id not in known]
        if foreign:
            raise NotFound(
                f"VPC {vpc_id} has no subnet {', '.join(foreign)}",
                hints=(f"see which it has: `aws ec2 describe-subnets --filters Name=vpc-id,Values={vpc_id}`",),
            )

    def cloudfront_prefix_list(self) -> str:
        """The id of the list of CloudFront's addresses; NotFound where the region has none."""
        filters = [{"Name": "prefix-list-name", "Values": [CLOUDFRONT_PREFIX_LIST]}]
        for each in self._api.items("describe_managed_prefix_lists", "PrefixLists", Filters=filters):
            return str(each["PrefixListId"])
        raise NotFound(f"region {self._api.region} has no prefix list {CLOUDFRONT_PREFIX_LIST}")


class _Routes:
    """Which subnets have a way to the internet. A subnet without a route table of its own uses the VPC's main one."""

    def __init__(self, tables: Sequence[Mapping[str, Any]]) -> None:
        self._out: dict[str, bool] = {}
        self._main = False
        for table in tables:
            leads_out = any(str(route.get("GatewayId", "")).startswith("igw-") for route in table.get("Routes") or ())
            for association in table.get("Associations") or ():
                if association.get("Main"):
                    self._main = leads_out
                elif association.get("SubnetId"):
                    self._out[association["SubnetId"]] = leads_out

    def leads_out(self, subnet_id: str) -> bool:
        return self._out.get(subnet_id, self._main)


def _vpc(answer: Mapping[str, Any]) -> VPC:
    return VPC(
        id=answer["VpcId"],
        name=shapes.from_list(answer.get("Tags")).get("Name", ""),
        cidr=answer["CidrBlock"],
        is_default=answer.get("IsDefault", False),
    )


def _subnet(answer: Mapping[str, Any], *, is_public: bool) -> Subnet:
    return Subnet(
        id=answer["SubnetId"],
        vpc_id=answer["VpcId"],
        name=shapes.from_list(answer.get("Tags")).get("Name", ""),
        cidr=answer["CidrBlock"],
        az=answer["AvailabilityZone"],
        is_public=is_public,
    )
