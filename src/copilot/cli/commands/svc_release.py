"""`svc deploy|package`."""

from __future__ import annotations

from typing import Any

from copilot.cli import flags
from copilot.cli.command import command
from copilot.cli.fill import records
from copilot.cli.wiring import Wiring, pass_wiring


@command(
    examples=[
        ("Deploy a service to the environment test.", "copilot svc deploy --name collector --env test"),
        ("Look at the changes first.", "copilot svc deploy --name collector --env test --diff"),
        (
            "Start its tasks anew.",
            "copilot svc deploy --name collector --env test --force",
        ),
        (
            "Deploy with tags on every resource.",
            "copilot svc deploy --name collector --env test \\\n"
            "  --resource-tags source/revision=bb133e7,deployedBy=ci",
        ),
    ]
)
@flags.app
@flags.env
@flags.name("service")
@flags.tag
@flags.resource_tags
@flags.force
@flags.diff
@flags.diff_yes
@flags.detach
@flags.no_rollback
@flags.allow_downgrade
@pass_wiring
def deploy(wiring: Wiring, app: str, env: str, name: str, **options: Any) -> int:
    """Deploy a service to an environment: build its image, push it, and bring its stack to what the manifest says.

    The command follows the deployment until the new tasks are healthy, and prints the service's address. A deployment
    that fails is rolled back and says why."""
    from copilot.actions.deploy_service import deploy_service
    from copilot.actions.requests import DeployService

    wiring.require_diff_answer(options)
    app = records.workspace_app(wiring, app)
    name = records.local_service(wiring, app, name)
    env = records.env(wiring, app, env, flag="--env")
    return wiring.run(deploy_service, DeployService(app=app, env=env, name=name, **options))


@command(
    examples=[
        ("Print the template of a service.", "copilot svc package --name collector --env test"),
        (
            "Write template and parameters to files.",
            "copilot svc package --name collector --env test \\\n  --output-dir ./infrastructure",
        ),
        ("Fail in a script if something would change.", "copilot svc package --name collector --env test --diff"),
    ],
    exclusive=[("--diff", "--output-dir"), ("--diff", "--upload-assets")],
)
@flags.app
@flags.env
@flags.name("service")
@flags.tag
@flags.output_dir
@flags.upload_assets
@flags.package_diff
@flags.allow_downgrade
@pass_wiring
def package(wiring: Wiring, app: str, env: str, name: str, **options: Any) -> int:
    """Print the CloudFormation template that `copilot svc deploy` would deploy, without deploying it."""
    from copilot.actions.deploy_service import package_service
    from copilot.actions.requests import PackageService

    app = records.workspace_app(wiring, app)
    name = records.local_service(wiring, app, name)
    env = records.env(wiring, app, env, flag="--env")
    return wiring.package(package_service, PackageService(app=app, env=env, name=name, **options))
