from __future__ import annotations

import pytest
from manifests import API, ENV, WEB, environment, problems, service, told

CERTIFICATE = "arn:aws:acm:us-east-1:111122223333:certificate/x"
ELSEWHERE = "arn:aws:acm:eu-west-1:111122223333:certificate/x"


@pytest.mark.parametrize(
    ("text", "told_as"),
    [
        (WEB.replace("  port", "  location: nginx\n  port"), "5: image.location: can't stand beside image.build"),
        (WEB.replace("  build: web/Dockerfile\n", ""), "3: image: needs build or location"),
        (API.replace("  location: nginx", "  port: 80"), "3: image: needs build or location"),
        (WEB.replace("  port", "  depends_on: {nginx: start}\n  port"),
         "5: image.depends_on.nginx: there is no container 'nginx'"),
        (WEB.replace("  port", "  depends_on: {web: start}\n  port"),
         "5: image.depends_on.web: is the container itself"),
        (WEB.replace("http:\n  path: /\n", "http: false\n"),
         "6: http: can't be false: the service has no other load balancer"),
        (WEB.replace("http:\n  path: /\n", ""), "1: http: is required"),
        (WEB.replace("http:\n  path: /\n", "http: true\n"), "6: http: must be a mapping or false"),
        (WEB + "  hosted_zone: Z1\n", "8: http.hosted_zone: needs alias beside it"),
        (WEB + "  target_container: nginx\n", "8: http.target_container: there is no container 'nginx'"),
        (WEB + "  targetContainer: nginx\n", "8: http.targetContainer: there is no container 'nginx'"),
        (API + "http: {path: /, target_container: api}\n", "5: http.target_container: container 'api' has no port"),
        (API + "http: {path: /}\n", "5: http: container 'api' has no port"),
        (WEB + "  version: http3\n", "8: http.version: must be grpc, http1 or http2"),
        (WEB + "  alias: [a, b, c]\n  allowed_source_ips: [10.0.0.0/8, 10.1.0.0/16]\n",
         "8: http.alias: makes 5 values with alias and allowed_source_ips together; a listener rule takes four"),
        (WEB + "  additional_rules: [{path: /a, healthcheck: {grace_period: 5s}}]\n",
         "8: http.additional_rules[0].healthcheck.grace_period: belongs to the whole service"),
        (WEB + "  additional_rules: [{}]\n", "8: http.additional_rules[0].path: is required"),
        (f"{WEB}count: {{spot: 1, range: 1-2, requests: 5}}\n",
         "8: count.spot: can't stand beside range or cpu_percentage, memory_percentage, requests, response_time"),
        (f"{WEB}count: {{range: 1-2}}\n",
         "8: count.range: needs something to scale on: cpu_percentage, memory_percentage, requests, response_time"),
        (f"{WEB}count: {{requests: 5}}\n", "8: count.requests: needs count.range"),
        (f"{WEB}count: {{cooldown: {{in: 5s}}, spot: 1}}\n",
         "8: count.cooldown: needs something to scale on: cpu_percentage, memory_percentage, requests, response_time"),
        (f"{WEB}count: {{range: 3-1, requests: 5}}\n", "8: count.range: has min 3, which is above max 1"),
        (f"{WEB}count: {{range: {{min: -1, max: 1}}, requests: 5}}\n", "8: count.range: must not be negative"),
        (f"{WEB}count: {{range: a-b, requests: 5}}\n", "8: count.range: 'a-b' is not a range such as 1-10"),
        (f"{WEB}count: {{range: {{min: 1}}, requests: 5}}\n", "8: count.range.max: is required"),
        (f"{WEB}count: {{range: 1-2, cpu_percentage: 101}}\n", "8: count.cpu_percentage: must be at most 100"),
        (f"{WEB}count: {{range: 1-2, memory_percentage: {{value: -1}}}}\n",
         "8: count.memory_percentage.value: must be at least 0"),
        (f"{WEB}count: -1\n", "8: count: must not be negative"),
        (f"{API}count: {{range: 1-2, response_time: 1s}}\n",
         "5: count.response_time: needs http, which counts the requests"),
        (f"{API}network: {{connect: {{alias: x}}}}\n", "5: network.connect.alias: needs a port"),
        (f"{WEB}platform: windows/amd64\nnetwork: {{connect: true}}\n", "9: network.connect: does not work on Windows"),
        (f"{WEB}env_file: secrets.txt\n", "8: env_file: 'secrets.txt' must end in .env"),
        (f"{WEB}network: {{vpc: {{placement: {{subnet: [a]}}}}}}\n",
         "8: network.vpc.placement: must be public, private or a mapping with subnets"),
    ],
)  # fmt: skip
def test_a_rule_of_services_is_checked(text: str, told_as: str) -> None:
    assert told(text) == [told_as]


def test_a_name_that_no_stack_may_have_is_refused() -> None:
    (problem,) = problems(WEB.replace("name: web", "name: Web_1").replace("copilot/web", "x"), env="test")[:1]
    assert problem.field == "name"


def test_several_broken_rules_are_told_together() -> None:
    text = f"{WEB}  hosted_zone: Z1\nenv_file: x\ncount: {{requests: 5}}\n"
    assert [p.field for p in problems(text)] == ["http.hosted_zone", "env_file", "count.requests"]


def test_four_condition_values_are_allowed() -> None:
    assert service(WEB + "  alias: [a, b]\n  allowed_source_ips: [10.0.0.0/8, 10.1.0.0/16]\n").http is not None


def vpc(inner: str) -> str:
    return f"{ENV}network:\n  vpc: {inner}\n"


SUBNET_PAIR = "public: [{cidr: 10.0.0.0/24, az: a}, {cidr: 10.0.1.0/24, az: b}]"


