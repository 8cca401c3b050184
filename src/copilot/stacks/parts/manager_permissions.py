"""What may be done in an environment with its manager role, as data: the actions, service by service."""

from __future__ import annotations

LOGS = (
    *("GetLogRecord", "GetQueryResults", "StartQuery", "GetLogEvents", "DescribeLogStreams"),
    *("StopQuery", "TestMetricFilter", "FilterLogEvents", "GetLogGroupFields", "GetLogDelivery"),
)
ECS = (
    *("ListAttributes", "ListTasks", "DescribeServices", "DescribeTaskSets", "ListContainerInstances"),
    *("DescribeContainerInstances", "DescribeTasks", "DescribeClusters", "UpdateService", "PutAttributes"),
    *("StartTelemetrySession", "StartTask", "StopTask", "ListServices", "ListTaskDefinitionFamilies"),
    *("DescribeTaskDefinition", "ListTaskDefinitions", "ListClusters", "RunTask", "ListServicesByNamespace"),
)
CLOUDFORMATION = (
    *("CancelUpdateStack", "CreateChangeSet", "CreateStack", "DeleteChangeSet", "DeleteStack", "Describe*"),
    *("DetectStackDrift", "DetectStackResourceDrift", "ExecuteChangeSet", "GetTemplate", "GetTemplateSummary"),
    *("UpdateStack", "UpdateTerminationProtection"),
)
ECR = (
    *("BatchGetImage", "BatchCheckLayerAvailability", "CompleteLayerUpload", "DescribeImages"),
    *("DescribeRepositories", "GetDownloadUrlForLayer", "InitiateLayerUpload", "ListImages"),
    *("ListTagsForResource", "PutImage", "UploadLayerPart", "GetAuthorizationToken"),
)
RESOURCE_GROUPS = ("GetGroup", "GetGroupQuery", "GetTags", "ListGroupResources", "ListGroups", "SearchResources")
SSM = ("DeleteParameter", "DeleteParameters", "GetParameter", "GetParameters", "GetParametersByPath")
LOAD_BALANCING = (
    *("DescribeLoadBalancerAttributes", "DescribeSSLPolicies", "DescribeLoadBalancers"),
    *("DescribeTargetGroupAttributes", "DescribeListeners", "DescribeTags", "DescribeTargetHealth"),
    *("DescribeTargetGroups", "DescribeRules"),
)
S3_READ = (
    *("ListBucketByTags", "GetLifecycleConfiguration", "GetBucketTagging", "GetInventoryConfiguration"),
    *("GetObjectVersionTagging", "ListBucketVersions", "GetBucketLogging", "ListBucket"),
    *("GetAccelerateConfiguration", "GetBucketPolicy", "GetObjectVersionTorrent", "GetObjectAcl"),
    *("GetEncryptionConfiguration", "GetBucketRequestPayment", "GetObjectVersionAcl", "GetObjectTagging"),
    *("GetMetricsConfiguration", "HeadBucket", "GetBucketPublicAccessBlock", "GetBucketPolicyStatus"),
    *("ListBucketMultipartUploads", "GetBucketWebsite", "ListJobs", "GetBucketVersioning", "GetBucketAcl"),
    *("GetBucketNotification", "GetReplicationConfiguration", "ListMultipartUploadParts", "GetObject"),
    *("GetObjectTorrent", "GetAccountPublicAccessBlock", "ListAllMyBuckets", "DescribeJob", "GetBucketCORS"),
    *("GetAnalyticsConfiguration", "GetObjectVersionForReplication", "GetBucketLocation", "GetObjectVersion"),
)
EC2 = ("DescribeSubnets", "DescribeSecurityGroups", "DescribeNetworkInterfaces", "DescribeRouteTables")
APP_RUNNER = (
    *("DescribeService", "ListOperations", "ListServices", "PauseService", "ResumeService", "StartDeployment"),
    *("DescribeObservabilityConfiguration", "DescribeVpcIngressConnection"),
)
RDS = ("DescribeDBInstances", "DescribeDBClusters")


def actions(service: str, names: tuple[str, ...]) -> list[str]:
    """IAM's names of a service's actions."""
    return [f"{service}:{name}" for name in names]
