"""Opening a connection: what it costs, where its region comes from, and what is told when something is missing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from copilot.aws.cloud import Cloud, Keys
from copilot.aws.stack_records import ChangeSet
from copilot.errors import AWSError, NoCredentials, NoRegion
from copilot.local.clouds import Endpoint


def test_importing_and_connecting_import_no_sdk() -> None:
    program = (
        "import sys; from copilot.aws.cloud import Cloud;"
        "Cloud.connect(region='us-west-2').in_region('eu-west-1').stacks;"
        "sys.exit(any(name.partition('.')[0] in ('boto3', 'botocore') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_the_named_region_wins_over_the_environments() -> None:
    environ = {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-2"}
    assert Cloud.connect(region="us-east-1", environ=environ).region == "us-east-1"
    assert Cloud.connect(environ=environ).region == "eu-west-1"
    assert Cloud.connect(environ={"AWS_DEFAULT_REGION": "eu-west-2"}).region == "eu-west-2"


def test_a_profile_names_a_region(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "config"
    config.write_text("[profile dev]\nregion = ap-south-1\n[default]\nregion = sa-east-1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    assert Cloud.connect(profile="dev", environ={}).region == "ap-south-1"
    assert Cloud.connect(environ={}).region == "sa-east-1"


def test_without_a_region_the_way_out_is_told() -> None:
    with pytest.raises(NoRegion, match="no region is set") as caught:
        Cloud.connect(environ={}).parameters.find("/x")
    assert any("--local" in hint for hint in caught.value.hints)


def test_without_credentials_the_way_out_is_told() -> None:
    with pytest.raises(NoCredentials) as caught:
        Cloud.connect(region="us-west-2", environ={}).parameters.find("/x")
    assert any("aws configure" in hint for hint in caught.value.hints)


def test_a_profile_that_is_not_there_is_named() -> None:
    with pytest.raises(NoCredentials, match="nobody"):
        Cloud.connect(profile="nobody", region="us-west-2", environ={}).parameters.find("/x")


def test_no_profile_keeps_anybody_from_a_local_cloud(cloud: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    keys = Keys(access_key_id=cloud.access_key, secret_access_key=cloud.secret_key)
    local = Cloud.connect(region="us-west-2", keys=keys, endpoint=cloud.url)
    assert local.parameters.find("/x") is None
    role = f"arn:aws:iam::{cloud.access_key}:role/somebody"
    assert local.assume(role).parameters.find("/x") is None


def test_settings_that_can_not_be_read_keep_nobody_from_a_local_cloud(
    cloud: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config").write_text("[default\nregion")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    keys = Keys(access_key_id=cloud.access_key, secret_access_key=cloud.secret_key)
    assert Cloud.connect(region="us-west-2", keys=keys, endpoint=cloud.url).parameters.find("/x") is None


def test_an_address_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "nonsense")
    keys = Keys(access_key_id="1" * 12, secret_access_key="secret")
    with pytest.raises(AWSError, match="Invalid endpoint: nonsense") as caught:
        Cloud.connect(region="us-west-2", keys=keys).parameters.find("/x")
    assert any("AWS_ENDPOINT_URL" in hint for hint in caught.value.hints)


def test_an_endpoint_that_does_not_answer_is_told_soon() -> None:
    keys = Keys(access_key_id="1" * 12, secret_access_key="secret")
    cloud = Cloud.connect(region="us-west-2", keys=keys, endpoint="http://127.0.0.1:9")
    with pytest.raises(AWSError, match=r"127\.0\.0\.1:9 does not answer"):
        cloud.parameters.find("/x")


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, "http://127.0.0.1:9"),
        ({"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, ""),
        ({"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:10"}, ""),
        ({"AWS_ENDPOINT_URL": "https://vpce.example.com"}, ""),
    ],
)
def test_an_endpoint_of_the_environment_on_this_machine_is_a_local_cloud(more: dict[str, str], expected: str) -> None:
    assert Cloud.connect(environ={"AWS_ENDPOINT_URL": "http://127.0.0.1:9", **more}).endpoint == expected


def test_keys_do_not_show_their_secret() -> None:
    keys = Keys(access_key_id="id", secret_access_key="hidden", session_token="token")
    assert "hidden" not in repr(keys) and "token'" not in repr(keys)


def test_an_assumed_role_knows_its_account_without_asking() -> None:
    cloud = Cloud.connect(region="us-west-2", environ={})
    assumed = cloud.assume("arn:aws:iam::222222222222:role/shop-test-EnvManagerRole", "eu-west-1")
    assert (assumed.account, assumed.region) == ("222222222222", "eu-west-1")


@pytest.mark.parametrize(
    ("region", "partition", "domain"),
    [
        ("us-west-2", "aws", "amazonaws.com"),
        ("cn-north-1", "aws-cn", "amazonaws.com.cn"),
        ("us-gov-west-1", "aws-us-gov", "amazonaws.com"),
    ],
)
def test_a_region_is_in_a_partition(region: str, partition: str, domain: str) -> None:
    cloud = Cloud.connect(region=region, environ={})
    assert cloud.partition == partition
    assert cloud.buckets.url("b", "k/x.yml") == f"https://b.s3.{region}.{domain}/k/x.yml"


@pytest.mark.parametrize(
    ("reason", "execution_status", "expected"),
    [
        ("The submitted information didn't contain changes. Submit different information.", "UNAVAILABLE", True),
        ("No updates are to be performed.", "UNAVAILABLE", True),
        ("NO_CHANGES_REASON", "UNAVAILABLE", True),
        ("Template error: a parameter is missing", "UNAVAILABLE", False),
        ("", "AVAILABLE", False),
    ],
)
def test_an_empty_change_set_is_recognised(reason: str, execution_status: str, expected: bool) -> None:
    change_set = ChangeSet(
        id="i", name="n", stack_id="s", stack_name="shop", reason=reason, execution_status=execution_status
    )
    assert change_set.is_empty is expected
