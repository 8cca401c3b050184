"""The golden cases of workload stacks.

`python tests/golden/workloads.py [CASE ...]` writes down what is rendered now; read the difference before committing.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from copilot.cfn import dump, load
from copilot.cfn.template import Stack
from copilot.manifest import Environment, Source, WorkloadManifest, load_workload
from copilot.model.records import App, Env
from copilot.stacks.facts import AddonsOutputs, CodeLocation, WorkloadFacts
from copilot.stacks.workload import lambdas, render

HERE = Path(__file__).parent
KINDS = ("load_balanced_web", "backend")
CASES = sorted(path.parent.name for kind in KINDS for path in HERE.glob(f"{kind}_*/facts.yml"))

ACCOUNT = "111122223333"
REGION = "us-west-2"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0123"


def render_case(case: str) -> Stack:
    """The stack of a case in application `demo`, environment `test`."""
    return render(*read_case(case))


def read_case(case: str) -> tuple[WorkloadManifest, WorkloadFacts]:
    """A case's manifest and facts."""
    return read_text((HERE / case / "manifest.yml").read_text(), given_facts(case))


def read_text(text: str, given: Mapping[str, Any]) -> tuple[WorkloadManifest, WorkloadFacts]:
    """A manifest, and its facts: those that all cases share, and what is given."""
    name = str(load(text)["name"])
    loaded = load_workload(Source(text=text, path=f"copilot/{name}/manifest.yml"), app="demo", env="test", environ={})
    return loaded.manifest, _facts(given, loaded.manifest.type, loaded.text)


def given_facts(case: str) -> dict[str, Any]:
    """The facts of a case that are not the same in all cases."""
    return load((HERE / case / "facts.yml").read_text())


def _facts(given: Mapping[str, Any], type_name: str, text: str) -> WorkloadFacts:
    plain = {key: value for key, value in given.items() if key not in ("app", "environment", "addons_outputs")}
    outputs = {key: tuple(value) for key, value in given.get("addons_outputs", {}).items()}
    return WorkloadFacts(
        app=App(name="demo", account=ACCOUNT, **given.get("app", {})),
        env=Env(app="demo", name="test", region=REGION, account_id=ACCOUNT),
        env_manifest=Environment.model_validate({"name": "test", **given.get("environment", {})}),
        env_version="v1.34.1",
        version="v1.34.1",
        service_discovery_endpoint="test.demo.local",
        random="9f0c1d2e-0000-4000-8000-000000000000",
        artifact_bucket="artifacts",
        artifact_key_arn=KEY,
        lambdas={name: CodeLocation(bucket="artifacts", key=f"functions/{name}.zip") for name in lambdas(type_name)},
        addons_outputs=AddonsOutputs(**outputs),
        manifest_text=text,
        **plain,
    )


def parameters_text(stack: Stack) -> str:
    return json.dumps({"Parameters": dict(stack.parameters), "Tags": dict(stack.tags)}, indent=2, sort_keys=True) + "\n"


def write(case: str) -> None:
    stack = render_case(case)
    (HERE / case / "template.yml").write_text(dump(stack.template))
    (HERE / case / "parameters.json").write_text(parameters_text(stack))


if __name__ == "__main__":
    for wanted in sys.argv[1:] or CASES:
        write(wanted)
