"""A service behind an application load balancer: target groups, listener rules, their priorities, DNS records."""

from __future__ import annotations

from collections.abc import Sequence

from copilot.cfn.intrinsics import Value, get_att, join, ref, sub
from copilot.cfn.template import Resource
from copilot.names import alnum, numbered
from copilot.stacks.facts import WorkloadFacts
from copilot.stacks.parts.fragment import Fragment, Parameter
from copilot.stacks.parts.functions import custom_resource, function, function_role
from copilot.stacks.parts.listeners import HTTPS_PORT, Routing, Rule, domain_host, internal_host, path_patterns
from copilot.stacks.parts.policies import allow, inline_policy
from copilot.stacks.parts.references import WORKLOAD_NAME, env_export, env_output

PRIORITY_FUNCTION = "RulePriorityFunction"
TARGET_GROUP = "TargetGroup"

HTTP_RULE = "HTTPListenerRule"
HTTP_RULE_BESIDE_HTTPS = "HTTPListenerRuleWithDomain"
HTTPS_RULE = "HTTPSListenerRule"


def fragment(routing: Routing, facts: WorkloadFacts, *, path_parameter: str, grace_period_seconds: int) -> Fragment:
    """All between the listeners and the tasks; `path_parameter` is the main path as the user wrote it."""
    balancer = routing.load_balancer
    resources = _target_groups(routing) | _priority_function(facts)
    resources |= _https(routing) if routing.has_https else _http(routing)
    return Fragment(
        parameters={
            "HTTPSEnabled": Parameter(value=str(routing.has_https).lower(), allowed=(True, False)),
            "RulePath": Parameter(value=path_parameter),
        },
        resources=resources,
        variables=({"Name": "COPILOT_LB_DNS", "Value": balancer.dns_name},),
        features=(balancer.feature,),
        aliases=() if balancer.is_internal else routing.aliases,
        load_balancers=tuple(_attachment(rule, index) for index, rule in enumerate(routing.rules)),
        service={"HealthCheckGracePeriodSeconds": grace_period_seconds},
        service_depends_on=tuple(_rule_ids(routing)),
    )


def _rule_ids(routing: Routing) -> list[str]:
    """The rules that must exist before the service: ECS refuses a target group that no load balancer uses."""
    names = (HTTP_RULE_BESIDE_HTTPS, HTTPS_RULE) if routing.has_https else (HTTP_RULE,)
    return [numbered(name, index) for index in range(len(routing.rules)) for name in names]


def _attachment(rule: Rule, index: int) -> Value:
    return {
        "ContainerName": rule.container,
        "ContainerPort": rule.port,
        "TargetGroupArn": ref(numbered(TARGET_GROUP, index)),
    }


def _target_groups(routing: Routing) -> dict[str, Resource]:
    return {numbered(TARGET_GROUP, index): _target_group(rule) for index, rule in enumerate(routing.rules)}


def _target_group(rule: Rule) -> Resource:
    check = rule.health_check
    optional = {
        "HealthCheckPort": check.port,
        "Matcher": {"HttpCode": check.success_codes} if check.success_codes else None,
        "HealthyThresholdCount": check.healthy_threshold,
        "UnhealthyThresholdCount": check.unhealthy_threshold,
        "HealthCheckIntervalSeconds": check.interval_seconds,
        "HealthCheckTimeoutSeconds": check.timeout_seconds,
        "HealthCheckProtocol": rule.health_check_protocol or None,
        "ProtocolVersion": rule.version or None,
    }
    return Resource(
        type="AWS::ElasticLoadBalancingV2::TargetGroup",
        description=f"The tasks that answer on port {rule.port}, for the load balancer",
        properties={
            "HealthCheckPath": check.path,
            **{name: value for name, value in optional.items() if value is not None},
            "Port": rule.port,
            "Protocol": "HTTPS" if rule.port == HTTPS_PORT else "HTTP",
            "TargetGroupAttributes": [
                {"Key": "deregistration_delay.timeout_seconds", "Value": rule.deregistration_delay_seconds},
                {"Key": "stickiness.enabled", "Value": rule.has_stickiness},
            ],
            "TargetType": "ip",
            "VpcId": env_export("VpcId"),
        },
    )


def _priority_function(facts: WorkloadFacts) -> dict[str, Resource]:
    role_id = f"{PRIORITY_FUNCTION}Role"
    policy = inline_policy("RulePriorityGeneratorAccess", allow(["elasticloadbalancing:DescribeRules"], "*"))
    return {
        PRIORITY_FUNCTION: function(PRIORITY_FUNCTION, role_id, facts.lambdas),
        role_id: function_role(facts.app, "the load balancer's rules are read to find a free priority", [policy]),
    }


def _priority(routing: Routing, protocol: str) -> Resource:
    return custom_resource(
        PRIORITY_FUNCTION,
        f"Free priorities for the service's {protocol} rules",
        {"RulePath": routing.paths, "ListenerArn": routing.load_balancer.listener(protocol)},
    )


