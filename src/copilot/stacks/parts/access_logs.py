"""Access logs of the public load balancer, in the user's bucket or in one of the environment's own."""

from __future__ import annotations

from copilot.cfn.intrinsics import ACCOUNT_ID, PARTITION, REGION, Value, find_in_map, get_att, join, ref, sub
from copilot.cfn.template import Resource
from copilot.stacks.parts.app_region import public_access_block
from copilot.stacks.parts.elb_accounts import ELB_ACCOUNTS
from copilot.stacks.parts.env_design import EnvDesign
from copilot.stacks.parts.env_terms import CREATE_ALB
from copilot.stacks.parts.functions import custom_resource, function, function_role
from copilot.stacks.parts.piece import Piece
from copilot.stacks.parts.policies import POLICY_VERSION, allow, inline_policy

BUCKET = "ELBAccessLogsBucket"
BUCKET_POLICY = "ELBAccessLogsBucketPolicy"
CLEANER_FUNCTION = "BucketCleanerFunction"
_CLEANER_ROLE = "ELBAccessLogsBucketCleanerRole"
_MAPPING = "RegionalConfigs"


def attributes(design: EnvDesign) -> list[dict[str, Value]]:
    """The load balancer's attributes: logs off, or on with their bucket."""
    logs = design.manifest.http.public.access_logs
    if logs is None:
        return [{"Key": "access_logs.s3.enabled", "Value": False}]
    found: list[dict[str, Value]] = [{"Key": "access_logs.s3.enabled", "Value": True}]
    if logs.prefix:
        found.append({"Key": "access_logs.s3.prefix", "Value": logs.prefix})
    found.append({"Key": "access_logs.s3.bucket", "Value": logs.bucket_name or ref(BUCKET)})
    return found


def piece(design: EnvDesign) -> Piece:
    """The bucket with what empties it before it is deleted, unless the user has one or wants no logs."""
    if not design.makes_log_bucket:
        return Piece()
    return Piece(
        resources={
            BUCKET_POLICY: _bucket_policy(design),
            BUCKET: _bucket(),
            "ELBAccessLogsBucketCleanerAction": custom_resource(
                CLEANER_FUNCTION, "Empties the bucket of access logs before it is deleted", {"BucketName": ref(BUCKET)}
            ),
            CLEANER_FUNCTION: function(CLEANER_FUNCTION, _CLEANER_ROLE, design.lambdas, timeout_seconds=900),
            _CLEANER_ROLE: function_role(design.facts.app, "the bucket of access logs is emptied", [_clean()]),
        },
        mappings={_MAPPING: {region: {"ElbAccountId": account} for region, account in ELB_ACCOUNTS.items()}},
    )


def _bucket_policy(design: EnvDesign) -> Resource:
    logs = design.manifest.http.public.access_logs
    prefix = ["/", logs.prefix] if logs and logs.prefix else []
    objects = join("", ["arn:", PARTITION, ":s3:::", ref(BUCKET), *prefix, "/AWSLogs/", ACCOUNT_ID, "/*"])
    account = find_in_map(_MAPPING, REGION, "ElbAccountId")
    principal = join("", [sub("arn:${AWS::Partition}:iam::"), account, ":root"])
    statement = {**allow(["s3:PutObject"], [objects]), "Principal": {"AWS": principal}}
    return Resource(
        type="AWS::S3::BucketPolicy",
        condition=CREATE_ALB,
        depends_on=[BUCKET],
        properties={
            "Bucket": ref(BUCKET),
            "PolicyDocument": {"Version": POLICY_VERSION, "Statement": [statement]},
        },
    )


def _bucket() -> Resource:
    encryption = {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    return Resource(
        type="AWS::S3::Bucket",
        description="The bucket that holds the load balancer's access logs",
        properties={
            "VersioningConfiguration": {"Status": "Enabled"},
            "BucketEncryption": {"ServerSideEncryptionConfiguration": [encryption]},
            "PublicAccessBlockConfiguration": public_access_block(),
        },
    )


def _clean() -> Value:
    actions = [f"s3:{action}" for action in ("ListBucket", "ListBucketVersions", "DeleteObject", "DeleteObjectVersion")]
    objects = sub("${ BucketARN }/*", {"BucketARN": get_att(BUCKET, "Arn")})
    return inline_policy("CleanELBAccessLogs", allow(actions, [get_att(BUCKET, "Arn"), objects]))
