"""What an application has in every region with an environment: artifact bucket, key and image repositories."""

from __future__ import annotations

from collections.abc import Sequence

from copilot import names
from copilot.cfn.intrinsics import STACK_NAME, Value, get_att, ref, sub
from copilot.cfn.template import Resource
from copilot.model.records import App
from copilot.stacks.parts.app_roles import account_root
from copilot.stacks.parts.policies import POLICY_VERSION, allow

KEY = "KMSKey"
BUCKET = "PipelineBuiltArtifactBucket"
BUCKET_POLICY = "PipelineBuiltArtifactBucketPolicy"
LOCAL_ASSETS_PREFIX = "local-assets"

_KEY_ADMINISTRATION = (
    *("Create*", "Describe*", "Enable*", "List*", "Put*", "Update*", "Revoke*", "Disable*", "Get*", "Delete*"),
    *("ScheduleKeyDeletion", "CancelKeyDeletion", "Tag*", "UntagResource"),
)
_KEY_USE = ("Encrypt", "Decrypt", "ReEncrypt*", "GenerateDataKey*", "DescribeKey")
_IMAGE_TRANSFER = (
    *("GetDownloadUrlForLayer", "BatchGetImage", "BatchCheckLayerAvailability", "PutImage"),
    *("InitiateLayerUpload", "UploadLayerPart", "CompleteLayerUpload"),
)


def resources(app: App, repositories: Sequence[str], accounts: Sequence[str]) -> dict[str, Resource]:
    """Every environment account may use them, and so may the application's own account, where they are."""
    users = [account_root("${AWS::AccountId}"), *map(account_root, accounts)]
    found = {KEY: _key(users), BUCKET_POLICY: _bucket_policy(users), BUCKET: _bucket()}
    for name in repositories:
        found[names.repository_output(name)] = _repository(app, name, users)
    return found


def _policy(*statements: Value) -> dict[str, Value]:
    return {"Version": POLICY_VERSION, "Statement": list(statements)}


def _allow_principal(principal: Value, statement: dict[str, Value]) -> dict[str, Value]:
    return {**statement, "Principal": {"AWS": principal}}


def _key(users: Sequence[Value]) -> Resource:
    administer = allow([f"kms:{action}" for action in _KEY_ADMINISTRATION], "*")
    use = allow([f"kms:{action}" for action in _KEY_USE], "*")
    policy = _policy(
        _allow_principal(account_root("${AWS::AccountId}"), administer), _allow_principal(list(users), use)
    )
    return Resource(
        type="AWS::KMS::Key",
        description="The key that encrypts artifacts",
        properties={"EnableKeyRotation": True, "KeyPolicy": {**policy, "Id": STACK_NAME}},
    )


def _bucket_policy(users: Sequence[Value]) -> Resource:
    bucket, objects = (sub(f"arn:${{AWS::Partition}}:s3:::${{{BUCKET}}}{rest}") for rest in ("", "/*"))
    header = "s3:x-amz-server-side-encryption"
    other_encryption = {
        "Effect": "Deny",
        "Action": "s3:PutObject",
        "Resource": objects,
        "Principal": "*",
        "Condition": {"StringNotEqualsIfExists": {header: "aws:kms"}, "Null": {header: False}},
    }
    plain_text = {
        "Sid": "ForceHTTPS",
        "Effect": "Deny",
        "Action": "s3:*",
        "Resource": [sub(f"${{{BUCKET}.Arn}}"), sub(f"${{{BUCKET}.Arn}}/*")],
        "Principal": "*",
        "Condition": {"Bool": {"aws:SecureTransport": False}},
    }
    use = _allow_principal(list(users), allow(["s3:*"], [bucket, objects]))
    return Resource(
        type="AWS::S3::BucketPolicy",
        description="Who may use the bucket that holds artifacts",
        depends_on=[BUCKET],
        properties={"Bucket": ref(BUCKET), "PolicyDocument": _policy(use, other_encryption, plain_text)},
    )


def _bucket() -> Resource:
    encryption = {
        "ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": get_att(KEY, "Arn")},
        "BucketKeyEnabled": True,
    }
    expire_assets = {
        "Id": "ExpireLocalAssets",
        "Status": "Enabled",
        "Prefix": LOCAL_ASSETS_PREFIX,
        "ExpirationInDays": 30,
        "NoncurrentVersionExpirationInDays": 1,
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
    }
    return Resource(
        type="AWS::S3::Bucket",
        properties={
            "VersioningConfiguration": {"Status": "Enabled"},
            "BucketEncryption": {"ServerSideEncryptionConfiguration": [encryption]},
            "PublicAccessBlockConfiguration": public_access_block(),
            "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            "LifecycleConfiguration": {"Rules": [expire_assets]},
        },
    )


def public_access_block() -> dict[str, bool]:
    """Nothing in the bucket can be made public."""
    return {
        "BlockPublicAcls": True,
        "BlockPublicPolicy": True,
        "IgnorePublicAcls": True,
        "RestrictPublicBuckets": True,
    }


def _repository(app: App, workload: str, users: Sequence[Value]) -> Resource:
    push_and_pull = {
        "Sid": "AllowPushPull",
        "Effect": "Allow",
        "Principal": {"AWS": list(users)},
        "Action": [f"ecr:{action}" for action in _IMAGE_TRANSFER],
    }
    return Resource(
        type="AWS::ECR::Repository",
        description=f"The repository of {workload}'s images",
        properties={
            "RepositoryName": names.repository(app.name, workload),
            "Tags": [{"Key": names.SERVICE_TAG, "Value": workload}],
            "RepositoryPolicyText": _policy(push_and_pull),
        },
    )
