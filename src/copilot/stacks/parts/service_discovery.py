"""The name under which a service is found inside the environment's network."""

from __future__ import annotations

from copilot.cfn.intrinsics import get_att, ref, sub
from copilot.cfn.template import Resource
from copilot.stacks.parts.fragment import Fragment, Output
from copilot.stacks.parts.references import WORKLOAD_NAME, env_export

SERVICE = "DiscoveryService"
RECORD_TTL_SECONDS = 10


def fragment() -> Fragment:
    """The Cloud Map service of this workload, and its ARN for others."""
    output = Output(
        value=get_att(SERVICE, "Arn"),
        export=sub("${AWS::StackName}-DiscoveryServiceARN"),
        description="ARN of the service in service discovery.",
    )
    return Fragment(resources={SERVICE: _service()}, outputs={"DiscoveryServiceARN": output})


def _service() -> Resource:
    return Resource(
        type="AWS::ServiceDiscovery::Service",
        description="The name by which other services in the network find this one",
        properties={
            "Description": "Discovery Service for the Copilot services",
            "DnsConfig": {
                "RoutingPolicy": "MULTIVALUE",
                "DnsRecords": [{"TTL": RECORD_TTL_SECONDS, "Type": kind} for kind in ("A", "SRV")],
            },
            "HealthCheckCustomConfig": {"FailureThreshold": 1},
            "Name": ref(WORKLOAD_NAME),
            "NamespaceId": env_export("ServiceDiscoveryNamespaceID"),
        },
    )