@pytest.mark.parametrize(
    ("text", "told_as"),
    [
        (vpc("{id: vpc-1, cidr: 10.0.0.0/16, subnets: {private: [{id: a}, {id: b}]}}"),
         "4: network.vpc.cidr: can't stand beside id: a VPC is either imported or made"),
        (vpc("{id: vpc-1}"), "4: network.vpc.subnets: must name the subnets of the imported VPC"),
        (vpc("{id: vpc-1, subnets: {public: [{id: a}]}}"),
         "4: network.vpc.subnets.public: needs at least two subnets, as load balancers do"),
        (vpc("{id: vpc-1, subnets: {private: [{id: a}]}}"),
         "4: network.vpc.subnets.private: needs at least two subnets"),
        (vpc("{id: vpc-1, subnets: {private: [{id: a}, {cidr: 10.0.0.0/24}]}}"),
         "4: network.vpc.subnets.private[1]: needs id, as the VPC is imported"),
        (vpc("{id: vpc-1, subnets: {private: [{id: a}, {id: b, cidr: 10.0.0.0/24}]}}"),
         "4: network.vpc.subnets.private[1].cidr: can't stand beside id"),
        (vpc("{cidr: 10.0.0.0/16, subnets: {public: [{az: a}, {cidr: 10.0.0.0/24, az: b}], "
             "private: [{cidr: 10.0.2.0/24, az: a}, {cidr: 10.0.3.0/24, az: b}]}}"),
         "4: network.vpc.subnets.public[0]: needs cidr, as the VPC's ranges are chosen"),
        (vpc(f"{{cidr: 10.0.0.0/16, subnets: {{{SUBNET_PAIR}, private: [{{cidr: 10.0.2.0/24, az: a}}]}}}}"),
         "4: network.vpc.subnets: public and private must span the same availability zones"),
        (vpc("{cidr: 10.0.0.0/16, subnets: "
             "{public: [{cidr: 10.0.0.0/24, az: a}], private: [{cidr: 10.0.1.0/24, az: a}]}}"),
         "4: network.vpc.subnets: must span at least 2 availability zones"),
        (vpc(f"{{cidr: 10.0.0.0/16, subnets: {{{SUBNET_PAIR}, private: "
             "[{cidr: 10.0.2.0/24, az: a}, {cidr: 10.0.3.0/24, az: b}, {cidr: 10.0.4.0/24, az: b}]}}"),
         "4: network.vpc.subnets.private: has 3 different ranges for 2 availability zones; one each is needed"),
        (vpc("{cidr: 10.0.0.0/16, subnets: {public: [{cidr: 10.0.0.0/24}], private: []}}"),
         "4: network.vpc.subnets: needs as many public as private subnets"),
        (vpc("{security_group: {ingress: [{ports: 80, cidr: 10.0.0.0/8}]}}"),
         "4: network.vpc.security_group.ingress[0].ip_protocol: is required"),
        (f"{ENV}cdn: {{certificate: {ELSEWHERE}, terminate_tls: true}}\n",
         "3: cdn.certificate: must be in us-east-1, as CloudFront wants"),
        (f"{ENV}cdn: {{certificate: {CERTIFICATE}}}\n",
         "3: cdn.certificate: needs cdn.terminate_tls: true or http.public.certificates"),
        (f"{ENV}cdn: true\nhttp: {{public: {{certificates: [{CERTIFICATE}]}}}}\n",
         "3: cdn: needs certificate, as http.public.certificates are set"),
        (f"{ENV}cdn: {{static_assets: {{alias: a, path: b}}}}\n", "3: cdn.static_assets.location: is required"),
        (f"{ENV}cdn: {{certificate: mine}}\n", "3: cdn.certificate: 'mine' is not an ARN"),
        (f"{ENV}http: {{public: {{ingress: {{cdn: true}}}}}}\n", "3: http.public.ingress.cdn: needs a cdn"),
        (f"{ENV}http: {{public: {{security_groups: {{ingress: {{restrict_to: {{cdn: true}}}}}}}}}}\n",
         "3: http.public.security_groups.ingress.restrict_to.cdn: needs a cdn"),
        (f"{ENV}http: {{private: {{subnets: [a]}}}}\n",
         "3: http.private.subnets: needs an imported VPC (network.vpc.id)"),
        (vpc("{id: vpc-1, subnets: {private: [{id: a}, {id: b}]}}") + "http: {private: {subnets: [a, c]}}\n",
         "5: http.private.subnets[1]: 'c' is not among network.vpc.subnets"),
        (f"{ENV}http: {{public: {{security_groups: {{ingress: {{from_vpc: true}}}}}}}}\n",
         "3: http.public: has an old field, security_groups, that holds more than ingress.restrict_to.cdn"),
    ],
)  # fmt: skip
def test_a_rule_of_environments_is_checked(text: str, told_as: str) -> None:
    assert told(text) == [told_as]


def test_a_right_environment_with_everything_has_no_problem() -> None:
    manifest = environment(
        f"""{ENV}
network:
  vpc:
    cidr: 10.0.0.0/16
    subnets:
      {SUBNET_PAIR}
      private: [{{cidr: 10.0.2.0/24, az: a}}, {{cidr: 10.0.3.0/24, az: b}}]
    flow_logs: {{retention: 7}}
cdn: {{certificate: {CERTIFICATE}}}
http:
  public:
    certificates: [{ELSEWHERE}]
    ingress: {{cdn: true, source_ips: [10.0.0.0/8]}}
observability: {{container_insights: true}}
"""
    )
    assert manifest.network.vpc.is_adjusted
    assert manifest.network.vpc.flow_logs is not None
    assert manifest.network.vpc.flow_logs.retention == 7
