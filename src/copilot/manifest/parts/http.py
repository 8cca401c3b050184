"""Rules on a load balancer's listeners."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from copilot.manifest.values import AsList, Boolean, Cidr, Integer, Model, Port, Seconds, Text, wrong

ProtocolVersion = Literal["GRPC", "HTTP1", "HTTP2"]
GRACE_PERIOD_SECONDS = 60


class HealthCheck(Model):
    """How the load balancer decides that a task is healthy. What is None is left to CloudFormation's default."""

    short_form = {"type": "string"}

    path: Text = "/"
    port: Port | None = None
    success_codes: Text | None = None
    healthy_threshold: Integer | None = None
    unhealthy_threshold: Integer | None = None
    interval: Seconds | None = None
    timeout: Seconds | None = None
    grace_period: Seconds | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_path(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"path": value}
        if not isinstance(value, Mapping | cls):
            raise wrong("must be a path or a mapping")
        return value


class Alias(Model):
    """A domain name of a rule, and the hosted zone that holds its record."""

    short_form = {"type": "string"}

    name: Text
    hosted_zone: Text | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value


def _aliases(value: Any) -> Any:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list | tuple):
        return value
    raise wrong("must be a name, a list of names or a list of mappings")


def _version(value: Any) -> Any:
    if isinstance(value, str) and value.upper() in {"GRPC", "HTTP1", "HTTP2"}:
        return value.upper()
    raise wrong("must be grpc, http1 or http2")


class RoutingRule(Model):
    """A listener rule and its target group."""

    path: Text
    healthcheck: HealthCheck = Field(default_factory=HealthCheck)
    stickiness: Boolean = False
    deregistration_delay: Seconds = 60
    target_container: Text | None = None
    target_port: Port | None = None
    allowed_source_ips: Annotated[tuple[Cidr, ...], AsList] = ()
    alias: Annotated[tuple[Alias, ...], BeforeValidator(_aliases, json_schema_input_type=str | list[Alias])] = ()
    hosted_zone: Text | None = None
    version: Annotated[ProtocolVersion, BeforeValidator(_version, json_schema_input_type=str)] | None = None
    redirect_to_https: Boolean | None = None

    @model_validator(mode="before")
    @classmethod
    def _read_old_spelling(cls, value: Any) -> Any:
        if not isinstance(value, Mapping) or value.get("targetContainer") is None:
            return value
        if value.get("target_container") is not None:
            raise wrong("takes either target_container or targetContainer, its old spelling, not both")
        return {
            **{k: v for k, v in value.items() if k != "targetContainer"},
            "target_container": value["targetContainer"],
        }


class Http(RoutingRule):
    """The rules of a service on its application load balancer: this one, and the additional ones."""

    alb: Text | None = None
    additional_rules: Annotated[tuple[RoutingRule, ...], AsList] = ()

    @property
    def rules(self) -> tuple[RoutingRule, ...]:
        """The main rule, then the additional ones."""
        return (self, *self.additional_rules)

    @property
    def grace_period(self) -> int:
        """Seconds in which a starting task's failing health checks do not count."""
        given = self.healthcheck.grace_period
        return GRACE_PERIOD_SECONDS if given is None else given
