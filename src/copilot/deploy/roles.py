"""The two roles of an environment, which outlive its stack so that the stack can be deleted with them."""

from __future__ import annotations

from copilot import names
from copilot.aws.cloud import Cloud


def delete_leftover_roles(cloud: Cloud, app: str, env: str) -> None:
    """Deletes an environment's roles where they are there and carry its tag; the manager, who may be us, goes last."""
    for role in (names.cfn_execution_role(app, env), names.env_manager_role(app, env)):
        found = cloud.roles.find(role)
        if found is not None and names.ENV_TAG in found.tags:
            cloud.roles.delete(role)
