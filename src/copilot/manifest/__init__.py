"""What the user wrote: typed manifests, read with every problem told at once.

Knows no AWS account, no network and no terminal.
"""

from copilot.manifest.backend import BackendService
from copilot.manifest.environment import ENVIRONMENT, Environment
from copilot.manifest.load_balanced_web import LoadBalancedWebService

WorkloadManifest = LoadBalancedWebService | BackendService

__all__ = ["ENVIRONMENT", "BackendService", "Environment", "LoadBalancedWebService", "WorkloadManifest"]
