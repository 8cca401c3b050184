"""Descriptions as text and as JSON, letter by letter."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from copilot.cli.views import app, documents, env, local, logs, service, status
from copilot.local.clouds import Balancer, CloudStatus
from copilot.model import description as d
from copilot.model.records import BACKEND_SERVICE, LOAD_BALANCED_WEB_SERVICE, SCHEDULED_JOB, Env, Workload
from copilot.term.console import Stream

PLAIN = Stream(file=io.StringIO())
NOW = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)

TEST = Env(
    app="vote",
    name="test",
    region="us-west-2",
    account_id="123456789012",
    execution_role_arn="arn:exec",
    manager_role_arn="arn:manager",
)
TEST_DOCUMENT = {
    "app": "vote",
    "name": "test",
    "region": "us-west-2",
    "accountID": "123456789012",
    "registryURL": "",
    "executionRoleARN": "arn:exec",
    "managerRoleARN": "arn:manager",
}
COLLECTOR = Workload(app="vote", name="collector", type=LOAD_BALANCED_WEB_SERVICE)
AGGREGATOR = Workload(app="vote", name="aggregator", type=BACKEND_SERVICE)
REPORT = Workload(app="vote", name="report", type=SCHEDULED_JOB)


def ordered(text: str) -> list[object]:
    """JSON whose order of keys matters too."""
    return json.loads(text, object_pairs_hook=list)  # type: ignore[no-any-return]


APP = d.AppDescription(
    name="vote",
    version="v1.34.0",
    uri="vote.example.com",
    environments=(TEST,),
    services=(COLLECTOR, AGGREGATOR),
    jobs=(REPORT,),
    deployed={"collector": ("test", "prod")},
    can_upgrade=True,
)


def test_an_application_as_text() -> None:
    assert app.as_text(APP, PLAIN) == (
        "About\n\n"
        "  Name                  vote\n"
        "  Version               v1.34.0 (run `copilot app upgrade` to bring it up to date)\n"
        "  URI                   vote.example.com\n"
        "  Permissions Boundary  N/A\n"
        "\nEnvironments\n\n"
        "  Name    AccountID     Region\n"
        "  ----    ---------     ------\n"
        "  test    123456789012  us-west-2\n"
        "\nWorkloads\n\n"
        "  Name        Type                       Environments\n"
        "  ----        ----                       ------------\n"
        "  aggregator  Backend Service            -\n"
        "  collector   Load Balanced Web Service  test, prod\n"
        "  report      Scheduled Job              -\n"
        "\nPipelines\n\n"
        "  Name\n"
        "  ----\n"
    )


def test_an_application_as_json() -> None:
    wanted = {
        "name": "vote",
        "version": "v1.34.0",
        "uri": "vote.example.com",
        "permissionsBoundary": "",
        "environments": [TEST_DOCUMENT],
        "services": [
            {"app": "vote", "name": "collector", "type": "Load Balanced Web Service"},
            {"app": "vote", "name": "aggregator", "type": "Backend Service"},
        ],
        "jobs": [{"app": "vote", "name": "report", "type": "Scheduled Job"}],
        "pipelines": None,
    }
    assert ordered(app.as_json(APP)) == ordered(json.dumps(wanted))


def test_an_environment_as_text_and_as_json() -> None:
    found = d.EnvDescription(
        environment=TEST,
        services=(COLLECTOR,),
        tags={"team": "web", "copilot-application": "vote"},
        resources=(d.StackResource(type="AWS::EC2::VPC", physical_id="vpc-1", logical_id="VPC"),),
        vpc=d.EnvVPC(id="vpc-1", public_subnet_ids=("subnet-1",), private_subnet_ids=("subnet-2",)),
    )
    assert env.as_text(found, PLAIN) == (
        "About\n\n"
        "  Name        test\n  Region      us-west-2\n  Account ID  123456789012\n"
        "\nWorkloads\n\n"
        "  Name       Type\n  ----       ----\n  collector  Load Balanced Web Service\n"
        "\nTags\n\n"
        "  Key                  Value\n  ---                  -----\n"
        "  copilot-application  vote\n  team                 web\n"
        "\nResources\n\n"
        "  AWS::EC2::VPC  vpc-1\n"
    )
    wanted = {
        "environment": TEST_DOCUMENT,
        "services": [{"app": "vote", "name": "collector", "type": "Load Balanced Web Service"}],
        "jobs": None,
        "tags": {"copilot-application": "vote", "team": "web"},
        "resources": [{"type": "AWS::EC2::VPC", "physicalID": "vpc-1", "logicalID": "VPC"}],
        "environmentVPC": {"id": "vpc-1", "publicSubnetIDs": ["subnet-1"], "privateSubnetIDs": ["subnet-2"]},
    }
    assert ordered(env.as_json(found)) == ordered(json.dumps(wanted))


def test_an_older_environment_keeps_its_custom_configuration_in_json() -> None:
    old = replace(TEST, custom_config={"importVPC": {"id": "vpc-1"}}, telemetry={"containerInsights": True})
    document = json.loads(env.list_as_json([old]))["environments"][0]
    assert list(document)[-2:] == ["customConfig", "telemetry"]
    assert document["customConfig"] == {"importVPC": {"id": "vpc-1"}}


def test_environments_are_listed_by_name() -> None:
    assert env.list_as_text([TEST]) == "test"


def test_lists_without_members_are_null_in_json_as_the_original_has_them() -> None:
    empty = json.loads(app.as_json(d.AppDescription(name="vote", version="v1.34.1")))
    assert [empty[key] for key in ("environments", "services", "jobs", "pipelines")] == [None] * 4
    assert (env.list_as_json([]), service.list_as_json([])) == ('{"environments":null}', '{"services":null}')
    bare = json.loads(env.as_json(d.EnvDescription(environment=TEST)))
    assert "resources" not in bare
    assert bare["environmentVPC"] == {"id": "", "publicSubnetIDs": None, "privateSubnetIDs": None}
    unused = json.loads(service.as_json(d.ServiceDescription(service="a", type=BACKEND_SERVICE, application="vote")))
    assert [unused[key] for key in ("configurations", "routes", "serviceDiscovery", "variables")] == [None] * 4


def test_services_are_listed_with_their_types() -> None:
    assert service.list_as_text([COLLECTOR, AGGREGATOR]) == (
        "Name                Type\n----                ----\n"
        "collector           Load Balanced Web Service\naggregator          Backend Service"
    )
    assert json.loads(service.list_as_json([COLLECTOR])) == {
        "services": [{"app": "vote", "name": "collector", "type": "Load Balanced Web Service"}]
    }


SERVICE = d.ServiceDescription(
    service="collector",
    type=LOAD_BALANCED_WEB_SERVICE,
    application="vote",
    configurations=(
        d.ServiceConfig(environment="test", port="8080", cpu="256", memory="512", tasks="1", platform="LINUX/X86_64"),
        d.ServiceConfig(environment="prod", port="8080", cpu="2048", memory="4096", tasks="3"),
    ),
    rollback_alarms=(d.RollbackAlarm(name="cpu", description="CPU above 90%", environment="prod"),),
    routes=(d.Route(environment="test", url="http://lb/"),),
    service_discovery=(d.InternalEndpoint(environments=("test", "prod"), endpoint="collector.test.vote.local:8080"),),
    service_connect=(d.InternalEndpoint(environments=("test",), endpoint="collector:8080"),),
    variables=(
        d.Variable(environment="test", name="COLOR", value="red", container="collector"),
        d.Variable(environment="prod", name="COLOR", value="blue", container="collector"),
    ),
    secrets=(d.Secret(environment="test", name="TOKEN", value_from="/token", container="collector"),),
    resources={"test": (d.StackResource(type="AWS::ECS::Service", physical_id="arn:svc", logical_id="Service"),)},
)


def test_a_service_as_text() -> None:
    assert service.as_text(SERVICE, PLAIN) == (
        "About\n\n"
        "  Application  vote\n  Name         collector\n  Type         Load Balanced Web Service\n"
        "\nConfigurations\n\n"
        "  Environment  Tasks     CPU (vCPU)  Memory (MiB)  Platform      Port\n"
        "  -----------  -----     ----------  ------------  --------      ----\n"
        "  test         1         0.25        512           LINUX/X86_64  8080\n"
        '  prod         3         2           4096          -               "\n'
        "\nRollback Alarms\n\n"
        "  Name    Environment  Description\n"
        "  ----    -----------  -----------\n"
        "  cpu     prod         CPU above 90%\n"
        "\nRoutes\n\n"
        "  Environment  URL\n"
        "  -----------  ---\n"
        "  test         http://lb/\n"
        "\nInternal Service Endpoints\n\n"
        "  Endpoint                        Environment  Type\n"
        "  --------                        -----------  ----\n"
        "  collector:8080                  test         Service Connect\n"
        "  collector.test.vote.local:8080  test, prod   Service Discovery\n"
        "\nVariables\n\n"
        "  Name    Container  Environment  Value\n"
        "  ----    ---------  -----------  -----\n"
        "  COLOR   collector  prod         blue\n"
        '    "       "        test         red\n'
        "\nSecrets\n\n"
        "  Name    Container  Environment  Value From\n"
        "  ----    ---------  -----------  ----------\n"
        "  TOKEN   collector  test         parameter//token\n"
        "\nResources\n\n"
        "  test\n"
        "    AWS::ECS::Service  arn:svc\n"
    )


def test_a_service_as_json() -> None:
    wanted = {
        "service": "collector",
        "type": "Load Balanced Web Service",
        "application": "vote",
        "configurations": [
            {
                "environment": "test",
                "port": "8080",
                "cpu": "256",
                "memory": "512",
                "platform": "LINUX/X86_64",
                "tasks": "1",
            },
            {"environment": "prod", "port": "8080", "cpu": "2048", "memory": "4096", "tasks": "3"},
        ],
        "rollbackAlarms": [{"name": "cpu", "description": "CPU above 90%", "environment": "prod"}],
        "routes": [{"environment": "test", "url": "http://lb/"}],
        "serviceDiscovery": [{"environment": ["test", "prod"], "endpoint": "collector.test.vote.local:8080"}],
        "serviceConnect": [{"environment": ["test"], "endpoint": "collector:8080"}],
        "variables": [
            {"environment": "test", "name": "COLOR", "value": "red", "container": "collector"},
            {"environment": "prod", "name": "COLOR", "value": "blue", "container": "collector"},
        ],
        "secrets": [{"name": "TOKEN", "container": "collector", "environment": "test", "valueFrom": "/token"}],
        "resources": {"test": [{"type": "AWS::ECS::Service", "physicalID": "arn:svc", "logicalID": "Service"}]},
    }
    assert ordered(service.as_json(SERVICE)) == ordered(json.dumps(wanted))


def test_what_a_service_does_not_have_is_left_out_of_its_json() -> None:
    bare = d.ServiceDescription(service="a", type=BACKEND_SERVICE, application="vote")
    assert list(json.loads(service.as_json(bare))) == [
        "service",
        "type",
        "application",
        "configurations",
        "routes",
        "serviceDiscovery",
        "variables",
    ]


def task(number: int, **more: object) -> d.TaskStatus:
    values: dict[str, object] = {
        "health": "HEALTHY",
        "id": f"{number}" * 32,
        "images": (d.Image(id="img", digest="sha256:1"),),
        "last_status": "RUNNING",
        "started_at": NOW - timedelta(minutes=5),
        "stopped_at": None,
        "stopped_reason": "",
        "capacity_provider": "FARGATE",
        "task_definition_arn": "arn:aws:ecs:us-west-2:1:task-definition/vote-test-collector:7",
    }
    return d.TaskStatus(**(values | more))  # type: ignore[arg-type]


STATUS = d.ServiceStatus(
    desired_count=4,
    running_count=2,
    status="ACTIVE",
    last_deployment_at=NOW,
    task_definition="arn:td",
    deployments=(
        d.Deployment(
            id="d1",
            desired_count=4,
            running_count=2,
            updated_at=NOW,
            launch_type="FARGATE",
            task_definition="arn:td",
            status="PRIMARY",
        ),
    ),
    tasks=(task(1), task(2, health="UNKNOWN", started_at=None)),
    stopped_tasks=(
        task(3, stopped_reason="out of memory", stopped_at=NOW),
        task(4, stopped_reason="out of memory", stopped_at=NOW),
    ),
    alarms=(
        d.AlarmStatus(
            arn="arn:alarm",
            name="cpu",
            condition="CPU > 70",
            status="OK",
            type="Auto Scaling",
            updated_at=NOW - timedelta(hours=1),
        ),
    ),
    target_health=(
        d.TargetHealth(
            target_id="10.0.0.1",
            description="",
            state="healthy",
            reason="",
            task_id="1" * 32,
            target_group="arn:tg",
        ),
    ),
)


def test_a_long_reason_of_stopped_tasks_goes_over_several_lines() -> None:
    reason = "Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing:us-west-2:1:target): no"
    told = status.as_text(replace(STATUS, stopped_tasks=(task(3, stopped_reason=reason),)), PLAIN, NOW)
    stopped = told.partition("Stopped Tasks")[2].partition("Tasks\n")[0]
    assert max(map(len, stopped.splitlines())) <= 100
    assert "".join(stopped.split()).count("33333333") == 1
    assert "healthchecksin(target-group" in "".join(stopped.replace("1           33333333", "").split())


def test_a_status_as_text() -> None:
    assert status.as_text(STATUS, PLAIN, NOW) == (
        "Task Summary\n\n"
        "  Running            █████░░░░░  2/4 desired tasks are running\n"
        "  Health             ██████████  1/1 pass the HTTP health check\n"
        "  Capacity Provider  ██████████  2/2 on FARGATE\n"
        "\nStopped Tasks\n\n"
        "  Reason         Task Count  Sample IDs\n"
        "  ------         ----------  ----------\n"
        "  out of memory  2           33333333,44444444\n"
        "\nTasks\n\n"
        "  ID        Status      Revision    Started At     Capacity    Cont. Health  HTTP Health\n"
        "  --        ------      --------    ----------     --------    ------------  -----------\n"
        "  11111111  RUNNING     7           5 minutes ago  FARGATE     HEALTHY       HEALTHY\n"
        "  22222222  RUNNING     7           -              FARGATE     UNKNOWN       -\n"
        "\nAlarms\n\n"
        "  Name      Type          Condition   Last Updated  Health\n"
        "  ----      ----          ---------   ------------  ------\n"
        "  cpu       Auto Scaling  CPU > 70    1 hour ago    OK\n"
    )


def test_a_column_that_no_task_fills_is_left_out() -> None:
    quiet = task(1, health="UNKNOWN", capacity_provider="")
    bare = replace(STATUS, tasks=(quiet,), stopped_tasks=(), alarms=(), target_health=())
    assert status.as_text(bare, PLAIN, NOW).splitlines()[6] == "  ID        Status      Revision    Started At"


def test_a_status_as_json() -> None:
    document = json.loads(status.as_json(STATUS))
    assert list(document) == ["Service", "tasks", "alarms", "stoppedTasks", "targetHealthDescriptions"]
    assert document["Service"] == {
        "desiredCount": 4,
        "runningCount": 2,
        "status": "ACTIVE",
        "deployments": [
            {
                "id": "d1",
                "desiredCount": 4,
                "runningCount": 2,
                "updatedAt": "2026-05-04T03:02:01Z",
                "launchType": "FARGATE",
                "taskDefinition": "arn:td",
                "status": "PRIMARY",
            }
        ],
        "lastDeploymentAt": "2026-05-04T03:02:01Z",
        "taskDefinition": "arn:td",
    }
    assert document["tasks"][0] == {
        "health": "HEALTHY",
        "id": "1" * 32,
        "images": [{"ID": "img", "Digest": "1"}],
        "lastStatus": "RUNNING",
        "startedAt": "2026-05-04T02:57:01Z",
        "stoppedAt": "0001-01-01T00:00:00Z",
        "stoppedReason": "",
        "capacityProvider": "FARGATE",
        "taskDefinitionARN": "arn:aws:ecs:us-west-2:1:task-definition/vote-test-collector:7",
    }
    assert document["alarms"][0]["updatedTimes"] == "2026-05-04T02:02:01Z"
    assert document["targetHealthDescriptions"] == [
        {
            "healthStatus": {"targetID": "10.0.0.1", "description": "", "state": "healthy", "reason": ""},
            "taskID": "1" * 32,
            "targetGroup": "arn:tg",
        }
    ]


@pytest.mark.parametrize(
    ("passed", "words"),
    [(0, "now"), (1, "1 second ago"), (59, "59 seconds ago"), (7200, "2 hours ago"), (86400, "1 day ago"), (-5, "now")],
)
def test_times_are_told_in_their_largest_unit(passed: int, words: str) -> None:
    assert status.ago(NOW - timedelta(seconds=passed), NOW) == words


def test_a_log_line_begins_with_a_short_task_id() -> None:
    event = d.LogEvent(stream="copilot/web/0123456789abcdef", message="an error\n", timestamp=2, ingestion_time=3)
    assert logs.as_text(event, PLAIN) == "copilot/web/01234567  an error"
    coloured = Stream(file=io.StringIO(), colour=True)
    assert logs.as_text(event, coloured).endswith("an \x1b[31merror\x1b[0m")
    assert logs.as_json(event) == (
        '{"logStreamName":"copilot/web/0123456789abcdef","ingestionTime":3,"message":"an error\\n","timestamp":2}'
    )


def test_the_status_of_the_local_cloud(tmp_path: object) -> None:
    from pathlib import Path

    found = CloudStatus(
        running=True,
        name="vote-1",
        home=Path("/home/me/vote-1"),
        port=22000,
        engine="host",
        pid=7,
        memory_bytes=84 * 2**20,
        started_at="2026-05-04T03:02:01+00:00",
        balancers=(Balancer(name="lb", port=23000, account="123456789012", region="us-west-2"),),
    )
    text = local.as_text(found, PLAIN)
    assert "  Endpoint  http://127.0.0.1:22000\n" in text
    assert "  Memory    84 MiB\n" in text
    assert "  lb      http://localhost:23000/\n" in text
    assert json.loads(local.as_json(found))["balancers"] == [{"name": "lb", "url": "http://localhost:23000/"}]


@pytest.mark.parametrize(
    ("microsecond", "written"),
    [(0, "2026-11-02T10:00:00Z"), (300_000, "2026-11-02T10:00:00.3Z"), (308_000, "2026-11-02T10:00:00.308Z")],
)
def test_times_are_written_as_the_original_writes_them(microsecond: int, written: str) -> None:
    assert documents.moment(datetime(2026, 11, 2, 11, 0, 0, microsecond, timezone(timedelta(hours=1)))) == written
