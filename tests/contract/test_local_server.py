from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import psutil
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from copilot.errors import LocalCloudError
from copilot.local import ports
from copilot.local.clouds import Endpoint, LocalCloud

LINGERS = """
import os, threading, time
threading.Thread(target=time.sleep, args=(3600,)).start()
def handler(event, context):
    return os.getpid()
"""


def client(service: str, endpoint: Endpoint) -> Any:
    return boto3.client(
        service,
        endpoint_url=endpoint.url,
        aws_access_key_id=endpoint.access_key,
        aws_secret_access_key=endpoint.secret_key,
        region_name=endpoint.region,
        config=Config(retries={"total_max_attempts": 1}),
    )


def wait_until(condition: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def kill(local: LocalCloud) -> None:
    os.kill(local.status().pid, signal.SIGKILL)
    wait_until(lambda: not local.status().running)


def saved(local: LocalCloud, service: str) -> str:
    """What would be restored of a service if the cloud was killed now."""
    path = local.home.state / f"{service}.json"
    return path.read_text() if path.exists() else ""


@pytest.fixture
def local(tmp_path: Path) -> Iterator[LocalCloud]:
    """A cloud of the test's own, started with the host engine, stopped at its end."""
    cloud = LocalCloud.at(tmp_path / "shop", {**os.environ, "COPILOT_LOCAL_HOME": str(tmp_path / "clouds")})
    cloud.start(engine="host")
    yield cloud
    cloud.stop()


def test_a_cloud_starts_answers_and_stops(tmp_path: Path) -> None:
    local = LocalCloud.at(tmp_path, {**os.environ, "COPILOT_LOCAL_HOME": str(tmp_path / "clouds")})
    assert local.endpoint() is None
    assert not local.status().running
    endpoint = local.start(engine="host")
    try:
        assert local.endpoint() == endpoint
        identity = client("sts", endpoint).get_caller_identity()
        assert (identity["Account"], endpoint.region) == ("123456789012", "us-west-2")
        status = local.status()
        assert (status.running, status.engine, status.home) == (True, "host", local.home.path)
        assert endpoint.url.endswith(f":{status.port}")
        assert psutil.pid_exists(status.pid) and status.memory_bytes > 10_000_000
        assert local.start() == endpoint, "starting a running cloud changes nothing"
    finally:
        assert local.stop()
    assert local.endpoint() is None
    assert not psutil.pid_exists(status.pid)
    assert (local.status().port, local.status().engine) == (status.port, "host")
    assert not local.stop(), "stopping a stopped cloud says so"


def test_the_processes_of_functions_end_with_the_cloud(local: LocalCloud) -> None:
    endpoint = local.ensure()
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("f.py", LINGERS)
    functions = client("lambda", endpoint)
    functions.create_function(
        FunctionName="lingers",
        Runtime="python3.13",
        Role="arn:aws:iam::123456789012:role/r",
        Handler="f.handler",
        Code={"ZipFile": code.getvalue()},
    )
    process = psutil.Process(int(json.load(functions.invoke(FunctionName="lingers")["Payload"])))
    local.stop()
    wait_until(lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE)


def test_state_survives_stop_and_start_on_the_same_port(local: LocalCloud) -> None:
    before = local.ensure()
    client("ssm", before).put_parameter(Name="/a", Value="1", Type="String")
    s3 = client("s3", before)
    s3.create_bucket(Bucket="kept", CreateBucketConfiguration={"LocationConstraint": before.region})
    s3.put_object(Bucket="kept", Key="some/key", Body=b"content")
    local.stop()
    after = local.start()
    assert after == before
    assert client("ssm", after).get_parameter(Name="/a")["Parameter"]["Value"] == "1"
    assert client("s3", after).get_object(Bucket="kept", Key="some/key")["Body"].read() == b"content"


def test_a_dying_cloud_is_not_taken_for_a_running_one(local: LocalCloud) -> None:
    local.ensure()
    for _ in range(3):
        dying = local.status().pid
        os.kill(dying, signal.SIGKILL)
        local.status()
        client("s3", local.ensure()).list_buckets()
        assert local.status().pid != dying


def test_a_killed_cloud_is_started_again_with_its_state(local: LocalCloud) -> None:
    endpoint = local.ensure()
    client("ssm", endpoint).put_parameter(Name="/a", Value="1", Type="String")
    client("iam", endpoint).create_role(RoleName="r", AssumeRolePolicyDocument="{}")
    wait_until(lambda: '"Name": "/a"' in saved(local, "ssm") and '"RoleName": "r"' in saved(local, "iam"))
    kill(local)
    assert local.endpoint() is None
    assert local.ensure() == endpoint
    assert client("ssm", endpoint).get_parameter(Name="/a")["Parameter"]["Value"] == "1"
    assert client("iam", endpoint).get_role(RoleName="r")["Role"]["RoleName"] == "r"


def test_what_a_dead_server_left_is_not_taken_for_a_running_one(local: LocalCloud) -> None:
    record = local.home.record.read_text()
    local.stop()
    local.home.record.write_text(record.replace(str(json.loads(record)["pid"]), str(os.getpid())))
    assert local.endpoint() is None
    assert not local.status().running
    assert not local.stop()
    assert local.start() == local.endpoint()


def test_a_stack_operation_that_a_kill_cut_off_is_over_after_the_restart(local: LocalCloud) -> None:
    endpoint = local.ensure()
    resource = {"Type": "AWS::SSM::Parameter", "Properties": {"Name": "/x", "Type": "String", "Value": "1"}}
    cloudformation = client("cloudformation", endpoint)
    cloudformation.create_stack(StackName="s", TemplateBody=json.dumps({"Resources": {"P": resource}}))
    cloudformation.get_waiter("stack_create_complete").wait(StackName="s", WaiterConfig={"Delay": 1})
    local.stop()
    state = local.home.state / "cloudformation.json"
    state.write_text(state.read_text().replace("CREATE_COMPLETE", "UPDATE_IN_PROGRESS"))
    local.start()
    (stack,) = cloudformation.describe_stacks()["Stacks"]
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert stack["StackStatusReason"] == "the local cloud stopped during the operation"
    latest = cloudformation.describe_stack_events(StackName="s")["StackEvents"][0]
    assert (latest["LogicalResourceId"], latest["ResourceStatus"]) == ("s", "UPDATE_ROLLBACK_COMPLETE")


def test_two_clouds_side_by_side_do_not_disturb_each_other(local: LocalCloud, tmp_path: Path) -> None:
    other = LocalCloud.at(tmp_path / "other" / "shop", local.environ)
    mine, theirs = local.ensure(), other.start(engine="host")
    try:
        assert mine.url != theirs.url
        client("ssm", mine).put_parameter(Name="/a", Value="mine", Type="String")
        with pytest.raises(ClientError, match="ParameterNotFound"):
            client("ssm", theirs).get_parameter(Name="/a")
        other.reset()
        assert client("ssm", mine).get_parameter(Name="/a")["Parameter"]["Value"] == "mine"
    finally:
        other.stop()


def test_reset_empties_the_cloud_and_keeps_its_port(local: LocalCloud) -> None:
    before = local.ensure()
    client("ssm", before).put_parameter(Name="/a", Value="1", Type="String")
    s3 = client("s3", before)
    s3.create_bucket(Bucket="gone", CreateBucketConfiguration={"LocationConstraint": before.region})
    s3.put_object(Bucket="gone", Key="k", Body=b"x")
    local.reset()
    assert local.endpoint() == before
    assert client("ssm", before).describe_parameters()["Parameters"] == []
    assert client("s3", before).list_buckets()["Buckets"] == []
    local.stop()
    local.start()
    assert client("ssm", before).describe_parameters()["Parameters"] == []


def test_reset_of_a_stopped_cloud_leaves_it_stopped_and_empty(local: LocalCloud) -> None:
    client("ssm", local.ensure()).put_parameter(Name="/a", Value="1", Type="String")
    local.stop()
    local.reset()
    assert local.endpoint() is None
    assert client("ssm", local.start()).describe_parameters()["Parameters"] == []


def test_reset_gets_over_a_state_that_cannot_be_read(local: LocalCloud) -> None:
    local.ensure()
    kill(local)
    (local.home.state / "ssm.json").mkdir(parents=True)
    local.reset()
    assert client("ssm", local.start()).describe_parameters()["Parameters"] == []


def test_a_port_in_use_is_told_with_its_holder_and_the_way_out(local: LocalCloud) -> None:
    port = local.status().port
    local.stop()
    with ports.bind(port), pytest.raises(LocalCloudError) as caught:
        local.start()
    assert f"port {port} is in use by" in caught.value.message
    assert f"(pid {os.getpid()})" in caught.value.message
    assert caught.value.hints == (f"stop that program, or choose another port: copilot local start --port {port + 1}",)
    assert local.endpoint() is None


def test_another_port_can_be_chosen_and_is_remembered(local: LocalCloud) -> None:
    port = local.status().port
    local.stop()
    with ports.bind(0) as listener:
        free = listener.getsockname()[1]
    assert local.start(port=free).url.endswith(f":{free}")
    local.stop()
    assert local.ensure().url.endswith(f":{free}")
    with pytest.raises(LocalCloudError, match=f"runs already: with port {free}, not {port}"):
        local.start(port=port)


def test_a_running_cloud_is_not_given_another_engine(local: LocalCloud) -> None:
    with pytest.raises(LocalCloudError, match="runs already: with engine host, not docker") as caught:
        local.start(engine="docker")
    assert caught.value.hints == ("copilot local stop, then copilot local start --engine docker",)


def test_a_server_that_dies_at_its_start_shows_the_end_of_its_log(local: LocalCloud) -> None:
    local.stop()
    (local.home.path / "balancers.json").mkdir()
    with pytest.raises(LocalCloudError) as caught:
        local.start()
    assert caught.value.message.startswith("the local cloud did not start: its process ended with exit code 1")
    assert "balancers.json" in caught.value.details
    assert str(local.log_path) in caught.value.hints[0]
    (local.home.path / "balancers.json").rmdir()
    assert local.start()


def test_starters_at_the_same_time_get_one_server(tmp_path: Path) -> None:
    environ = {**os.environ, "COPILOT_LOCAL_HOME": str(tmp_path / "clouds")}
    script = "import sys; from pathlib import Path; from copilot.local.clouds import LocalCloud\n"
    script += "print(LocalCloud.at(Path(sys.argv[1])).start(engine='host').url)"
    command = [sys.executable, "-c", script, str(tmp_path)]
    starters = [subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    said = {starter.communicate()[0] for starter in starters}
    local = LocalCloud.at(tmp_path, environ)
    try:
        assert {starter.returncode for starter in starters} == {0}
        endpoint = local.endpoint()
        assert endpoint is not None
        assert said == {f"{endpoint.url}\n"}
    finally:
        local.stop()


def test_the_server_listens_on_127_0_0_1_only(local: LocalCloud) -> None:
    elb = client("elbv2", local.ensure())
    elb.create_load_balancer(Name="front")
    listening = [
        connection.laddr
        for process in [
            psutil.Process(local.status().pid),
            *psutil.Process(local.status().pid).children(recursive=True),
        ]
        for connection in process.net_connections(kind="inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert {address.ip for address in listening} == {"127.0.0.1"}
    (balancer,) = local.status().balancers
    assert {local.status().port, balancer.port} <= {address.port for address in listening}


def test_asking_for_the_endpoint_costs_next_to_nothing(local: LocalCloud) -> None:
    script = (
        "import sys; from pathlib import Path; from copilot.local.clouds import LocalCloud\n"
        "found = LocalCloud.at(Path(sys.argv[1])).endpoint()\n"
        "print(bool(found), *({'ministack', 'psutil', 'boto3', 'docker'} & set(sys.modules)))"
    )
    root = local.home.path.parent.parent / "shop"
    run = subprocess.run(
        [sys.executable, "-c", script, str(root)], env=dict(local.environ), capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == ["True"]


def test_exports_are_what_any_sdk_needs(local: LocalCloud) -> None:
    exports = local.exports()
    script = "import boto3; print(boto3.client('sts').get_caller_identity()['Account'])"
    environ = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], **exports}
    run = subprocess.run([sys.executable, "-c", script], env=environ, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "123456789012"
    assert exports["AWS_REGION"] == exports["AWS_DEFAULT_REGION"] == "us-west-2"


def test_accounts_of_one_cloud_are_apart(endpoint: Endpoint, cloud: Endpoint) -> None:
    client("ssm", endpoint).put_parameter(Name="/mine", Value="1", Type="String")
    assert client("sts", endpoint).get_caller_identity()["Account"] == endpoint.access_key
    names = [each["Name"] for each in client("ssm", cloud).describe_parameters()["Parameters"]]
    assert "/mine" not in names


@pytest.mark.parametrize(
    ("service", "operation"),
    [("redshift", "describe_clusters"), ("memorydb", "describe_clusters"), ("mediaconvert", "list_jobs")],
)
def test_a_service_that_is_not_there_is_refused_by_name(endpoint: Endpoint, service: str, operation: str) -> None:
    with pytest.raises(ClientError, match=f"The local cloud has no service {service}") as caught:
        getattr(client(service, endpoint), operation)()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert caught.value.response["Error"]["Code"] == "NotImplemented"


def test_an_operation_that_is_not_there_is_refused_by_name(endpoint: Endpoint) -> None:
    with pytest.raises(ClientError, match="no operation elasticloadbalancing DescribeTrustStores") as caught:
        client("elbv2", endpoint).describe_trust_stores()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    with pytest.raises(ClientError, match="no operation ecs StartTask"):
        client("ecs", endpoint).start_task(cluster="c", taskDefinition="t", containerInstances=["i"])


def test_the_users_own_aws_settings_do_not_reach_the_server(tmp_path: Path) -> None:
    environ = {
        **os.environ,
        "COPILOT_LOCAL_HOME": str(tmp_path / "clouds"),
        "SERVICES": "s3",
        "AWS_PROFILE": "x",
        "AUTH": "true",
    }
    local = LocalCloud.at(tmp_path, environ)
    endpoint = local.start(engine="host")
    try:
        client("ssm", endpoint).put_parameter(Name="/a", Value="1", Type="String")
        inherited = psutil.Process(local.status().pid).environ()
        assert not {"AWS_PROFILE", "SERVICES", "AUTH"} & inherited.keys()
    finally:
        local.stop()
