"""What the user asked for, as values: one request an action. Empty text and empty tuples mean "not given"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Other than the default ones, for creating an environment in another account."""

    profile: str = ""
    access_key_id: str = ""
    secret_access_key: str = field(default="", repr=False)
    session_token: str = field(default="", repr=False)
    region: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InitApp:
    name: str
    domain: str = ""
    permissions_boundary: str = ""
    resource_tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptApp:
    """`yes` answers every question, `allow_replacement` accepts that resources are replaced or removed."""

    name: str
    yes: bool = False
    allow_replacement: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportVPC:
    id: str
    public_subnets: tuple[str, ...] = ()
    private_subnets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustVPC:
    cidr: str = "10.0.0.0/16"
    az_names: tuple[str, ...] = ()
    public_cidrs: tuple[str, ...] = ()
    private_cidrs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InitEnv:
    app: str
    name: str
    credentials: Credentials = field(default_factory=Credentials)
    import_vpc: ImportVPC | None = None
    adjust_vpc: AdjustVPC | None = None
    import_cert_arns: tuple[str, ...] = ()
    internal_alb_subnets: tuple[str, ...] = ()
    internal_alb_allow_vpc_ingress: bool = False
    container_insights: bool = False
    allow_downgrade: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Deployment:
    """How stacks are deployed, whatever is in them."""

    app: str
    force: bool = False
    no_rollback: bool = False
    detach: bool = False
    allow_downgrade: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _ShownDeployment(_Deployment):
    """A deployment that may be looked at before it begins."""

    diff: bool = False
    diff_yes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Package:
    """How a template is shown or written."""

    app: str
    output_dir: str = ""
    upload_assets: bool = False
    diff: bool = False
    allow_downgrade: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployEnv(_ShownDeployment):
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageEnv(_Package):
    name: str
    force: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowEnv:
    app: str
    name: str
    resources: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteEnv:
    app: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InitService:
    """`image` and `dockerfile` exclude each other; `port` 0 means "none given"."""

    app: str
    name: str
    type: str
    dockerfile: str = ""
    image: str = ""
    port: int = 0
    ingress_type: str = ""
    allow_downgrade: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployService(_ShownDeployment):
    env: str
    name: str
    tag: str = ""
    resource_tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageService(_Package):
    env: str
    name: str
    tag: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowService:
    app: str
    name: str
    resources: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceOf:
    """A service in one environment."""

    app: str
    env: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLogs(ServiceOf):
    """`limit` 0 means the default: 10, or all when a time is given."""

    container: str = ""
    tasks: tuple[str, ...] = ()
    previous: bool = False
    follow: bool = False
    since: timedelta | None = None
    start_time: datetime | None = None
    end_time: datetime | None = None
    limit: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteService:
    """`env` empty means everywhere, and the record too."""

    app: str
    name: str
    env: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deploy(_Deployment):
    """`names` may carry an order tag: `web/2`. `init_env` and `deploy_env` None mean "not said"."""

    env: str
    names: tuple[str, ...] = ()
    all: bool = False
    init_workloads: bool = False
    init_env: bool | None = None
    deploy_env: bool | None = None
    tag: str = ""
    resource_tags: Mapping[str, str] = field(default_factory=dict)
    credentials: Credentials = field(default_factory=Credentials)


@dataclass(frozen=True, slots=True, kw_only=True)
class Init:
    """The guided start: app, service and, with `deploy`, environment and deployment."""

    app: InitApp
    service: InitService
    env: str = ""
    deploy: bool = False
    tag: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalUp:
    env: str = ""
    detach: bool = False
