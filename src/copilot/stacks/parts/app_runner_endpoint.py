"""The door through which an environment reaches private App Runner services, made once one of them asks for it."""

from __future__ import annotations

from copilot.cfn.intrinsics import ref, sub
from copilot.cfn.template import Resource
from copilot.stacks.parts.cluster import SECURITY_GROUP, ingress_from
from copilot.stacks.parts.env_design import EnvDesign
from copilot.stacks.parts.env_terms import CREATE_APP_RUNNER_ENDPOINT
from copilot.stacks.parts.piece import EnvOutput, Piece

ENDPOINT = "AppRunnerVpcEndpoint"
_GROUP = "AppRunnerVpcEndpointSecurityGroup"
_NAME_MAX = 255


def piece(design: EnvDesign) -> Piece:
    """The endpoint and its security group, in a VPC of the environment's own."""
    if design.network.is_imported:
        return Piece()
    output = EnvOutput(
        value=ref(ENDPOINT),
        export="AppRunnerVpcEndpointId",
        condition=CREATE_APP_RUNNER_ENDPOINT,
        description="The VPC endpoint of private App Runner services.",
    )
    return Piece(
        resources={
            _GROUP: _group(design),
            f"{_GROUP}IngressFromEnvironment": ingress_from(
                SECURITY_GROUP,
                _GROUP,
                "Ingress from services in the environment",
                condition=CREATE_APP_RUNNER_ENDPOINT,
            ),
            ENDPOINT: _endpoint(design),
        },
        outputs={"AppRunnerVpcEndpointId": output},
    )


def _group(design: EnvDesign) -> Resource:
    prefix = f"{design.facts.app.name}-{design.facts.name}"
    return Resource(
        type="AWS::EC2::SecurityGroup",
        description="Who may reach private App Runner services",
        condition=CREATE_APP_RUNNER_ENDPOINT,
        properties={
            "GroupDescription": f"{prefix}-{_GROUP}"[:_NAME_MAX],
            "VpcId": ref("VPC"),
            "Tags": [{"Key": "Name", "Value": f"copilot-{prefix}-app-runner-vpc-endpoint"[:_NAME_MAX]}],
        },
    )


def _endpoint(design: EnvDesign) -> Resource:
    return Resource(
        type="AWS::EC2::VPCEndpoint",
        description="The VPC endpoint of private App Runner services",
        condition=CREATE_APP_RUNNER_ENDPOINT,
        properties={
            "VpcEndpointType": "Interface",
            "VpcId": ref("VPC"),
            "SecurityGroupIds": [ref(_GROUP)],
            "ServiceName": sub("com.amazonaws.${AWS::Region}.apprunner.requests"),
            "SubnetIds": list(design.network.private_subnets),
        },
    )
