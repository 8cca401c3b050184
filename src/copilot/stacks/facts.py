"""What a stack is made of besides a manifest: facts about accounts, regions, versions and uploaded files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from copilot.model.records import App, Env

if TYPE_CHECKING:
    from copilot.manifest import Environment


def partition_of(region: str) -> str:
    """The partition that a region belongs to.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
    """
    if region.startswith("cn-"):
        return "aws-cn"
    if region.startswith("us-gov-"):
        return "aws-us-gov"
    return "aws"


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeLocation:
    """Where an uploaded Lambda function's zip is."""

    bucket: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredWorkload:
    """A workload as the stack set's template lists it."""

    name: str
    has_repository: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class AddonsTemplate:
    """An uploaded addons template and the values of its own parameters."""

    url: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddonsOutputs:
    """Names of an addons template's outputs, by what each becomes. A security group is a variable too."""

    variables: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    managed_policies: tuple[str, ...] = ()
    security_groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvFacts:
    """An environment as its stack sees it; `version` is what the stack's metadata will say.

    `artifact_bucket` (a name) and `artifact_key_arn` are the application's in the environment's region: the manager
    role may put files there.
    """

    app: App
    name: str
    account: str
    region: str
    artifact_bucket: str
    artifact_key_arn: str
    version: str

    @property
    def partition(self) -> str:
        return partition_of(self.region)

    @property
    def tools_principal(self) -> str:
        """Whom the manager role trusts: the application's account."""
        return f"arn:{self.partition}:iam::{self.app.account}:root"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadFacts:
    """Everything a workload's stack needs that its manifest does not say.

    `random` is a fresh uuid of this deployment; `env_manifest` is the deployed environment's; `env_files` are ARNs in
    S3 by container; `subnet_ids` are the subnets found by the manifest's tags; without `lambdas` functions have no
    code.
    """

    app: App
    env: Env
    env_manifest: Environment
    env_version: str
    version: str
    service_discovery_endpoint: str
    random: str
    image: str = ""
    sidecar_images: Mapping[str, str] = field(default_factory=dict)
    artifact_bucket: str = ""
    artifact_key_arn: str = ""
    lambdas: Mapping[str, CodeLocation] = field(default_factory=dict)
    env_files: Mapping[str, str] = field(default_factory=dict)
    addons_url: str = ""
    addons_parameters: Mapping[str, Any] = field(default_factory=dict)
    addons_outputs: AddonsOutputs = AddonsOutputs()
    subnet_ids: tuple[str, ...] = ()
    manifest_text: str = ""
    extra_tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def partition(self) -> str:
        return partition_of(self.env.region)
