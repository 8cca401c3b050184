"""Every name that somebody must find again: stacks, parameters, repositories, roles, tags, artifact keys, logical ids.

The names are AWS Copilot's; changing one orphans what it made. Pure text, no imports of the project.
"""

from __future__ import annotations

import re

APP_TAG = "copilot-application"
ENV_TAG = "copilot-environment"
SERVICE_TAG = "copilot-service"
PIPELINE_TAG = "copilot-pipeline"
TASK_TAG = "copilot-task"

STACK_NAME_MAX = 128
WORKLOAD_NAME_MAX = 255
APP_RUNNER_NAME_MAX = 40
ALARM_NAME_MAX = 255
RESERVED_WORKLOAD_NAMES = frozenset({"pipelines", "environments"})

_ROOT = "/copilot/applications/"


def app_parameter(app: str) -> str:
    return f"{_ROOT}{app}"


def apps_prefix() -> str:
    return _ROOT


def env_parameter(app: str, env: str) -> str:
    return f"{_ROOT}{app}/environments/{env}"


def envs_prefix(app: str) -> str:
    return f"{_ROOT}{app}/environments/"


def workload_parameter(app: str, workload: str) -> str:
    return f"{_ROOT}{app}/components/{workload}"


def workloads_prefix(app: str) -> str:
    return f"{_ROOT}{app}/components/"


def secret_parameter(app: str, env: str, name: str) -> str:
    return f"/copilot/{app}/{env}/secrets/{name}"


def roles_stack(app: str) -> str:
    return f"{app}-infrastructure-roles"


def stack_set(app: str) -> str:
    return f"{app}-infrastructure"


def env_stack(app: str, env: str) -> str:
    return f"{app}-{env}"


def workload_stack(app: str, env: str, workload: str) -> str:
    """Cut to CloudFormation's 128 characters, as the original does when it deploys."""
    return f"{app}-{env}-{workload}"[:STACK_NAME_MAX]


def admin_role(app: str) -> str:
    return f"{app}-adminrole"


def execution_role(app: str) -> str:
    return f"{app}-executionrole"


def dns_delegation_role(app: str) -> str:
    return f"{app}-DNSDelegationRole"


def env_manager_role(app: str, env: str) -> str:
    return f"{app}-{env}-EnvManagerRole"


def cfn_execution_role(app: str, env: str) -> str:
    return f"{app}-{env}-CFNExecutionRole"


def repository(app: str, workload: str) -> str:
    return f"{app}/{workload}"


def log_group(app: str, env: str, workload: str) -> str:
    return f"/copilot/{app}-{env}-{workload}"


def service_discovery_endpoint(app: str, env: str) -> str:
    return f"{env}.{app}.local"


def change_set(unique: str) -> str:
    return f"copilot-{unique}"


def template_key(stack: str, sha256: str) -> str:
    return f"manual/templates/{stack}/{sha256}.yml"


def addons_key(workload: str, sha256: str) -> str:
    return f"manual/addons/{workload}/{sha256}.yml"


def env_file_key(basename: str, sha256: str) -> str:
    return f"manual/env-files/{basename}/{sha256}.env"


def lambda_key(function: str, sha256: str) -> str:
    return f"manual/scripts/custom-resources/{function.lower()}/{sha256}.zip"


def repository_output(workload: str) -> str:
    """The stack set output (and logical id) that holds a workload's repository."""
    return f"ECRRepo{replace_dashes(workload)}"


def rollback_alarms(app: str, env: str, workload: str) -> tuple[str, ...]:
    """The alarms that a workload's deployments may be rolled back by."""
    base = f"{app}-{env}-{workload}-CopilotRollback"
    return tuple(f"{base}{kind}"[:ALARM_NAME_MAX] for kind in ("CPUAlarm", "MemAlarm", "MsgsDelayedAlarm"))


def alnum(text: str) -> str:
    """Text without everything that may not stand in a logical id."""
    return re.sub(r"[^a-zA-Z0-9]", "", text)


def replace_dashes(text: str) -> str:
    return text.replace("-", "DASH")


def numbered(logical_id: str, index: int) -> str:
    """The first has no number, the next ones 1, 2, ..."""
    return logical_id if index == 0 else f"{logical_id}{index}"


def snake_case_upper(name: str) -> str:
    """`MyTableName` -> `MY_TABLE_NAME`; acronyms stay together."""
    once = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    return re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", once).upper()


_NAME = re.compile(r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")


def name_problem(name: str, *, longest: int = WORKLOAD_NAME_MAX) -> str:
    """Why a name of an app, environment or workload is not allowed; empty text when it is."""
    if not name:
        return "must not be empty"
    if len(name) > longest:
        return f"must not be longer than {longest} characters"
    if not _NAME.match(name):
        return (
            "must start with a letter, contain only lower-case letters, numbers and hyphens, "
            "and have no consecutive or trailing hyphen"
        )
    return ""
