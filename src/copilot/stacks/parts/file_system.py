"""The file system that workloads of an environment may share, made once one of them asks for it."""

from __future__ import annotations

from copilot.cfn.intrinsics import Value, join, ref, sub
from copilot.cfn.template import Resource
from copilot.stacks.parts.cluster import SECURITY_GROUP, ingress_from
from copilot.stacks.parts.env_design import EnvDesign
from copilot.stacks.parts.env_terms import CREATE_EFS, name_tag
from copilot.stacks.parts.piece import EnvOutput, Piece
from copilot.stacks.parts.policies import POLICY_VERSION

FILE_SYSTEM = "FileSystem"
_GROUP = "EFSSecurityGroup"


def piece(design: EnvDesign) -> Piece:
    """The file system, reachable from the environment's containers, with a mount target in each private subnet."""
    found = {
        FILE_SYSTEM: _file_system(),
        _GROUP: _group(design),
        f"{_GROUP}IngressFromEnvironment": ingress_from(
            SECURITY_GROUP,
            _GROUP,
            "Ingress from containers in the Environment Security Group.",
            condition=CREATE_EFS,
        ),
    }
    for number, subnet in enumerate(design.network.private_subnets, start=1):
        found[f"MountTarget{number}"] = Resource(
            type="AWS::EFS::MountTarget",
            condition=CREATE_EFS,
            properties={"FileSystemId": ref(FILE_SYSTEM), "SubnetId": subnet, "SecurityGroups": [ref(_GROUP)]},
        )
    output = EnvOutput(
        value=ref(FILE_SYSTEM),
        export="FilesystemID",
        condition=CREATE_EFS,
        description="The file system that the environment's workloads share.",
    )
    return Piece(resources=found, outputs={"ManagedFileSystemID": output})


def _file_system() -> Resource:
    return Resource(
        type="AWS::EFS::FileSystem",
        description="The file system that keeps what tasks store",
        condition=CREATE_EFS,
        properties={
            "BackupPolicy": {"Status": "ENABLED"},
            "Encrypted": True,
            "FileSystemPolicy": _policy(),
            "LifecyclePolicies": [{"TransitionToIA": "AFTER_30_DAYS"}],
            "PerformanceMode": "generalPurpose",
            "ThroughputMode": "bursting",
        },
    )


def _policy() -> Value:
    """Roles of this environment may mount it, and nobody without encryption on the way.

    https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html
    """
    tagged_roles = {
        "Sid": "AllowIAMFromTaggedRoles",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": ["elasticfilesystem:ClientWrite", "elasticfilesystem:ClientMount"],
        "Condition": {
            "Bool": {"elasticfilesystem:AccessedViaMountTarget": True},
            "StringEquals": {
                "iam:ResourceTag/copilot-application": sub("${AppName}"),
                "iam:ResourceTag/copilot-environment": sub("${EnvironmentName}"),
            },
        },
    }
    plain_text = {
        "Sid": "DenyUnencryptedAccess",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "elasticfilesystem:*",
        "Condition": {"Bool": {"aws:SecureTransport": False}},
    }
    return {"Version": POLICY_VERSION, "Id": "CopilotEFSPolicy", "Statement": [tagged_roles, plain_text]}


def _group(design: EnvDesign) -> Resource:
    return Resource(
        type="AWS::EC2::SecurityGroup",
        description="Who may reach the file system",
        condition=CREATE_EFS,
        properties={
            "GroupDescription": join("", [ref("AppName"), "-", ref("EnvironmentName"), _GROUP]),
            "VpcId": design.network.vpc,
            "Tags": name_tag("-efs"),
        },
    )
