"""What an application has before any environment: the stack set with its roles, and what it makes in a region."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from copilot import TEMPLATE_VERSION, names
from copilot.cfn.intrinsics import equals, get_att, not_, ref
from copilot.cfn.template import Resource, Stack, Template
from copilot.cfn.yaml import Bare
from copilot.model.records import App
from copilot.stacks.facts import RegisteredWorkload
from copilot.stacks.parts import app_region, app_roles

UNKNOWN_VERSION = "v0.0.0"
"""The version of a template that does not say one."""

ACCOUNT_ID_DIGITS = 12

_LIST_GUARD = "See #5140"
"""Stands where releases before v1.2.0 kept a list, so that one of them fails instead of dropping workloads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StackSetState:
    """What the stack set's template remembers. `version` counts its operations and is the lock of its writers."""

    version: int
    template_version: str
    workloads: tuple[RegisteredWorkload, ...] = ()
    accounts: tuple[str, ...] = ()


def roles_stack(app: App, *, delegated_accounts: Sequence[str], template_version: str = TEMPLATE_VERSION) -> Stack:
    """The stack with the stack set's roles and, when the application has a domain, its hosted zone.

    `delegated_accounts` may manage records of the domain, besides the application's own account.
    """
    accounts = [account for account in dict.fromkeys([*delegated_accounts, app.account]) if account]
    template = Template(
        description="Roles that manage an application's resources in every region, and its domain.",
        metadata={"TemplateVersion": template_version},
    )
    for name in ("AdminRoleName", "ExecutionRoleName"):
        template.parameter(name)
    template.parameter("DNSDelegationRoleName", Default="")
    template.parameter("AppDNSDelegatedAccounts", Type="CommaDelimitedList", Default="")
    template.parameter("AppDomainName", Default="")
    template.parameter("AppDomainHostedZoneID", Default="")
    template.parameter("AppName")
    template.conditions["DelegateDNS"] = not_(equals(ref("AppDomainName"), ""))
    _add(template, app_roles.resources(app, accounts))
    template.output("ExecutionRoleARN", get_att("ExecutionRole", "Arn"), description="Makes resources in a region.")
    template.output("AdministrationRoleARN", get_att("AdministrationRole", "Arn"), description="Runs the stack set.")
    template.output("TemplateVersion", template_version, description="Makes a change of the version alone an update.")
    return Stack(
        name=names.roles_stack(app.name),
        template=template.to_dict(),
        parameters=_roles_parameters(app, accounts),
        tags={**app.tags, names.APP_TAG: app.name},
    )


def _roles_parameters(app: App, accounts: Sequence[str]) -> dict[str, str]:
    return {
        "AdminRoleName": names.admin_role(app.name),
        "ExecutionRoleName": names.execution_role(app.name),
        "DNSDelegationRoleName": names.dns_delegation_role(app.name),
        "AppDNSDelegatedAccounts": ",".join(accounts),
        "AppDomainName": app.domain,
        "AppDomainHostedZoneID": app.domain_hosted_zone_id,
        "AppName": app.name,
    }


def stack_set_template(
    app: App,
    *,
    workloads: Sequence[RegisteredWorkload],
    accounts: Sequence[str],
    version: int,
    template_version: str = TEMPLATE_VERSION,
) -> dict[str, Any]:
    """The stack set's template, which is also the list of registered workloads and of accounts with environments."""
    workloads, accounts = sorted(workloads, key=lambda workload: workload.name), sorted(accounts)
    with_repository = [workload.name for workload in workloads if workload.has_repository]
    template = Template(
        description="What an application shares in a region: an artifact bucket, its key, and image repositories.",
        metadata={
            "TemplateVersion": template_version,
            "Version": version,
            "Workloads": [{"Name": w.name, "WithECR": w.has_repository} for w in workloads],
            "Accounts": [Bare(account) for account in accounts],
            "Services": _LIST_GUARD,
        },
    )
    _add(template, app_region.resources(app, with_repository, accounts))
    _add_region_outputs(template, app, with_repository)
    template.output("TemplateVersion", template_version, description="Makes a change of the version alone an update.")
    template.output("StackSetOpId", version, description="Makes every operation update every region.")
    return template.to_dict()


def _add_region_outputs(template: Template, app: App, repositories: Sequence[str]) -> None:
    template.output(
        "KMSKeyARN",
        get_att(app_region.KEY, "Arn"),
        export=f"{app.name}-ArtifactKey",
        description="Encrypts the artifacts.",
    )
    template.output("PipelineBucket", ref(app_region.BUCKET), description="Holds every artifact of the application.")
    for name in repositories:
        repository = names.repository_output(name)
        template.output(repository, get_att(repository, "Arn"), description=f"Holds the images of {name}.")


def _add(template: Template, resources: Mapping[str, Resource]) -> None:
    for logical_id, resource in resources.items():
        template.add(logical_id, resource)


def read_stack_set_metadata(metadata: Mapping[str, Any]) -> StackSetState:
    """What a stack set's template remembers, whichever release wrote it.

    Up to template version v1.1 workloads were a list of names under `Services`. Account ids may have been read as
    numbers, and a template may lack any of its fields.
    """
    workloads = [
        RegisteredWorkload(name=str(entry["Name"]), has_repository=_is_true(entry.get("WithECR")))
        for entry in metadata.get("Workloads") or ()
    ]
    services = metadata.get("Services")
    if isinstance(services, Sequence) and not isinstance(services, str):
        workloads += [RegisteredWorkload(name=str(name)) for name in services]
    accounts = [str(account).zfill(ACCOUNT_ID_DIGITS) for account in metadata.get("Accounts") or ()]
    return StackSetState(
        version=int(metadata.get("Version") or 0),
        template_version=str(metadata.get("TemplateVersion") or UNKNOWN_VERSION),
        workloads=tuple(sorted({w.name: w for w in workloads}.values(), key=lambda workload: workload.name)),
        accounts=tuple(sorted(set(accounts))),
    )


def _is_true(value: Any) -> bool:
    return str(value).lower() == "true"
