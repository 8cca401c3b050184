from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.cfn import dump, load
from copilot.model.records import App
from copilot.stacks.app import StackSetState, read_stack_set_metadata, roles_stack, stack_set_template
from copilot.stacks.facts import RegisteredWorkload, partition_of

APP = App(name="vote", account="111122223333")
WORKLOADS = st.builds(
    RegisteredWorkload,
    name=st.from_regex(r"[a-z][a-z0-9]{0,5}(-[a-z0-9]{1,3})?", fullmatch=True),
    has_repository=st.booleans(),
)
ACCOUNTS = st.text("0123456789", min_size=12, max_size=12)


@given(
    workloads=st.lists(WORKLOADS, unique_by=lambda workload: workload.name, max_size=4),
    accounts=st.lists(ACCOUNTS, unique=True, max_size=4),
    version=st.integers(0, 10**6),
)
def test_a_stack_set_remembers_what_it_was_made_of(
    workloads: list[RegisteredWorkload], accounts: list[str], version: int
) -> None:
    template = stack_set_template(
        APP, workloads=workloads, accounts=accounts, version=version, template_version="v1.34.1"
    )
    assert read_stack_set_metadata(load(dump(template))["Metadata"]) == StackSetState(
        version=version,
        template_version="v1.34.1",
        workloads=tuple(sorted(workloads, key=lambda workload: workload.name)),
        accounts=tuple(sorted(accounts)),
    )


def test_accounts_are_written_as_bare_digits_and_the_list_guard_as_text() -> None:
    text = dump(stack_set_template(APP, workloads=(), accounts=["444455556666", "012345678901"], version=3))
    assert "  Version: 3\n  Workloads: []\n  Accounts:\n    - 012345678901\n    - 444455556666\n" in text
    assert "  Services: 'See #5140'\n" in text


@pytest.mark.parametrize(
    ("metadata", "state"),
    [
        ({}, StackSetState(version=0, template_version="v0.0.0")),
        (
            {"Version": "7", "TemplateVersion": "1.0", "Accounts": None, "Workloads": None, "Services": "See #5140"},
            StackSetState(version=7, template_version="1.0"),
        ),
        (
            {"Version": 2, "TemplateVersion": "v1.1.0", "Services": ["web", "api"], "Accounts": [12345678901]},
            StackSetState(
                version=2,
                template_version="v1.1.0",
                workloads=(RegisteredWorkload(name="api"), RegisteredWorkload(name="web")),
                accounts=("012345678901",),
            ),
        ),
        (
            {"Workloads": [{"Name": "site", "WithECR": "false"}, {"Name": "web", "WithECR": "true"}]},
            StackSetState(
                version=0,
                template_version="v0.0.0",
                workloads=(
                    RegisteredWorkload(name="site", has_repository=False),
                    RegisteredWorkload(name="web"),
                ),
            ),
        ),
    ],
)
def test_metadata_of_any_release_is_read(metadata: dict[str, Any], state: StackSetState) -> None:
    assert read_stack_set_metadata(metadata) == state


def test_only_workloads_with_images_have_a_repository() -> None:
    workloads = [RegisteredWorkload(name="my-web"), RegisteredWorkload(name="site", has_repository=False)]
    template = stack_set_template(APP, workloads=workloads, accounts=(), version=1)
    assert template["Resources"]["ECRRepomyDASHweb"]["Properties"]["RepositoryName"] == "vote/my-web"
    assert {name for name in template["Outputs"] if name.startswith("ECRRepo")} == {"ECRRepomyDASHweb"}


def test_every_account_with_an_environment_may_use_key_bucket_and_repositories() -> None:
    template = stack_set_template(APP, workloads=[RegisteredWorkload(name="web")], accounts=["444455556666"], version=1)
    root = "    - !Sub arn:${AWS::Partition}:iam::444455556666:root\n"
    for resource in ("KMSKey", "PipelineBuiltArtifactBucketPolicy", "ECRRepoweb"):
        assert root.strip() in dump(template["Resources"][resource])


def test_the_domain_is_delegated_to_the_applications_account_and_each_given_one_once() -> None:
    stack = roles_stack(APP, delegated_accounts=["444455556666", "", "111122223333", "444455556666"])
    assert stack.parameters["AppDNSDelegatedAccounts"] == "444455556666,111122223333"


def test_tags_of_the_application_never_replace_its_own_tag() -> None:
    app = App(name="vote", account="111122223333", tags={"team": "core", "copilot-application": "other"})
    assert roles_stack(app, delegated_accounts=()).tags == {"team": "core", "copilot-application": "vote"}


@pytest.mark.parametrize(
    ("region", "partition"), [("eu-west-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")]
)
def test_a_region_belongs_to_a_partition(region: str, partition: str) -> None:
    assert partition_of(region) == partition