def _http(routing: Routing) -> dict[str, Resource]:
    balancer = routing.load_balancer
    hosts = [balancer.dns_name, internal_host()] if balancer.is_internal else []
    resources = {"LoadBalancerInternalDNSAlias": _internal_record(routing)} if balancer.is_internal else {}
    resources["HTTPRulePriorityAction"] = _priority(routing, "HTTP")
    for index, rule in enumerate(routing.rules):
        resources[numbered(HTTP_RULE, index)] = Resource(
            type="AWS::ElasticLoadBalancingV2::ListenerRule",
            description=f"Sends HTTP requests for {rule.path} to the tasks",
            properties={
                "Actions": [_forward(index)],
                "Conditions": _conditions(rule, hosts),
                "ListenerArn": balancer.listener("HTTP"),
                "Priority": get_att("HTTPRulePriorityAction", numbered("Priority", index)),
            },
        )
    return resources


def _https(routing: Routing) -> dict[str, Resource]:
    resources = _records(routing)
    resources["HTTPSRulePriorityAction"] = _priority(routing, "HTTPS")
    resources["HTTPRuleWithDomainPriorityAction"] = _priority(routing, "HTTP")
    for index, rule in enumerate(routing.rules):
        conditions = _conditions(rule, list(rule.aliases) or [domain_host()])
        redirects = rule.redirects_to_https
        resources[numbered(HTTP_RULE_BESIDE_HTTPS, index)] = Resource(
            type="AWS::ElasticLoadBalancingV2::ListenerRule",
            description=f"Sends HTTP requests for {rule.path} {'over to HTTPS' if redirects else 'to the tasks'}",
            properties={
                "Actions": [_redirect() if redirects else _forward(index)],
                "Conditions": conditions,
                "ListenerArn": routing.load_balancer.listener("HTTP"),
                "Priority": get_att("HTTPRuleWithDomainPriorityAction", numbered("Priority", index)),
            },
        )
        resources[numbered(HTTPS_RULE, index)] = Resource(
            type="AWS::ElasticLoadBalancingV2::ListenerRule",
            description=f"Sends HTTPS requests for {rule.path} to the tasks",
            properties={
                "Actions": [_forward(index)],
                "Conditions": conditions,
                "ListenerArn": routing.load_balancer.listener("HTTPS"),
                "Priority": get_att("HTTPSRulePriorityAction", numbered("Priority", index)),
            },
        )
    return resources


def _forward(index: int) -> Value:
    return {"TargetGroupArn": ref(numbered(TARGET_GROUP, index)), "Type": "forward"}


def _redirect() -> Value:
    return {
        "Type": "redirect",
        "RedirectConfig": {
            "Protocol": "HTTPS",
            "Port": HTTPS_PORT,
            "Host": "#{host}",
            "Path": "/#{path}",
            "Query": "#{query}",
            "StatusCode": "HTTP_301",
        },
    }


def _conditions(rule: Rule, hosts: Sequence[Value]) -> list[Value]:
    conditions: list[Value] = []
    if rule.allowed_source_ips:
        conditions.append({"Field": "source-ip", "SourceIpConfig": {"Values": list(rule.allowed_source_ips)}})
    if hosts:
        conditions.append({"Field": "host-header", "HostHeaderConfig": {"Values": list(hosts)}})
    conditions.append({"Field": "path-pattern", "PathPatternConfig": {"Values": path_patterns(rule.path)}})
    return conditions


def _internal_record(routing: Routing) -> Resource:
    return Resource(
        type="AWS::Route53::RecordSetGroup",
        description="The service's name in the environment's private zone",
        properties={
            "Comment": sub(f"Load balancer alias for service ${{{WORKLOAD_NAME}}}"),
            "HostedZoneId": env_output("InternalWorkloadsHostedZone"),
            "RecordSets": [_record(routing, internal_host())],
        },
    )


def _records(routing: Routing) -> dict[str, Resource]:
    """Records for aliases whose zone is given; for a service without aliases the one in the environment's zone."""
    if not routing.aliases:
        return {"LoadBalancerDNSAlias": _domain_record(routing)}
    return {
        f"LoadBalancerDNSAlias{alnum(zone)}": Resource(
            type="AWS::Route53::RecordSetGroup",
            description=f"The service's aliases in hosted zone {zone}",
            properties={
                "HostedZoneId": zone,
                "Comment": sub(f"LoadBalancer aliases for service ${{{WORKLOAD_NAME}}} in hosted zone {zone}"),
                "RecordSets": [_record(routing, alias) for alias in aliases],
            },
        )
        for zone, aliases in sorted(routing.zone_aliases.items())
    }


def _domain_record(routing: Routing) -> Resource:
    return Resource(
        type="AWS::Route53::RecordSetGroup",
        description="The service's name in the environment's hosted zone",
        properties={
            "HostedZoneId": env_export("HostedZone"),
            "Comment": sub(f"LoadBalancer alias for service ${{{WORKLOAD_NAME}}}"),
            "RecordSets": [_record(routing, join(".", [ref(WORKLOAD_NAME), env_export("SubDomain"), ""]))],
        },
    )


def _record(routing: Routing, name: Value) -> Value:
    balancer = routing.load_balancer
    target = {"HostedZoneId": balancer.hosted_zone, "DNSName": balancer.dns_name}
    return {"Name": name, "Type": "A", "AliasTarget": target}
