"""Records as the original's JSON."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.errors import Blocked
from copilot.model.records import App, Env, Workload
from copilot.registry import documents


def test_an_application_is_written_as_the_original_writes_it() -> None:
    assert documents.render_app(App(name="shop", account="012345678901")) == (
        '{"name":"shop","account":"012345678901","domain":"","domainHostedZoneID":"","version":"1.0"}'
    )


def test_what_an_application_has_more_is_in_its_place() -> None:
    app = App(
        name="shop",
        account="012345678901",
        domain="example.com",
        domain_hosted_zone_id="Z1",
        permissions_boundary="limits",
        tags={"team": "a&b <c>", "cost": "1"},
    )
    assert documents.render_app(app) == (
        '{"name":"shop","account":"012345678901","permissionsBoundary":"limits","domain":"example.com",'
        '"domainHostedZoneID":"Z1","version":"1.0","tags":{"cost":"1","team":"a\\u0026b \\u003cc\\u003e"}}'
    )


def test_an_environment_is_written_as_the_original_writes_it() -> None:
    env = Env(app="shop", name="test", region="us-west-2", account_id="1", execution_role_arn="e", manager_role_arn="m")
    assert documents.render_env(env) == (
        '{"app":"shop","name":"test","region":"us-west-2","accountID":"1","registryURL":"",'
        '"executionRoleARN":"e","managerRoleARN":"m"}'
    )


def test_a_workload_is_written_as_the_original_writes_it() -> None:
    workload = Workload(app="shop", name="web", type="Load Balanced Web Service")
    assert documents.render_workload(workload) == '{"app":"shop","name":"web","type":"Load Balanced Web Service"}'


def test_an_older_environment_is_read_with_what_only_it_has() -> None:
    text = (
        '{"app":"shop","name":"test","region":"us-west-2","accountID":"1","prod":true,"registryURL":"r",'
        '"executionRoleARN":"e","managerRoleARN":"m","customConfig":{"importVPC":{"id":"vpc-1"}},'
        '"telemetry":{"containerInsights":true},"later":[1]}'
    )
    env = documents.parse_env(text, path="/p")
    assert env.custom_config == {"importVPC": {"id": "vpc-1"}}
    assert env.telemetry == {"containerInsights": True}
    assert env.registry_url == "r"


@given(st.text(), st.text(), st.dictionaries(st.text(), st.text(), max_size=4), st.text(max_size=5))
def test_an_application_survives_the_way_there_and_back(
    name: str, domain: str, tags: dict[str, str], boundary: str
) -> None:
    app = App(name=name, account="1", domain=domain, tags=tags, permissions_boundary=boundary)
    text = documents.render_app(app)
    assert documents.parse_app(text, path="/p") == app
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text)["version"] == "1.0"


@pytest.mark.parametrize("text", ["", "not json", "[]", '"text"'])
def test_what_is_no_record_is_told_with_its_path(text: str) -> None:
    with pytest.raises(Blocked, match="/copilot/applications/shop"):
        documents.parse_app(text, path="/copilot/applications/shop")
