"""Services whose requests the load balancer can't tell apart."""

from __future__ import annotations

import pytest

from copilot.actions.same_routes import same_routes
from copilot.manifest import Source, WorkloadManifest, load_workload

WEB = "Load Balanced Web Service"


def service(name: str, http: str, kind: str = WEB) -> WorkloadManifest:
    text = f"name: {name}\ntype: {kind}\nimage: {{location: a, port: 80}}\nhttp: {http}\n"
    source = Source(path=f"copilot/{name}/manifest.yml", text=text)
    return load_workload(source, app="shop", env="test", environ={}).manifest


def test_services_with_the_same_path_are_named() -> None:
    notices = same_routes([service("web", "{path: /}"), service("shop", "{path: /}"), service("api", "{path: api}")])
    assert notices == [
        "shop and web both claim http.path /: only one of them gets these requests. "
        "Give each a path or an alias of its own."
    ]


def test_a_slash_at_an_end_makes_no_other_path_and_additional_rules_count() -> None:
    rules = "{path: a, additional_rules: [{path: /api/}]}"
    (notice,) = same_routes([service("web", rules), service("api", "{path: api}")])
    assert "http.path /api" in notice


@pytest.mark.parametrize(
    "other",
    [
        service("b", "{path: b}"),
        service("b", "{path: /, alias: b.example.com}"),
        service("b", "{path: /, allowed_source_ips: [10.1.0.0/16]}"),
        service("b", "{path: /}", "Backend Service"),
    ],
)
def test_another_path_host_address_or_load_balancer_is_no_clash(other: WorkloadManifest) -> None:
    assert same_routes([service("a", "{path: /}"), other]) == []
