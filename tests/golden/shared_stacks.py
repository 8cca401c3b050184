"""The golden cases of the stacks that workloads share: an application's and an environment's.

`python tests/golden/shared_stacks.py [CASE ...]` writes down what is rendered now; read the difference before
committing it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from copilot.cfn import Stack, dump, load
from copilot.manifest import Source, load_environment
from copilot.model.records import App
from copilot.stacks.app import roles_stack, stack_set_template
from copilot.stacks.environment import LAMBDAS, bootstrap_stack, environment_stack
from copilot.stacks.facts import AddonsTemplate, CodeLocation, EnvFacts, RegisteredWorkload

HERE = Path(__file__).parent
CASES = sorted(path.parent.name for kind in ("app", "environment") for path in HERE.glob(f"{kind}_*/facts.yml"))

VERSION = "v1.34.1"
ACCOUNT = "111122223333"
REGION = "us-west-2"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/01234567-89ab-cdef-0123-456789abcdef"
FUNCTIONS = {name: CodeLocation(bucket="artifacts", key=f"functions/{name}.zip") for name in LAMBDAS}


def render_case(case: str) -> Stack:
    """The stack of a case, in application `demo`, environment `test`."""
    given = load((HERE / case / "facts.yml").read_text())
    app = App(name="demo", account=ACCOUNT, **given.pop("app", {}))
    if case.startswith("environment_"):
        return _environment(case, app, given)
    if case == "app_roles":
        return roles_stack(app, template_version=VERSION, **given)
    workloads = [RegisteredWorkload(**workload) for workload in given.pop("workloads")]
    template = stack_set_template(app, workloads=workloads, template_version=VERSION, **given)
    return Stack(name="demo-infrastructure", template=template)


def _environment(case: str, app: App, given: Mapping[str, Any]) -> Stack:
    facts = EnvFacts(
        app=app,
        name="test",
        account=ACCOUNT,
        region=REGION,
        artifact_bucket="artifacts",
        artifact_key_arn=KEY,
        version=VERSION,
    )
    if case == "environment_bootstrap":
        return bootstrap_stack(facts)
    text = (HERE / case / "manifest.yml").read_text()
    path = "copilot/environments/test/manifest.yml"
    loaded = load_environment(Source(text=text, path=path), app="demo", env="test", environ={})
    plain = {"old_parameters": {}, **given}
    addons = AddonsTemplate(**plain.pop("addons")) if "addons" in plain else None
    return environment_stack(
        loaded.manifest, facts, lambdas=FUNCTIONS, manifest_text=loaded.text, addons=addons, **plain
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
