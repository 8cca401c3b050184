"""What AWS Copilot 1.34.1 renders for the golden manifests of workloads, and ours beside it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bench import Bench
from compare import differences
from workloads import HERE, given_facts, read_case, read_text

from copilot.cfn import load
from copilot.cfn.template import Stack
from copilot.manifest import WorkloadManifest
from copilot.model.records import App
from copilot.stacks.facts import WorkloadFacts
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
    compare(theirs, render_beside(read_case(case), theirs, app))


def require_same_of_text(original: Bench, label: str, text: str) -> None:
    """Packages a manifest with the original and compares template, parameters and tags with ours."""
    theirs = package_text(original, label, text)
    compare(theirs, render_beside(read_text(text, {}), theirs, None))


def compare(theirs: Packaged, ours: Stack) -> None:
    assert differences(theirs.template, ours.template) == ""
    assert theirs.parameters == dict(ours.parameters)
    assert theirs.tags == dict(ours.tags)


def package(original: Bench, case: str) -> Packaged:
    """The original's template and parameters for a case, with addons where the case has outputs of some."""
    text = (HERE / case / "manifest.yml").read_text()
    addons = original.workspace / "copilot" / str(load(text)["name"]) / "addons"
    if "addons_outputs" in given_facts(case):
        addons.mkdir()
        (addons / "all.yml").write_text(ADDONS)
        (addons / "addons.parameters.yml").write_text("Parameters:\n  ClusterName: !Ref EnvName\n")
    packaged = package_text(original, case, text)
    for leftover in addons.glob("*"):
        leftover.unlink()
    if addons.is_dir():
        addons.rmdir()
    return packaged


def package_text(original: Bench, label: str, text: str) -> Packaged:
    """The original's template and parameters for a manifest."""
    name = str(load(text)["name"])
    (original.workspace / "copilot" / name / "manifest.yml").write_text(text)
    output = original.folder / "packages" / label
    options = ("--name", name, "--env", "test", "--output-dir", str(output), "--tag", "v1")
    original.run("svc", "package", *options).checked()
    return read(output, name)


def read(output: Path, name: str) -> Packaged:
    written = json.loads((output / f"{name}-test.params.json").read_text())
    template = load((output / f"{name}-test.stack.yml").read_text())
    return Packaged(template=template, parameters=written["Parameters"], tags=written["Tags"])


def render_beside(read: tuple[WorkloadManifest, WorkloadFacts], theirs: Packaged, app: App | None) -> Stack:
    """Our stack of a manifest for what the original found in its cloud. Packaging uploads nothing."""
    manifest, facts = read
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
