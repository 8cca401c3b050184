"""Environment: the network, load balancers and cluster that workloads share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from copilot.manifest.values import (
    Arn,
    AsList,
    Boolean,
    Cidr,
    Integer,
    Model,
    Text,
    TextList,
    boolean_or_none,
    wrong,
)

ENVIRONMENT = "Environment"
DEFAULT_VPC_CIDR = "10.0.0.0/16"


def _switch(value: Any) -> Any:
    """A boolean or a mapping: false is None, true is the mapping with nothing set."""
    if isinstance(value, Mapping | Model):
        return value
    answer = boolean_or_none(value)
    if answer is None:
        raise wrong("must be true, false or a mapping")
    return {} if answer else None


class Subnet(Model):
    """An existing subnet (`id`), or one to make (`cidr`, and `az` for a chosen zone)."""

    id: Text | None = None
    cidr: Cidr | None = None
    az: Text | None = None


class Subnets(Model):
    """The subnets of a VPC."""

    public: Annotated[tuple[Subnet, ...], AsList] = ()
    private: Annotated[tuple[Subnet, ...], AsList] = ()


class Ports(Model):
    """The first and the last port of a security group rule."""

    first: int
    last: int


def _ports(value: Any) -> Any:
    if isinstance(value, Ports | Mapping):
        return value
    match = re.fullmatch(r"(-?\d+)(?:-(\d+))?", str(value)) if isinstance(value, str | int) else None
    if not match:
        raise wrong("must be a port or a range such as 8000-8080")
    first = int(match[1])
    last = int(match[2]) if match[2] else first
    if not (-1 <= first <= 65535 and last <= 65535):
        raise wrong("must be from 0 to 65535")
    if first > last:
        raise wrong(f"starts at {first}, which is above its end, {last}")
    return {"first": first, "last": last}


class SecurityGroupRule(Model):
    """Traffic that the environment's security group lets through."""

    ip_protocol: Text
    ports: Annotated[Ports, BeforeValidator(_ports, json_schema_input_type=int | str)]
    cidr: Cidr


class SecurityGroup(Model):
    """Rules of the environment's security group; egress rules replace the one that allows everything."""

    ingress: Annotated[tuple[SecurityGroupRule, ...], AsList] = ()
    egress: Annotated[tuple[SecurityGroupRule, ...], AsList] = ()


class FlowLogs(Model):
    """VPC flow logs, and how many days they are kept."""

    short_form = {"type": "boolean"}

    retention: Integer = 14


class EnvironmentVpc(Model):
    """The VPC: an existing one (`id`), one with chosen ranges (`cidr`), or, with neither, the default one."""

    id: Text | None = None
    cidr: Cidr | None = None
    subnets: Subnets = Field(default_factory=Subnets)
    security_group: SecurityGroup = Field(default_factory=SecurityGroup)
    flow_logs: Annotated[FlowLogs | None, BeforeValidator(_switch)] = None

    @property
    def is_imported(self) -> bool:
        return bool(self.id)

    @property
    def is_adjusted(self) -> bool:
        return bool(self.cidr)


class EnvironmentNetwork(Model):
    """The network of an environment."""

    vpc: EnvironmentVpc = Field(default_factory=EnvironmentVpc)


class StaticAssets(Model):
    """A bucket that CloudFront serves under a path of its own."""

    location: Text
    alias: Text
    path: Text


class Cdn(Model):
    """A CloudFront distribution in front of the public load balancer."""

    short_form = {"type": "boolean"}

    certificate: Arn | None = None
    terminate_tls: Boolean = False
    static_assets: StaticAssets | None = None


class AccessLogs(Model):
    """Access logs of the public load balancer; without a bucket name the environment makes a bucket."""

    short_form = {"type": "boolean"}

    bucket_name: Text | None = None
    prefix: Text | None = None


class PublicIngress(Model):
    """Who may reach the public load balancer; everyone when nothing is set."""

    cdn: Boolean = False
    source_ips: Annotated[tuple[Cidr, ...], AsList] = ()


class PrivateIngress(Model):
    """Who may reach the internal load balancer beside the environment's own security group."""

    vpc: Boolean = False

    @model_validator(mode="before")
    @classmethod
    def _pass_over(cls, value: Any) -> Any:
        """`env init --internal-alb-allow-vpc-ingress` of AWS Copilot writes `from_vpc` here, and then ignores it."""
        return {k: v for k, v in value.items() if k != "from_vpc"} if isinstance(value, Mapping) else value


def _lift(value: Any, old: tuple[str, ...], new: str) -> Any:
    """Moves `security_groups.ingress...`, the old spelling, to `ingress.{new}`."""
    if not isinstance(value, Mapping) or value.get("security_groups") is None:
        return value
    found: Any = value["security_groups"]
    spelling = ("ingress", *old)
    for key in spelling:
        if not isinstance(found, Mapping) or set(found) - {key}:
            raise wrong(f"has an old field, security_groups, that holds more than {'.'.join(spelling)}")
        found = found.get(key)
    rest = {k: v for k, v in value.items() if k != "security_groups"}
    if found is None:
        return rest
    if rest.get("ingress"):
        raise wrong("takes either ingress or security_groups.ingress, its old spelling, not both")
    return {**rest, "ingress": {new: found}}


class PublicHttp(Model):
    """The public load balancer."""

    certificates: Annotated[tuple[Arn, ...], AsList] = ()
    access_logs: Annotated[AccessLogs | None, BeforeValidator(_switch)] = None
    ssl_policy: Text | None = None
    ingress: PublicIngress = Field(default_factory=PublicIngress)

    @model_validator(mode="before")
    @classmethod
    def _read_old_spelling(cls, value: Any) -> Any:
        return _lift(value, ("restrict_to", "cdn"), "cdn")


class PrivateHttp(Model):
    """The internal load balancer; it stands in the private subnets unless others are named."""

    certificates: Annotated[tuple[Arn, ...], AsList] = ()
    subnets: TextList = ()
    ssl_policy: Text | None = None
    ingress: PrivateIngress = Field(default_factory=PrivateIngress)

    @model_validator(mode="before")
    @classmethod
    def _read_old_spelling(cls, value: Any) -> Any:
        return _lift(value, ("from_vpc",), "vpc")


class EnvironmentHttp(Model):
    """The environment's load balancers."""

    public: PublicHttp = Field(default_factory=PublicHttp)
    private: PrivateHttp = Field(default_factory=PrivateHttp)


class EnvironmentObservability(Model):
    """What the cluster measures."""

    container_insights: Boolean = False


class Environment(Model):
    """An environment's manifest; `cdn` is None when there is none."""

    name: Text
    type: Literal["Environment"] = "Environment"
    network: EnvironmentNetwork = Field(default_factory=EnvironmentNetwork)
    cdn: Annotated[Cdn | None, BeforeValidator(_switch)] = None
    http: EnvironmentHttp = Field(default_factory=EnvironmentHttp)
    observability: EnvironmentObservability = Field(default_factory=EnvironmentObservability)
