"""The text of manifests that the init commands write: the fields that people change first, and samples of others.

Fields that AWS Copilot left to slow or costly defaults are written out with better values, so that they can be seen.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from copilot.manifest.interpolation import escape, quote
from copilot.manifest.parts.image import ContainerHealthCheck
from copilot.model.records import LOAD_BALANCED_WEB_SERVICE

GRPC_PORT = 50051
_WINDOWS_SIZE = (1024, 2048)
_SIZE = (256, 512)
_PLAIN = re.compile(r"[A-Za-z0-9./][A-Za-z0-9_./@-]*(:[A-Za-z0-9_./@-]+)*")
_LOOKS_LIKE_ANOTHER_TYPE = re.compile(
    r"(?i)[-+.0-9_]+|[0-9]+(\.[0-9]*)?e[0-9]+|0[xob].*|null|true|false|yes|no|on|off|y|n|~|\.(inf|nan)"
)


class HealthCheckFacts(Protocol):
    """A Dockerfile's HEALTHCHECK; times in seconds, None when the file does not say."""

    @property
    def command(self) -> Sequence[str]: ...
    @property
    def interval(self) -> float | None: ...
    @property
    def timeout(self) -> float | None: ...
    @property
    def start_period(self) -> float | None: ...
    @property
    def retries(self) -> int | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWorkload:
    """What a new service's manifest says. Either `dockerfile` or `image` is set; a port of 0 means none."""

    name: str
    type: str
    dockerfile: str = ""
    image: str = ""
    port: int = 0
    path: str = "/"
    platform: str = ""
    healthcheck: HealthCheckFacts | None = None
    private_environments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSubnets:
    """Subnets of a new environment: ids of existing ones, or ranges, in pairs with the zones when those are chosen."""

    public_ids: tuple[str, ...] = ()
    private_ids: tuple[str, ...] = ()
    public_cidrs: tuple[str, ...] = ()
    private_cidrs: tuple[str, ...] = ()
    az_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEnvironment:
    """What a new environment's manifest says. Without public subnets, certificates are the internal load balancer's."""

    name: str
    vpc_id: str = ""
    vpc_cidr: str = ""
    subnets: NewSubnets = field(default_factory=NewSubnets)
    public_certificates: tuple[str, ...] = ()
    internal_alb_subnets: tuple[str, ...] = ()
    internal_alb_vpc_ingress: bool = False
    container_insights: bool = False


def new_workload(wanted: NewWorkload) -> str:
    """The text of a new service's manifest."""
    is_web = wanted.type == LOAD_BALANCED_WEB_SERVICE
    blocks = [
        _head(wanted.name, wanted.type, "service"),
        _http(wanted) if is_web else _reachability(wanted),
        _image(wanted),
        _task(wanted),
        _SAMPLES,
        _environments(wanted.private_environments),
    ]
    return "\n".join(blocks)


def new_environment(wanted: NewEnvironment) -> str:
    """The text of a new environment's manifest."""
    return "\n".join(
        [
            _head(wanted.name, "Environment", "environment"),
            _network(wanted),
            _load_balancers(wanted),
            _observability(wanted),
        ]
    )


def scalar(text: str) -> str:
    """A text as a YAML scalar that reads as the same text, with no variable in it."""
    escaped = escape(text)
    if _PLAIN.fullmatch(escaped) and not _LOOKS_LIKE_ANOTHER_TYPE.fullmatch(escaped):
        return escaped
    return quote(escaped)


def _head(name: str, kind: str, what: str) -> str:
    return f"""\
# Manifest of the {what} "{name}".
# `copilot docs` opens the description of every field.

# The name is part of the names of stacks and log groups; it is the name of this directory too.
name: {scalar(name)}
type: {kind}
"""


def _http(wanted: NewWorkload) -> str:
    version = "  version: grpc\n" if wanted.port == GRPC_PORT else ""
    return f"""\
# The rule of the environment's load balancer.
http:
{version}  # Requests whose path begins like this come here; '/' takes all.
  path: {scalar(wanted.path)}
  # How the load balancer finds out that a task is healthy: two good answers in a row, ten seconds apart.
  healthcheck:
    path: /
    interval: 10s
    timeout: 5s
    healthy_threshold: 2
"""


def _reachability(wanted: NewWorkload) -> str:
    if wanted.port:
        return f"# Other services of the environment reach this one at http://{wanted.name}:{wanted.port}.\n"
    return "# No other service can reach this one: it has no port.\n"


def _image(wanted: NewWorkload) -> str:
    source = f"  build: {scalar(wanted.dockerfile)}" if wanted.dockerfile else f"  location: {scalar(wanted.image)}"
    comment = "  # The Dockerfile, from the root of the project.\n" if wanted.dockerfile else ""
    port = f"  # The port that the container listens on.\n  port: {wanted.port}\n" if wanted.port else ""
    check = _container_health_check(wanted.healthcheck) if wanted.healthcheck and not _is_web(wanted) else ""
    return f"# The container.\nimage:\n{comment}{source}\n{port}{check}"


