"""`deploy`: one or many workloads at once."""

from __future__ import annotations

from typing import Any

from copilot.cli import flags
from copilot.cli.command import command
from copilot.cli.fill import deployment, records
from copilot.cli.wiring import Wiring, pass_wiring
from copilot.errors import UsageError


@command(
    examples=[
        ("Deploy every workload of the application to test.", "copilot deploy --all --env test"),
        ("Deploy two, the aggregator first.", "copilot deploy --name aggregator/1,collector/2 --env test"),
        (
            "Deploy everything, making the environment if need be.",
            "copilot deploy --all --init-wkld --env test --init-env",
        ),
    ],
    exclusive=flags.CREDENTIALS_EXCLUDE,
)
@flags.switch("all", "Deploy every workload of the application that has a manifest here.")
@flags.app
@flags.env
@flags.items("name", "Names of the workloads, each with its place in the order if need be: web/2.", short="n")
@flags.switch("init-wkld", "With --all: make workloads that the application does not have yet.")
@flags.tri("init-env", "Make the environment if the application does not have it.")
@flags.tri("deploy-env", "Deploy the environment first.")
@flags.force
@flags.tag
@flags.resource_tags
@flags.allow_downgrade
@flags.detach
@flags.no_rollback
@flags.credentials
@pass_wiring
def deploy(wiring: Wiring, app: str, env: str, name: tuple[str, ...], all: bool, **given: Any) -> int:  # noqa: A002
    """Deploy one or more workloads to an environment, and make what is missing on the way.

    Workloads are deployed in ascending order of the number after their names; those without one come last. A workload
    that fails stops the ones after it."""
    from copilot.actions.deploy import deploy as deploy_all

    app = records.workspace_app(wiring, app)
    names = deployment.workloads(wiring, name, all_of_them=all)
    env, exists = deployment.environment(wiring, app, env)
    if not exists:
        given["init_env"] = deployment.init_env(wiring, env, given["init_env"])
        if given["init_env"] and given["deploy_env"] is False:
            raise UsageError("--deploy-env=false can't be: an environment that was just made must be deployed first")
    return wiring.run(deploy_all, _request(app=app, env=env, names=names, all=all, given=given))


def _request(*, app: str, env: str, names: tuple[str, ...], all: bool, given: dict[str, Any]) -> Any:  # noqa: A002
    from copilot.actions.requests import Credentials, Deploy

    credentials = Credentials(
        profile=given["profile"],
        access_key_id=given["aws_access_key_id"],
        secret_access_key=given["aws_secret_access_key"],
        session_token=given["aws_session_token"],
        region=given["region"],
    )
    kept = ("tag", "resource_tags", "force", "no_rollback", "detach", "allow_downgrade", "init_env", "deploy_env")
    options = {key: given[key] for key in kept}
    return Deploy(
        app=app, env=env, names=names, all=all, init_workloads=given["init_wkld"], credentials=credentials, **options
    )
