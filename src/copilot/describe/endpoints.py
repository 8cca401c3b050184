"""Where a service answers, from what was just deployed or from what is there."""

from __future__ import annotations

from copilot.aws.cloud import Cloud
from copilot.aws.stack_records import DeployedStack
from copilot.cfn.template import Stack
from copilot.manifest import WorkloadManifest
from copilot.stacks.endpoints import Deployed, Endpoint, connect_address, locate, rules_to_read


def planned_endpoint(
    cloud: Cloud, manifest: WorkloadManifest, stack: Stack, env: DeployedStack | None, namespace: str
) -> Endpoint:
    """The endpoint of a service right after its deployment, asking AWS only for what the deployment may have made.

    A load balancer is made with the first service that needs it: then the environment's outputs are read again.
    """
    outputs = dict(env.outputs) if env else {}
    if manifest.http is not None and env is not None and not _has_balancer(outputs, manifest):
        again = cloud.stacks.find(env.id)
        outputs = dict(again.outputs) if again else outputs
    deployed = Deployed(
        name=manifest.name,
        type=manifest.type,
        namespace=namespace,
        parameters=stack.parameters,
        resources=dict.fromkeys(stack.template["Resources"], ""),
        env_outputs=outputs,
    )
    alias = manifest.network.connect.alias or "" if manifest.network.connect else ""
    connect = connect_address(deployed, alias) if manifest.network.connect else ""
    hosts = _rule_hosts(cloud, stack.name, deployed) if rules_to_read(deployed) else ()
    return locate(
        Deployed(
            name=manifest.name,
            type=manifest.type,
            namespace=namespace,
            parameters=stack.parameters,
            resources=deployed.resources,
            env_outputs=outputs,
            rule_hosts=hosts,
            connect_names=(connect,) if connect else (),
        )
    )


def _has_balancer(outputs: dict[str, str], manifest: WorkloadManifest) -> bool:
    is_public = manifest.type == "Load Balanced Web Service"
    return ("PublicLoadBalancerDNSName" if is_public else "InternalLoadBalancerDNSName") in outputs


def _rule_hosts(cloud: Cloud, stack: str, deployed: Deployed) -> tuple[str, ...]:
    physical = {r.logical_id: r.physical_id for r in cloud.stacks.resources(stack)}
    arns = [physical.get(logical_id, "") for logical_id in deployed.resources]
    return tuple(cloud.load_balancers.rule_hosts([arn for arn in arns if ":listener-rule/" in arn]))
