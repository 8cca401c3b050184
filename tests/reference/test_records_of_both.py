"""Two applications, one made by AWS Copilot 1.34.1 and one by us: records, tags, parameters and shared stacks."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from bench import Bench
from compare import differences
from shop import APP, IMAGE, SERVICES, Shop, at_once, client, template

from copilot import names
from copilot.cfn import load

pytestmark = [pytest.mark.reference, pytest.mark.timeout(3600)]

OURS = "mall"
ENV_PARTS = ("", "-web", "-api")
# What the cloud names for itself, and what says which tool it was.
_RANDOM = (
    (r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UUID"),
    (r"stackset-APP[\w-]*", "BUCKET"),
    (r"https://[^\"]*stackset-[^\"]*", "ARTIFACT"),
    (r"v1\.34\.1\+python[\w.]*", "v1.34.1"),
    (r"example\.test/hello(?::1|@sha256:\w+)", "IMAGE"),
)


@pytest.fixture(scope="module")
def mall(shop: Shop) -> Bench:
    """The same application made by us, in a folder of its own; its environment's first template is kept in a file."""
    bench = shop.bench.at("mall")
    bench.ours("app", "init", OURS, "--resource-tags", "team=core").checked()
    bench.ours("env", "init", "--name", "test", "--default-config").checked()
    (bench.folder / "bootstrap.json").write_text(json.dumps(template(bench, f"{OURS}-test")))
    bench.ours("env", "deploy", "--name", "test").checked()
    for name, kind in SERVICES.items():
        bench.ours("svc", "init", "--name", name, "--svc-type", kind, "--image", IMAGE, "--port", "8080").checked()
    for name in SERVICES:
        bench.ours("svc", "deploy", "--name", name, "--env", "test").checked()
    return bench


def plain(value: Any, app: str) -> Any:
    """Data with the application's name, ids and versions made the same."""
    text = json.dumps(value, sort_keys=True, default=str).replace(app, "APP")
    for pattern, word in _RANDOM:
        text = re.sub(pattern, word, text)
    return json.loads(text)


def records(bench: Bench, app: str) -> dict[str, Any]:
    """Every record of the application but those of environment prod, with its tags."""
    ssm, found = client(bench, "ssm"), {}
    top = names.app_parameter(app)
    listed = ssm.get_parameters_by_path(Path=top, Recursive=True)["Parameters"]
    for parameter in [ssm.get_parameter(Name=top)["Parameter"], *listed]:
        if parameter["Name"].endswith("/prod"):
            continue
        tags = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=parameter["Name"])["TagList"]
        ordered = json.loads(parameter["Value"], object_pairs_hook=list)
        found[parameter["Name"]] = [parameter["Type"], ordered, sorted(f"{tag['Key']}={tag['Value']}" for tag in tags)]
    return dict(plain(found, app))


def stack(bench: Bench, name: str, app: str) -> Any:
    """A stack's parameters and tags."""
    (described,) = client(bench, "cloudformation").describe_stacks(StackName=name)["Stacks"]
    parameters = {each["ParameterKey"]: each["ParameterValue"] for each in described.get("Parameters", ())}
    return plain([parameters, {tag["Key"]: tag["Value"] for tag in described["Tags"]}], app)


def stack_set(bench: Bench, app: str) -> dict[str, Any]:
    return dict(client(bench, "cloudformation").describe_stack_set(StackSetName=names.stack_set(app))["StackSet"])


def test_both_write_the_same_records(shop: Shop, mall: Bench) -> None:
    assert records(mall, OURS) == records(shop.bench, APP)


def test_both_give_stacks_the_same_parameters_and_tags(shop: Shop, mall: Bench) -> None:
    for part in ("-infrastructure-roles", *(f"-test{service}" for service in ENV_PARTS)):
        assert stack(mall, f"{OURS}{part}", OURS) == stack(shop.bench, f"{APP}{part}", APP), part


def test_both_set_the_stack_set_up_alike(shop: Shop, mall: Bench) -> None:
    ours, theirs = stack_set(mall, OURS), stack_set(shop.bench, APP)
    for key in ("Tags", "Parameters", "AdministrationRoleARN", "ExecutionRoleName", "PermissionModel"):
        assert unordered(plain(ours[key], OURS)) == unordered(plain(theirs[key], APP)), key
    assert differences(comparable(theirs, APP), comparable(ours, OURS)) == ""


def unordered(value: Any) -> Any:
    """A list in an order of its own: the original writes tags in another one each time."""
    return sorted(value, key=repr) if isinstance(value, list) else value


def comparable(described: dict[str, Any], app: str) -> dict[str, Any]:
    """The stack set's template without the counter of its operations, which depends on how many regions there are."""
    found = dict(plain(load(described["TemplateBody"]), app))
    version = found["Metadata"].pop("Version")
    assert str(found["Outputs"].pop("StackSetOpId")["Value"]) == str(version)
    return found


def test_both_deploy_the_same_shared_templates(shop: Shop, mall: Bench) -> None:
    roles = "infrastructure-roles"
    theirs = plain(template(shop.bench, f"{APP}-{roles}"), APP)
    assert differences(theirs, plain(template(mall, f"{OURS}-{roles}"), OURS)) == ""
    bootstrap = json.loads((mall.folder / "bootstrap.json").read_text())
    assert differences(plain(shop.bootstraps["test"], APP), plain(bootstrap, OURS)) == ""


def test_both_change_the_stack_set_at_the_same_time(mall: Bench) -> None:
    """Whoever comes second looks again or says so; nobody's service is lost."""
    kind = ("--svc-type", "Backend Service", "--image", IMAGE, "--port", "8080")
    pairs = [(mall.run, "theirs"), (mall.ours, "ours")]
    for number in range(2):
        with ThreadPoolExecutor(2) as pool:
            commands = [(run, ("svc", "init", "--name", f"{name}{number}", *kind)) for run, name in pairs]
            theirs, ours = pool.map(lambda command: command[0](*command[1]), commands)
        assert ours.code == 0, ours.stderr
        if theirs.code:
            assert "theirs" in theirs.command
            mall.run("svc", "init", "--name", f"theirs{number}", *kind).checked()
    metadata = load(stack_set(mall, OURS)["TemplateBody"])["Metadata"]
    registered = {workload["Name"] for workload in metadata["Workloads"]}
    assert registered == {"api", "web", "ours0", "ours1", "theirs0", "theirs1"}
    at_once([lambda: mall.run("svc", "init", "--name", "theirs2", *kind)])
    at_once([lambda: mall.ours("svc", "init", "--name", "ours2", *kind)])
    after = load(stack_set(mall, OURS)["TemplateBody"])["Metadata"]
    assert int(after["Version"]) >= int(metadata["Version"]) + 2
