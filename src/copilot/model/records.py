"""What SSM Parameter Store holds about an application, in the original's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

LOAD_BALANCED_WEB_SERVICE = "Load Balanced Web Service"
BACKEND_SERVICE = "Backend Service"
REQUEST_DRIVEN_WEB_SERVICE = "Request-Driven Web Service"
WORKER_SERVICE = "Worker Service"
STATIC_SITE = "Static Site"
SCHEDULED_JOB = "Scheduled Job"

SERVICE_TYPES = (
    REQUEST_DRIVEN_WEB_SERVICE,
    LOAD_BALANCED_WEB_SERVICE,
    BACKEND_SERVICE,
    WORKER_SERVICE,
    STATIC_SITE,
)
JOB_TYPES = (SCHEDULED_JOB,)
WORKLOAD_TYPES = SERVICE_TYPES + JOB_TYPES


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """An application; `tags` go on every resource, `permissions_boundary` is a policy's name."""

    name: str
    account: str
    domain: str = ""
    domain_hosted_zone_id: str = ""
    permissions_boundary: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Env:
    """An environment. `custom_config` and `telemetry` are older documents' and only ever read."""

    app: str
    name: str
    region: str
    account_id: str
    execution_role_arn: str = ""
    manager_role_arn: str = ""
    registry_url: str = ""
    custom_config: Mapping[str, Any] | None = None
    telemetry: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """A service or a job."""

    app: str
    name: str
    type: str

    @property
    def is_job(self) -> bool:
        return self.type in JOB_TYPES
