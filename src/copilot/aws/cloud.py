"""One account and region of AWS, or of the local cloud: the gateways to its services."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from copilot.aws.connection import Api, Keys, Role, Session
from copilot.aws.errors import is_loopback, no_region
from copilot.clock import Clock, SystemClock

if TYPE_CHECKING:
    from copilot.aws.alarms import Alarms
    from copilot.aws.buckets import Buckets
    from copilot.aws.certificates import Certificates
    from copilot.aws.ecs import Services
    from copilot.aws.identity import Identity
    from copilot.aws.load_balancers import LoadBalancers
    from copilot.aws.logs import Logs
    from copilot.aws.network import Network
    from copilot.aws.parameters import Parameters
    from copilot.aws.repositories import Repositories
    from copilot.aws.roles import Roles
    from copilot.aws.stack_sets import StackSets
    from copilot.aws.stacks import Stacks
    from copilot.aws.tagging import Tagging
    from copilot.aws.zones import Zones

__all__ = ["Cloud", "Keys"]

_ROLE_ARN = re.compile(r"^arn:[^:]+:iam::(?P<account>\d{12}):role/(?:.*/)?(?P<name>[^/]+)$")
_SESSION_NAME_MAX = 64


class Cloud:
    """The gateways of one account and region. Opening it makes no call and imports no SDK.

    Clients are made at first use, once for a service and region, and may be used by several threads.
    """

    def __init__(self, session: Session, *, region: str, environ: Mapping[str, str], clock: Clock, account: str = ""):
        self._session = session
        self._region = region
        self._environ = environ
        self._clock = clock
        self._account = account

    @classmethod
    def connect(
        cls,
        *,
        profile: str = "",
        region: str = "",
        keys: Keys | None = None,
        endpoint: str = "",
        environ: Mapping[str, str] | None = None,
        clock: Clock | None = None,
    ) -> Cloud:
        """A connection with the SDK's usual credentials unless a profile or keys are named.

        `endpoint` answers for every service: that is how the local cloud is reached, also when AWS_ENDPOINT_URL names
        one on this machine. A missing region or missing credentials are told at the first use.
        """
        environ = os.environ if environ is None else environ
        session = Session(profile=profile, keys=keys, endpoint=endpoint or _loopback(environ), environ=environ)
        return cls(session, region=region, environ=environ, clock=clock or SystemClock())

    @cached_property
    def region(self) -> str:
        """The region named when connecting, else AWS_REGION, AWS_DEFAULT_REGION or the profile's; NoRegion without."""
        region = (
            self._region
            or self._environ.get("AWS_REGION", "")
            or self._environ.get("AWS_DEFAULT_REGION", "")
            or self._session.configured_region()
        )
        if not region:
            raise no_region()
        return region

    @cached_property
    def account(self) -> str:
        """The account's id: the assumed role's, else asked once for all regions."""
        return self._account or self._session.account(lambda: self.identity.caller().account)

    @property
    def partition(self) -> str:
        """`aws`, `aws-cn`, `aws-us-gov`, ..."""
        return self._session.partition(self.region)

    @property
    def endpoint(self) -> str:
        """The endpoint that answers for every service; empty for AWS."""
        return self._session.endpoint

    @property
    def calls(self) -> Mapping[str, int]:
        """How often each `service.Operation` was called with this connection and those made from it."""
        return self._session.counter.calls

    def in_region(self, region: str) -> Cloud:
        """The same credentials in another region."""
        if region == self._region:
            return self
        return Cloud(self._session, region=region, environ=self._environ, clock=self._clock, account=self._account)

    def other(self, *, profile: str = "", keys: Keys | None = None, region: str = "") -> Cloud:
        """Other credentials at the same endpoint."""
        return Cloud.connect(
            profile=profile, keys=keys, region=region, endpoint=self.endpoint, environ=self._environ, clock=self._clock
        )

    def assume(self, role_arn: str, region: str = "") -> Cloud:
        """The cloud as a role sees it, in its account. The role is assumed at the first call, not before."""
        region = region or self.region
        found = _ROLE_ARN.match(role_arn)
        name = f"copilot-{found['name'] if found else 'session'}"[:_SESSION_NAME_MAX]
        session = self._session.assume(Role(arn=role_arn, region=region, session_name=name))
        account = found["account"] if found else ""
        return Cloud(session, region=region, environ=self._environ, clock=self._clock, account=account)

    def _api(self, service: str) -> Api:
        return Api(self._session, service, self.region)

    @cached_property
    def stacks(self) -> Stacks:
        from copilot.aws.stacks import Stacks

        return Stacks(self._api("cloudformation"), self.tagging, self._clock)

    @cached_property
    def stack_sets(self) -> StackSets:
        from copilot.aws.stack_sets import StackSets

        return StackSets(self._api("cloudformation"), self._clock)

    @cached_property
    def parameters(self) -> Parameters:
        from copilot.aws.parameters import Parameters

        return Parameters(self._api("ssm"))

    @cached_property
    def buckets(self) -> Buckets:
        from copilot.aws.buckets import Buckets

        return Buckets(self._api("s3"))

    @cached_property
    def repositories(self) -> Repositories:
        from copilot.aws.repositories import Repositories

        return Repositories(self._api("ecr"))

    @cached_property
    def tagging(self) -> Tagging:
        from copilot.aws.tagging import Tagging

        return Tagging(self._api("resourcegroupstaggingapi"))

    @cached_property
    def roles(self) -> Roles:
        from copilot.aws.roles import Roles

        return Roles(self._api("iam"))

    @cached_property
    def identity(self) -> Identity:
        from copilot.aws.identity import Identity

        return Identity(self._api("sts"))

    @cached_property
    def services(self) -> Services:
        from copilot.aws.ecs import Services

        return Services(self._api("ecs"))

    @cached_property
    def logs(self) -> Logs:
        from copilot.aws.logs import Logs

        return Logs(self._api("logs"))

    @cached_property
    def load_balancers(self) -> LoadBalancers:
        from copilot.aws.load_balancers import LoadBalancers

        return LoadBalancers(self._api("elbv2"))

    @cached_property
    def alarms(self) -> Alarms:
        from copilot.aws.alarms import Alarms

        return Alarms(self._api("cloudwatch"), self._api("application-autoscaling"))

    @cached_property
    def network(self) -> Network:
        from copilot.aws.network import Network

        return Network(self._api("ec2"))

    @cached_property
    def zones(self) -> Zones:
        from copilot.aws.zones import Zones

        return Zones(self._api("route53"))

    @cached_property
    def certificates(self) -> Certificates:
        from copilot.aws.certificates import Certificates

        return Certificates(self._api("acm"))


def _loopback(environ: Mapping[str, str]) -> str:
    """AWS_ENDPOINT_URL when it answers for every service on this machine; the SDK sees to all other settings.

    https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
    """
    url = environ.get("AWS_ENDPOINT_URL", "")
    is_ignored = environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true"
    has_others = any(name.startswith("AWS_ENDPOINT_URL_") for name in environ)
    return url if url and is_loopback(url) and not (is_ignored or has_others) else ""
