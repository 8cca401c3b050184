"""Descriptions of services: what is read faster is what the SDK reads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from botocore.exceptions import UnknownServiceError
from botocore.loaders import create_loader

from copilot.aws.service_models import ServiceModels

USED = ("acm", "cloudformation", "ecs", "iam", "s3", "ssm", "sso", "sts")


@pytest.mark.parametrize("service", USED)
def test_a_service_is_described_as_the_sdk_describes_it(service: str) -> None:
    ours, theirs = ServiceModels(None), create_loader()
    for kind in ("service-2", "endpoint-rule-set-1", "paginators-1"):
        assert ours.load_service_model(service, kind) == theirs.load_service_model(service, kind)


def test_what_is_of_no_service_is_read_as_the_sdk_reads_it() -> None:
    ours, theirs = ServiceModels(None), create_loader()
    for name in ("endpoints", "partitions", "_retry", "sdk-default-configuration"):
        assert ours.load_data_with_path(name) == theirs.load_data_with_path(name)


def test_descriptions_of_the_user_are_found_and_their_newest_counts(tmp_path: Path) -> None:
    for version in ("2020-01-01", "2021-01-01"):
        folder = tmp_path / "mine" / version
        folder.mkdir(parents=True)
        (folder / "service-2.json").write_text(json.dumps({"version": version}))
    models = ServiceModels(str(tmp_path))
    assert models.load_service_model("mine", "service-2") == {"version": "2021-01-01"}
    assert models.load_service_model("ssm", "service-2")["metadata"]["serviceId"] == "SSM"


def test_a_service_without_a_file_of_the_kind_is_unknown_as_is_one_without_any(tmp_path: Path) -> None:
    (tmp_path / "mine" / "2020-01-01").mkdir(parents=True)
    models = ServiceModels(str(tmp_path))
    for service in ("mine", "nobodys"):
        with pytest.raises(UnknownServiceError, match=service):
            models.load_service_model(service, "endpoint-rule-set-1")
