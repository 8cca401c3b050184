"""We take an application of AWS Copilot 1.34.1's over while people use it, and the original goes on with it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from bench import Bench
from compare import differences
from desk import Desk
from shop import APP, REGIONS, Shop, client, described_stacks, physical_ids, template, visited

pytestmark = [pytest.mark.reference, pytest.mark.timeout(3600)]

VERSION = "v1.34.1"
DEPLOYMENTS = [
    ("svc", "deploy", "--name", "web", "--env", "test"),
    ("svc", "deploy", "--name", "api", "--env", "prod"),
    ("env", "deploy", "--name", "prod"),
]


def test_an_application_is_adopted_and_handed_back(shop: Shop) -> None:
    bench = shop.bench
    before, templates = physical_ids(bench), deployed_templates(bench)
    checking_changes_nothing(bench)
    with visited(bench) as visits:
        adoption_goes_on_after_a_kill(bench)
        nothing_but_functions_policies_and_versions_differ(templates, deployed_templates(bench))
        we_deploy(bench)
        assert physical_ids(bench) == before
        the_original_deploys(bench)
        assert physical_ids(bench) == before
    assert visits.failures == []
    assert visits.count > 50


def checking_changes_nothing(bench: Bench) -> None:
    before = history(bench)
    text = bench.ours("app", "adopt", "--check", "--name", APP).checked().stdout
    assert "shop-test-web" in text
    assert "Lambda runtime nodejs20.x -> python3.13 (2 functions)" in text
    document = json.loads(bench.ours("app", "adopt", "--check", "--json", "--name", APP).checked().stdout)
    assert history(bench) == before
    stacks = {stack["name"]: stack for stack in document["stacks"]}
    workloads = {f"{APP}-{env}-{service}" for env in REGIONS for service in ("web", "api")}
    assert set(stacks) == {"shop-infrastructure-roles", "shop-infrastructure", "shop-test", "shop-prod", *workloads}
    assert document["adopted"] is False
    for stack in stacks.values():
        assert stack["changes"], stack
        assert (stack["replaced"], stack["removed"], stack["blocked"]) == ([], [], "")


def history(bench: Bench) -> dict[str, Any]:
    """All that a change would leave a trace in: records, stacks, their events, and operations of the stack set."""
    found: dict[str, Any] = {}
    for region, stack in described_stacks(bench):
        events = client(bench, "cloudformation", region).describe_stack_events(StackName=stack["StackId"])[
            "StackEvents"
        ]
        found[stack["StackId"]] = (stack["StackStatus"], stack.get("LastUpdatedTime"), [e["EventId"] for e in events])
    listed = client(bench, "cloudformation").list_stack_set_operations(StackSetName="shop-infrastructure")
    found["operations"] = listed["Summaries"]
    found["records"] = client(bench, "ssm").get_parameters_by_path(Path="/copilot", Recursive=True)["Parameters"]
    return found


def adoption_goes_on_after_a_kill(bench: Bench) -> None:
    """Killed when the first environment is under way; the second run does what is left, a third one nothing."""
    command = ("app", "adopt", "--yes", "--name", APP)
    first = Desk(root=bench.workspace, environ=bench.our_environ()).start(*command)
    first.says("environment prod update in progress")
    first.kill()
    left = json.loads(bench.ours("app", "adopt", "--check", "--json", "--name", APP).checked().stdout)
    assert left["adopted"] is False
    assert [s["changes"] for s in left["stacks"] if s["name"] == "shop-infrastructure-roles"] == [[]]
    assert "is adopted; from now on" in bench.ours(*command).checked().stderr
    assert "is adopted already" in bench.ours(*command).checked().stderr
    assert json.loads(bench.ours("app", "adopt", "--check", "--json", "--name", APP).checked().stdout)["adopted"]


def deployed_templates(bench: Bench) -> dict[str, dict[str, Any]]:
    """The template of every stack; an environment's version in a workload's is version metadata."""
    found = {}
    for region, stack in described_stacks(bench):
        deployed = template(bench, stack["StackName"], region)
        for resource in deployed["Resources"].values():
            resource.get("Properties", {}).pop("EnvVersion", None)
        deployed["Outputs"].pop("StackSetOpId", None)
        found[stack["StackId"]] = deployed
    return found


def nothing_but_functions_policies_and_versions_differ(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert before.keys() == after.keys()
    assert {name: differences(before[name], after[name]) for name in before} == dict.fromkeys(before, "")


def we_deploy(bench: Bench) -> None:
    for command in DEPLOYMENTS:
        bench.ours(*command).checked()


def the_original_deploys(bench: Bench) -> None:
    """It reads the version that we left as its own one, and takes its functions back."""
    told = json.loads(bench.run("app", "show", "--json").checked().stdout)
    assert told["version"].startswith(VERSION)
    shown = json.loads(bench.run("svc", "show", "--name", "web", "--json").checked().stdout)
    assert len(shown["configurations"]) == len(REGIONS)
    for command in DEPLOYMENTS:
        bench.run(*command).checked()
    functions = client(bench, "lambda", REGIONS["prod"]).list_functions()["Functions"]
    runtimes = {f["Runtime"] for f in functions if f["FunctionName"].startswith("shop-prod-api")}
    assert runtimes == {"nodejs20.x"}
