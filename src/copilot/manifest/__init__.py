"""What the user wrote: typed manifests, read with every problem told at once.

Knows no AWS account, no network and no terminal.
"""

from copilot.manifest.backend import BackendService
from copilot.manifest.environment import ENVIRONMENT, Environment
from copilot.manifest.fresh import (
    NewEnvironment,
    NewSubnets,
    NewWorkload,
    new_environment,
    new_workload,
)
from copilot.manifest.load_balanced_web import LoadBalancedWebService
from copilot.manifest.loading import (
    Header,
    Loaded,
    WorkloadManifest,
    has_only_private_subnets,
    load_environment,
    load_workload,
    parse_environment,
    read_header,
)
from copilot.manifest.schema import json_schema
from copilot.manifest.source import Source

__all__ = [
    "ENVIRONMENT",
    "BackendService",
    "Environment",
    "Header",
    "LoadBalancedWebService",
    "Loaded",
    "NewEnvironment",
    "NewSubnets",
    "NewWorkload",
    "Source",
    "WorkloadManifest",
    "has_only_private_subnets",
    "json_schema",
    "load_environment",
    "load_workload",
    "new_environment",
    "new_workload",
    "parse_environment",
    "read_header",
]
