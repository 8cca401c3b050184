"""What the user wrote: typed manifests, read with every problem told at once.

Knows no AWS account, no network and no terminal.
"""

from copilot.manifest.backend import BackendService
from copilot.manifest.environment import ENVIRONMENT, Environment
from copilot.manifest.load_balanced_web import LoadBalancedWebService
from copilot.manifest.loading import (
    Header,
    Loaded,
    WorkloadManifest,
    load_environment,
    load_workload,
    read_header,
)
from copilot.manifest.source import Source

__all__ = [
    "ENVIRONMENT",
    "BackendService",
    "Environment",
    "Header",
    "LoadBalancedWebService",
    "Loaded",
    "Source",
    "WorkloadManifest",
    "load_environment",
    "load_workload",
    "read_header",
]
