"""Whether targets answer: the health checks that target groups ask for, run for real.

On a laptop nobody wants to wait: a target that isn't healthy yet is checked several times a second, a healthy one every
few seconds, whatever longer interval the target group names. Paths, ports, success codes, time limits and thresholds
are the target group's.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from copilot.local.balancers.records import Record, Records, Target

HEALTHY_SECONDS = 5.0
DOUBTFUL_SECONDS = 1.0
FIRST_SECONDS = 0.3
_GIVEN_UP = 60  # checks: a target that failed so many is asked less often
_TICK_SECONDS = 0.1

Reach = Callable[[str, int], tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one check found: `reason` is empty when the target answered as it should."""

    reason: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """A target's health as DescribeTargetHealth tells it, and the run of equal checks that led there.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html
    """

    state: str = "initial"
    reason: str = "Elb.RegistrationInProgress"
    description: str = "Target registration is in progress"
    passed: int = 0
    failed: int = 0

    def after(self, verdict: Verdict, *, healthy_count: int, unhealthy_count: int) -> Condition:
        """The condition after one more check: one success is enough for a new target, a failed one needs a run."""
        if verdict.reason:
            failed = self.failed + 1
            if failed >= unhealthy_count or self.state == "unhealthy":
                return Condition("unhealthy", verdict.reason, verdict.description, failed=failed)
            return replace(self, passed=0, failed=failed)
        passed = self.passed + 1
        if self.state != "unhealthy" or passed >= healthy_count:
            return Condition("healthy", "", "", passed=passed)
        return replace(self, passed=passed, failed=0)

    @property
    def wait_seconds(self) -> float:
        if self.state == "healthy":
            return DOUBTFUL_SECONDS if self.failed else HEALTHY_SECONDS
        if self.state == "initial":
            return FIRST_SECONDS
        return DOUBTFUL_SECONDS if self.failed < _GIVEN_UP else HEALTHY_SECONDS


UNUSED = Condition(
    "unused", "Target.NotInUse", "Target group is not configured to receive traffic from the load balancer"
)


class Health:
    """The conditions of all targets; `run` keeps them true."""

    def __init__(self, records: Records, reach: Reach) -> None:
        self._records = records
        self._reach = reach
        self._conditions: dict[Target, Condition] = {}
        self._due: dict[Target, float] = {}
        self._running: dict[Target, asyncio.Task[None]] = {}

    def of(self, target: Target) -> Condition:
        """The target's condition now."""
        if target in self._conditions:
            return self._conditions[target]
        return Condition() if target.group in self._records.groups_in_use() else UNUSED

    def doubt(self, target: Target) -> None:
        """Has a target checked at once that did not answer a request."""
        self._due[target] = 0.0

    async def run(self) -> None:
        """Checks until cancelled."""
        while True:
            self._start_due_checks()
            await asyncio.sleep(_TICK_SECONDS)

    def _start_due_checks(self) -> None:
        now = time.monotonic()
        registered = set()
        for arn in self._records.groups_in_use():
            group = self._records.group(arn)
            for target in self._records.targets(group) if group else ():
                registered.add(target)
                if self._due.get(target, 0.0) <= now and target not in self._running:
                    self._running[target] = asyncio.create_task(self._check(target, group or {}))
        for gone in self._conditions.keys() - registered:
            del self._conditions[gone]
            self._due.pop(gone, None)

    async def _check(self, target: Target, group: Record) -> None:
        try:
            verdict = await probe(group, target, self._reach)
            condition = self._conditions.get(target, Condition()).after(
                verdict,
                healthy_count=int(group.get("HealthyThresholdCount") or 5),
                unhealthy_count=int(group.get("UnhealthyThresholdCount") or 2),
            )
            self._conditions[target] = condition
            wanted = float(group.get("HealthCheckIntervalSeconds") or HEALTHY_SECONDS)
            self._due[target] = time.monotonic() + min(condition.wait_seconds, wanted)
        finally:
            del self._running[target]


async def probe(group: Record, target: Target, reach: Reach) -> Verdict:
    """One health check of a target, as its target group describes it."""
    if not group.get("HealthCheckEnabled", True) or group.get("TargetType") == "lambda":
        return Verdict()
    wanted_port = str(group.get("HealthCheckPort") or "traffic-port")
    host, port = reach(target.id, int(wanted_port) if wanted_port.isdigit() else target.port)
    seconds = float(group.get("HealthCheckTimeoutSeconds") or 5)
    protocol = str(group.get("HealthCheckProtocol") or "HTTP")
    try:
        async with asyncio.timeout(seconds):
            if protocol not in ("HTTP", "HTTPS"):
                _, writer = await asyncio.open_connection(host, port)
                writer.close()
                return Verdict()
            status = await _status(host, port, str(group.get("HealthCheckPath") or "/"), is_tls=protocol == "HTTPS")
    except TimeoutError:
        return Verdict("Target.Timeout", "Request timed out")
    except OSError as err:
        return Verdict(
            "Target.FailedHealthChecks", f"Health checks failed: no connection to port {port}: {err.strerror or err}"
        )
    except ValueError:
        return Verdict("Target.FailedHealthChecks", "Health checks failed: the answer is not HTTP")
    if is_success(status, str((group.get("Matcher") or {}).get("HttpCode") or "200")):
        return Verdict()
    return Verdict("Target.ResponseCodeMismatch", f"Health checks failed with these codes: [{status}]")


def is_success(status: int, matcher: str) -> bool:
    """Whether the status is among `200,301` or within `200-299`."""
    for part in matcher.split(","):
        low, _, high = part.strip().partition("-")
        if low.isdigit() and int(low) <= status <= int(high or low):
            return True
    return False


async def _status(host: str, port: int, path: str, *, is_tls: bool) -> int:
    reader, writer = await asyncio.open_connection(host, port, ssl=any_certificate() if is_tls else None)
    try:
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nUser-Agent: ELB-HealthChecker/2.0\r\n"
            f"Accept: */*\r\nConnection: close\r\n\r\n".encode()
        )
        line = await reader.readline()
        protocol, status, *_ = [*line.split(b" ", 2), b""]
        if not protocol.startswith(b"HTTP/"):
            raise ValueError(line)
        return int(status)
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def any_certificate() -> ssl.SSLContext:
    """Load balancers don't validate the certificates of targets.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html
    """
    context: Any = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context  # type: ignore[no-any-return]
