"""The registry, on the local cloud."""

from __future__ import annotations

import pytest

from copilot.aws.cloud import Cloud
from copilot.errors import NotFound
from copilot.model.records import App, Env, Workload
from copilot.registry.registry import Registry

SHOP = App(name="shop", account="111111111111", tags={"team": "a"})
TEST = Env(app="shop", name="test", region="us-west-2", account_id="111111111111")
WEB = Workload(app="shop", name="web", type="Load Balanced Web Service")
NIGHTLY = Workload(app="shop", name="nightly", type="Scheduled Job")


@pytest.fixture
def registry(connection: Cloud) -> Registry:
    return Registry(connection)


def test_what_is_created_is_found_under_the_originals_paths(registry: Registry, connection: Cloud) -> None:
    registry.create_app(SHOP)
    registry.create_env(TEST)
    registry.create_workload(WEB)
    assert registry.get_app("shop") == SHOP
    assert registry.get_env("shop", "test") == TEST
    assert registry.get_workload("shop", "web") == WEB
    paths = [each.name for each in connection.parameters.list("/copilot/applications/", recursive=True)]
    assert paths == [
        "/copilot/applications/shop",
        "/copilot/applications/shop/components/web",
        "/copilot/applications/shop/environments/test",
    ]
    assert connection.parameters.tags("/copilot/applications/shop/components/web") == {
        "copilot-application": "shop",
        "copilot-service": "web",
    }


def test_creating_again_succeeds_and_changes_nothing(registry: Registry) -> None:
    assert registry.create_app(SHOP)
    assert not registry.create_app(App(name="shop", account="2" * 12))
    assert registry.get_app("shop") == SHOP


def test_an_update_replaces_the_record(registry: Registry) -> None:
    registry.create_app(SHOP)
    changed = App(name="shop", account="111111111111", domain_hosted_zone_id="Z1")
    registry.update_app(changed)
    assert registry.get_app("shop") == changed


def test_lists_are_sorted_and_hold_only_their_own(registry: Registry) -> None:
    for name in ("b", "a"):
        registry.create_app(App(name=name, account="1" * 12))
        registry.create_env(Env(app=name, name="test", region="us-west-2", account_id="1" * 12))
    registry.create_workload(Workload(app="a", name="z", type=WEB.type))
    registry.create_workload(Workload(app="a", name="y", type=WEB.type))
    assert [app.name for app in registry.list_apps()] == ["a", "b"]
    assert [workload.name for workload in registry.list_workloads("a")] == ["y", "z"]
    assert [env.name for env in registry.list_envs("b")] == ["test"]
    assert registry.list_workloads("b") == []


def test_a_deployment_is_read_with_only_what_it_needs(registry: Registry) -> None:
    with pytest.raises(NotFound, match="application shop"):
        registry.get_deployment("shop", "test", ["web"])
    registry.create_app(SHOP)
    with pytest.raises(NotFound, match="environment test"):
        registry.get_deployment("shop", "test", ["web"])
    registry.create_env(TEST)
    registry.create_workload(WEB)
    found = registry.get_deployment("shop", "test", ["web", "absent"])
    assert (found.app.name, [env.name for env in found.envs]) == ("shop", ["test"])
    assert [workload.name for workload in found.workloads] == ["web"]


def test_all_records_of_an_application_are_read_together(registry: Registry) -> None:
    registry.create_app(SHOP)
    registry.create_env(TEST)
    registry.create_workload(WEB)
    found = registry.get_all("shop")
    assert (found.app, found.envs, found.workloads) == (SHOP, (TEST,), (WEB,))


def test_what_is_missing_is_told_with_its_account_and_region(registry: Registry, connection: Cloud) -> None:
    with pytest.raises(NotFound) as caught:
        registry.get_app("shop")
    assert connection.account in caught.value.message and connection.region in caught.value.message
    assert registry.find_app("shop") is None
    assert registry.find_env("shop", "test") is None


def test_a_job_is_no_service_and_a_service_no_job(registry: Registry) -> None:
    registry.create_app(SHOP)
    registry.create_workload(WEB)
    registry.create_workload(NIGHTLY)
    assert registry.get_service("shop", "web") == WEB
    assert registry.get_job("shop", "nightly") == NIGHTLY
    with pytest.raises(NotFound, match="service nightly"):
        registry.get_service("shop", "nightly")
    with pytest.raises(NotFound, match="job web"):
        registry.get_job("shop", "web")


def test_deleting_twice_is_fine(registry: Registry) -> None:
    registry.create_app(SHOP)
    registry.create_env(TEST)
    registry.create_workload(WEB)
    for _ in range(2):
        registry.delete_workload("shop", "web")
        registry.delete_env("shop", "test")
        registry.delete_app("shop")
    assert registry.list_apps() == []
