"""`env deploy|package`."""

from __future__ import annotations

from typing import Any

from copilot.cli import flags
from copilot.cli.command import command
from copilot.cli.fill import records
from copilot.cli.wiring import Wiring, pass_wiring


@command(
    examples=[
        ("Deploy the environment test.", "copilot env deploy --name test"),
        ("Look at the changes first.", "copilot env deploy --name test --diff"),
        ("Deploy it even if nothing has changed.", "copilot env deploy --name test --force"),
    ]
)
@flags.app
@flags.name("environment")
@flags.force
@flags.diff
@flags.diff_yes
@flags.detach
@flags.no_rollback
@flags.allow_downgrade
@pass_wiring
def deploy(wiring: Wiring, app: str, name: str, **options: Any) -> int:
    """Deploy an environment as its manifest describes it: its network, its cluster, its load balancers.

    The manifest is copilot/environments/NAME/manifest.yml. Nothing happens when nothing has changed."""
    from copilot.actions.deploy_env import deploy_env
    from copilot.actions.requests import DeployEnv

    wiring.require_diff_answer(options)
    app = records.workspace_app(wiring, app)
    return wiring.run(deploy_env, DeployEnv(app=app, name=records.local_env(wiring, name), **options))


@command(
    examples=[
        ("Print the template of the environment test.", "copilot env package --name test"),
        (
            "Write template and parameters to files.",
            "copilot env package --name test \\\n  --output-dir ./infrastructure --upload-assets",
        ),
        ("Fail in a script if something would change.", "copilot env package --name test --diff"),
    ],
    exclusive=[("--diff", "--output-dir"), ("--diff", "--upload-assets")],
)
@flags.app
@flags.name("environment")
@flags.output_dir
@flags.upload_assets
@flags.package_diff
@flags.force
@flags.allow_downgrade
@pass_wiring
def package(wiring: Wiring, app: str, name: str, **options: Any) -> int:
    """Print the CloudFormation template that `copilot env deploy` would deploy, without deploying it."""
    from copilot.actions.deploy_env import package_env
    from copilot.actions.requests import PackageEnv

    app = records.workspace_app(wiring, app)
    return wiring.package(package_env, PackageEnv(app=app, name=records.local_env(wiring, name), **options))
