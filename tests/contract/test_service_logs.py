"""A service's log lines as the action finds them on the local cloud: the last ones, those of a time, as they come."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from copilot import names
from copilot.actions.context import Context
from copilot.actions.requests import ServiceLogs
from copilot.actions.service_logs import service_logs
from copilot.aws.cloud import Cloud
from copilot.clock import SystemClock
from copilot.deploy.cancellation import Cancellation
from copilot.errors import NotFound
from copilot.local.clouds import Endpoint
from copilot.model.records import BACKEND_SERVICE, App, Env, Workload
from copilot.registry.registry import Registry

GROUP = "/copilot/shop-test-api"
MINUTE = 60_000


@dataclass(kw_only=True)
class Pauses(SystemClock):
    """A clock whose pauses take no time: in each, the next thing happens."""

    happenings: list[Callable[[], None]] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        if self.happenings:
            self.happenings.pop(0)()


@dataclass(kw_only=True)
class Desk:
    """Reads the logs of a recorded service, and writes them as its tasks do."""

    cloud: Cloud
    client: Any
    clock: Pauses = field(default_factory=Pauses)
    now: int = field(default_factory=lambda: int(time.time() * 1000))

    def write(self, stream: str, *lines: tuple[int, str]) -> None:
        """Lines with their age in milliseconds."""
        known = self.client.describe_log_streams(logGroupName=GROUP, logStreamNamePrefix=stream)["logStreams"]
        if not known:
            self.client.create_log_stream(logGroupName=GROUP, logStreamName=stream)
        events = [{"timestamp": self.now - age, "message": text} for age, text in lines]
        self.client.put_log_events(logGroupName=GROUP, logStreamName=stream, logEvents=events)

    def read(self, *, first: int | None = None, **asked: Any) -> list[str]:
        context = Context(
            cloud=self.cloud,
            connect=lambda given: self.cloud,
            workspace=None,
            engine=lambda: pytest.fail("no engine is needed"),
            observe=lambda event: None,
            confirm=lambda question: False,
            show=lambda text: None,
            clock=self.clock,
            cancellation=Cancellation(),
            environ={},
            root=Path(),
        )
        found = service_logs(ServiceLogs(app="shop", env="test", name="api", **asked), context)
        return [event.message for event in itertools.islice(found, first)]


@pytest.fixture
def desk(connection: Cloud, endpoint: Endpoint) -> Desk:
    registry = Registry(connection)
    account = connection.account
    registry.create_app(App(name="shop", account=account))
    role = f"arn:aws:iam::{account}:role/{names.env_manager_role('shop', 'test')}"
    place = {"region": connection.region, "account_id": account}
    registry.create_env(Env(app="shop", name="test", manager_role_arn=role, execution_role_arn=role, **place))
    registry.create_workload(Workload(app="shop", name="api", type=BACKEND_SERVICE))
    client = boto3.client(
        "logs",
        endpoint_url=endpoint.url,
        region_name=endpoint.region,
        aws_access_key_id=endpoint.access_key,
        aws_secret_access_key=endpoint.secret_key,
    )
    client.create_log_group(logGroupName=GROUP)
    return Desk(cloud=connection, client=client)


def test_the_last_ten_lines_of_all_tasks_come_in_the_order_of_time(desk: Desk) -> None:
    desk.write("copilot/api/1", *((20_000 - 1000 * n, f"one {n}") for n in range(10)))
    desk.write("copilot/api/2", *((19_500 - 1000 * n, f"two {n}") for n in range(10)))
    desk.write("states/1", (0, "no line of a task"))
    assert desk.read() == [f"{task} {n}" for n in range(5, 10) for task in ("one", "two")]
    assert desk.read(limit=1) == ["two 9"]


def test_a_task_is_named_by_the_beginning_of_its_id_and_a_container_by_its_name(desk: Desk) -> None:
    desk.write("copilot/api/1a", (3000, "first"))
    desk.write("copilot/api/2b", (2000, "second"))
    desk.write("copilot/side/1a", (1000, "beside"))
    assert desk.read(tasks=("1",)) == ["first", "beside"]
    assert desk.read(container="api") == ["first", "second"]
    assert desk.read(tasks=("1",), container="side", since=timedelta(hours=1)) == ["beside"]


def test_a_time_brings_all_lines_since_it_and_until_another(desk: Desk) -> None:
    desk.write("copilot/api/1", *((MINUTE * age, f"{age} minutes ago") for age in range(20, 0, -1)))
    assert desk.read(since=timedelta(minutes=15, seconds=30)) == [f"{age} minutes ago" for age in range(15, 0, -1)]

    def moment(age: float) -> datetime:
        return datetime.fromtimestamp((desk.now - MINUTE * age) / 1000, UTC)

    window = {"start_time": moment(12.5), "end_time": moment(10.5)}
    assert desk.read(**window) == ["12 minutes ago", "11 minutes ago"]
    assert desk.read(**window, limit=1) == ["11 minutes ago"]
    assert desk.read(end_time=moment(18.5)) == ["20 minutes ago", "19 minutes ago"]
    assert desk.read(end_time=moment(18.5), limit=1) == ["19 minutes ago"]


def test_following_shows_each_new_line_once_and_nothing_older(desk: Desk) -> None:
    desk.write("copilot/api/1", *((9000 - n, f"old {n}") for n in range(15)))
    desk.clock.happenings = [
        lambda: desk.write("copilot/api/1", (2000, "same"), (2000, "same")),
        lambda: desk.write("copilot/api/2", (3000, "late")),
        lambda: desk.write("copilot/api/2", (0, "last")),
    ]
    shown = [f"old {n}" for n in range(5, 15)]
    assert desk.read(follow=True, first=14) == [*shown, "same", "same", "late", "last"]


def test_following_shows_the_first_line_whatever_time_it_is_here(desk: Desk) -> None:
    """A clock that is an hour ahead of CloudWatch's must not hide what is written."""
    desk.clock.happenings = [lambda: desk.write("copilot/api/1", (60 * MINUTE, "first"))]
    assert desk.read(follow=True, first=1) == ["first"]


def test_a_service_that_said_nothing_is_told_from_one_that_is_not_there(desk: Desk) -> None:
    with pytest.raises(NotFound, match="not deployed there"):
        desk.read()
