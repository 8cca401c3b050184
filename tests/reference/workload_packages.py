"""What AWS Copilot 1.34.1 renders for the golden manifests of workloads, and ours beside it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bench import Bench
from compare import differences
from workloads import HERE, given_facts, read_case

from copilot.cfn import load
from copilot.cfn.template import Stack
from copilot.model.records import App
from copilot.stacks.workload import render

KINDS = {"web": "Load Balanced Web Service", "api": "Backend Service"}
ADDONS = """
Parameters:
  App: {Type: String}
  Env: {Type: String}
  Name: {Type: String}
  ClusterName: {Type: String}
Resources:
  Topic: {Type: 'AWS::SNS::Topic'}
  Secret: {Type: 'AWS::SecretsManager::Secret'}
  Policy: {Type: 'AWS::IAM::ManagedPolicy', Properties: {PolicyDocument: {Version: '2012-10-17', Statement: []}}}
  Group: {Type: 'AWS::EC2::SecurityGroup', Properties: {GroupDescription: clients}}
Outputs:
  MyTableName: {Value: !Ref Topic}
  MyDBSecret: {Value: !Ref Secret}
  TableAccess: {Value: !Ref Policy}
  ClientGroup: {Value: !Ref Group}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Packaged:
    """What the original wrote for a manifest."""

    template: dict[str, Any]
    parameters: dict[str, str]
    tags: dict[str, str]


def make_services(original: Bench) -> None:
    """Registers both services with the original, and gives it the files that the golden manifests name."""
    for name, kind in KINDS.items():
        image = ("--image", "example.test/image:1", "--port", "8080")
        original.run("svc", "init", "--name", name, "--svc-type", kind, *image).checked()
    for path in ("Dockerfile", "web/Dockerfile", "api/Dockerfile"):
        (original.workspace / path).parent.mkdir(exist_ok=True)
        (original.workspace / path).write_text("FROM scratch\n")
    (original.workspace / "web.env").write_text("A=b\n")


def require_same(original: Bench, case: str, app: App | None = None) -> None:
    """Packages a case with the original and compares template, parameters and tags with ours."""
    theirs = package(original, case)
    ours = render_beside(case, theirs, app)
    assert differences(theirs.template, ours.template) == ""
    assert theirs.parameters == dict(ours.parameters)
    assert theirs.tags == dict(ours.tags)


def package(original: Bench, case: str) -> Packaged:
    """The original's template and parameters for a case, with addons where the case has outputs of some."""
    text = (HERE / case / "manifest.yml").read_text()
    name = str(load(text)["name"])
    folder = original.workspace / "copilot" / name
    (folder / "manifest.yml").write_text(text)
    if "addons_outputs" in given_facts(case):
        (folder / "addons").mkdir()
        (folder / "addons" / "all.yml").write_text(ADDONS)
        (folder / "addons" / "addons.parameters.yml").write_text("Parameters:\n  ClusterName: !Ref EnvName\n")
    output = original.folder / "packages" / case
    options = ("--name", name, "--env", "test", "--output-dir", str(output), "--tag", "v1")
    original.run("svc", "package", *options).checked()
    for leftover in (folder / "addons").glob("*"):
        leftover.unlink()
    if (folder / "addons").is_dir():
        (folder / "addons").rmdir()
    return read(output, name)


def read(output: Path, name: str) -> Packaged:
    written = json.loads((output / f"{name}-test.params.json").read_text())
    template = load((output / f"{name}-test.stack.yml").read_text())
    return Packaged(template=template, parameters=written["Parameters"], tags=written["Tags"])


def render_beside(case: str, theirs: Packaged, app: App | None) -> Stack:
    """Our stack of a case for what the original found in its cloud. Packaging uploads nothing."""
    manifest, facts = read_case(case)
    counted = theirs.template["Resources"].get("DynamicDesiredCountAction", {}).get("Properties", {})
    found = replace(
        facts,
        app=app or facts.app,
        extra_tags={},
        image=theirs.parameters["ContainerImage"],
        artifact_key_arn=theirs.parameters["ArtifactKeyARN"],
        random=counted.get("UpdateID", ""),
        lambdas={},
        env_files={},
        addons_url="",
    )
    return render(manifest, found)
