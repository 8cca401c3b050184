"""A stack as it is deployed, with what its template says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from copilot.aws.cloud import Cloud
from copilot.aws.parallel import together
from copilot.aws.stack_records import DeployedStack

NO_VERSION = "v0.0.0"
"""What a stack without a version counts as."""

BOOTSTRAP = "bootstrap"
"""The version of an environment stack that holds only its roles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedStack:
    """`deployed` None: it does not exist. `template` is the text, empty where it was not asked for."""

    deployed: DeployedStack | None = None
    template: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def exists(self) -> bool:
        return self.deployed is not None

    @property
    def version(self) -> str:
        return str(self.metadata.get("Version") or NO_VERSION)

    @property
    def manifest(self) -> str:
        """The manifest that it was deployed with; empty in stacks made before manifests were kept."""
        return str(self.metadata.get("Manifest") or "")

    @property
    def outputs(self) -> Mapping[str, str]:
        return self.deployed.outputs if self.deployed else {}

    @property
    def parameters(self) -> Mapping[str, str]:
        return self.deployed.parameters if self.deployed else {}


def observe_stack(cloud: Cloud, name: str) -> ObservedStack:
    """A stack's state and what its template says of itself, in one step."""
    deployed, summary = together(lambda: cloud.stacks.find(name), lambda: cloud.stacks.summary(name))
    return ObservedStack(deployed=deployed, metadata=summary.metadata if summary else {})


def observe_version(cloud: Cloud, name: str) -> ObservedStack:
    """Only what a stack's template says of itself: enough to refuse writing over a newer one."""
    summary = cloud.stacks.summary(name)
    return ObservedStack(metadata=summary.metadata if summary else {})


def observe_with_template(cloud: Cloud, name: str) -> ObservedStack:
    """A stack's state and its template's text, in one step."""
    deployed, template = together(lambda: cloud.stacks.find(name), lambda: cloud.stacks.template(name))
    if deployed is None:
        return ObservedStack()
    return ObservedStack(deployed=deployed, template=template, metadata=metadata_of(template))


def metadata_of(template: str) -> Mapping[str, Any]:
    """The Metadata section of a template's text."""
    if not template:
        return {}
    from copilot.cfn.yaml import load

    metadata: Mapping[str, Any] = load(template).get("Metadata") or {}
    return metadata