def _is_web(wanted: NewWorkload) -> bool:
    return wanted.type == LOAD_BALANCED_WEB_SERVICE


def _container_health_check(found: HealthCheckFacts) -> str:
    usual = ContainerHealthCheck()
    retries = usual.retries if found.retries is None else found.retries
    return f"""\
  # Taken from the Dockerfile's HEALTHCHECK.
  healthcheck:
    command: [{", ".join(quote(escape(word)) for word in found.command)}]
    interval: {_duration(found.interval, usual.interval)}
    retries: {retries}
    timeout: {_duration(found.timeout, usual.timeout)}
    start_period: {_duration(found.start_period, usual.start_period)}
"""


def _duration(seconds: float | None, usual: int) -> str:
    return f"{usual if seconds is None else int(seconds)}s"


def _task(wanted: NewWorkload) -> str:
    is_windows = wanted.platform.startswith("windows")
    cpu, memory = _WINDOWS_SIZE if is_windows else _SIZE
    lines = [
        "# The size of a task, and how many there are.",
        f"cpu: {cpu}  # 1024 is one virtual processor",
        f"memory: {memory}  # MiB",
    ]
    if wanted.platform:
        lines.append(f"platform: {scalar(wanted.platform)}")
    lines.append("count: 1")
    if not is_windows:
        lines += ["", "# `copilot svc exec` may run commands in the container.", "exec: true"]
    if not is_windows and (wanted.port or _is_web(wanted)):
        lines += ["", "# Services of the environment reach each other by name.", "network:", "  connect: true"]
    lines += ["", "# Days that logs are kept.", "logging:", "  retention: 30"]
    return "\n".join(lines) + "\n"


_SAMPLES = """\
# Environment variables of the container.
# variables:
#   LOG_LEVEL: info

# Secrets: the variable's name, then the name of a parameter in the SSM Parameter Store.
# secrets:
#   API_TOKEN: API_TOKEN
"""


def _environments(private: Sequence[str]) -> str:
    head = "# What differs in single environments.\n"
    if not private:
        return f"{head}# environments:\n#   prod:\n#     count: 2\n"
    sections = "".join(
        f"  {scalar(env)}:\n    network:\n      vpc:\n        placement: private  # it has no public subnets\n"
        for env in private
    )
    return f"{head}environments:\n{sections}"


def _network(wanted: NewEnvironment) -> str:
    head = "# The network: made anew unless you import a VPC or choose its ranges.\n"
    subnets = wanted.subnets
    public = _imported(subnets.public_ids) + _chosen(subnets.public_cidrs, subnets.az_names)
    private = _imported(subnets.private_ids) + _chosen(subnets.private_cidrs, subnets.az_names)
    if not (wanted.vpc_id or wanted.vpc_cidr or public or private):
        return f"{head}# network:\n#   vpc:\n#     cidr: 10.0.0.0/16\n"
    lines = ["network:", "  vpc:"]
    if wanted.vpc_id:
        lines.append(f"    id: {scalar(wanted.vpc_id)}")
    elif wanted.vpc_cidr:
        lines.append(f"    cidr: {wanted.vpc_cidr}")
    if public or private:
        lines.append("    subnets:")
    for kind, items in (("public", public), ("private", private)):
        if items:
            lines += [f"      {kind}:", *(f"        {line}" for line in items)]
    return head + "\n".join(lines) + "\n"


def _imported(ids: Sequence[str]) -> list[str]:
    return [f"- id: {scalar(subnet)}" for subnet in ids]


def _chosen(ranges: Sequence[str], zones: Sequence[str]) -> list[str]:
    lines = []
    for index, cidr in enumerate(ranges):
        lines.append(f"- cidr: {cidr}")
        if index < len(zones):
            lines.append(f"  az: {scalar(zones[index])}")
    return lines


def _load_balancers(wanted: NewEnvironment) -> str:
    head = "# The load balancers; each is made when the first service needs it.\n"
    is_private = bool(wanted.vpc_id) and not wanted.subnets.public_ids
    public = [] if is_private else _listed("certificates", wanted.public_certificates)
    private = _listed("certificates", wanted.public_certificates) if is_private else []
    private += _listed("subnets", wanted.internal_alb_subnets)
    if wanted.internal_alb_vpc_ingress:
        private += ["ingress:", "  vpc: true"]
    if not public and not private:
        return f"{head}# http:\n#   public:\n#     certificates: [arn of an ACM certificate]\n"
    text = head + "http:\n"
    for kind, lines in (("public", public), ("private", private)):
        if lines:
            text += f"  {kind}:\n" + textwrap.indent("\n".join(lines), "    ") + "\n"
    return text


def _listed(key: str, values: Sequence[str]) -> list[str]:
    return [f"{key}:", *(f"  - {scalar(value)}" for value in values)] if values else []


def _observability(wanted: NewEnvironment) -> str:
    head = "# Metrics of every task and container, at a price: CloudWatch Container Insights.\n"
    if wanted.container_insights:
        return f"{head}observability:\n  container_insights: true\n"
    return f"{head}# observability:\n#   container_insights: true\n"
