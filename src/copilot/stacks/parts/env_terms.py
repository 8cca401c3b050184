"""Names that the parts of an environment's stack share: conditions, ports, tags."""

from __future__ import annotations

from copilot.cfn.intrinsics import Value, sub

CREATE_ALB = "CreateALB"
CREATE_INTERNAL_ALB = "CreateInternalALB"
DELEGATE_DNS = "DelegateDNS"
EXPORT_HTTPS_LISTENER = "ExportHTTPSListener"
EXPORT_INTERNAL_HTTPS_LISTENER = "ExportInternalHTTPSListener"
CREATE_EFS = "CreateEFS"
CREATE_NAT_GATEWAYS = "CreateNATGateways"
CREATE_APP_RUNNER_ENDPOINT = "CreateAppRunnerVPCEndpoint"
MANAGED_ALIASES = "ManagedAliases"

ANYWHERE = "0.0.0.0/0"
ALL_PROTOCOLS = -1
HTTP_PORT = 80
HTTPS_PORT = 443


def env_name(suffix: str = "") -> Value:
    """`copilot-{app}-{env}` and a suffix."""
    return sub(f"copilot-${{AppName}}-${{EnvironmentName}}{suffix}")


def name_tag(suffix: str = "") -> list[dict[str, Value]]:
    """Tags with the name that the console shows."""
    return [{"Key": "Name", "Value": env_name(suffix)}]
