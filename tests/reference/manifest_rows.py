"""Manifests of workloads that hold every field in its less usual shapes, for comparison with AWS Copilot 1.34.1.

Each row has many fields, since it is the original's start that takes time. `web` and `api` are the service's name.
"""

from __future__ import annotations

WEB = """\
name: web
type: Load Balanced Web Service
"""
API = """\
name: api
type: Backend Service
"""
PLAIN = "image: {location: 'example.test/image:1', port: 8080}\n"

ROWS: dict[str, str] = {
    "web of any notation": f"""{WEB}
image:
  location: example.test/image:1
  port: 0x1F90
  labels: {{a.b: c, d: 5, e: '', f: true, g: }}
  healthcheck: {{interval: 1m, retries: 0, start_period: 1m30s}}
http:
  path: /deep/er/
  healthcheck: {{path: well, success_codes: 200-399, grace_period: 1h, port: 443}}
  deregistration_delay: 0s
  allowed_source_ips: ['2001:db8::/32', 10.1.2.3/8]
  version: HTTP2
cpu: 0400
memory: 1e3
count: 0
exec: {{enable: true}}
entrypoint: /bin/sh -c 'echo "a b"'
command: ['1', 2, true]
logging: {{retention: 1}}
variables: {{A: '', B: 5, C: 1.0, D: on, E: 0123, F: ~, G: 2020-01-01, H: 0x1F, I: '12:30', J: 'q"uo\\te', K: '!Ref x'}}
secrets:
  A: arn:aws-cn:ssm:cn-north-1:111122223333:parameter/x
  B: arn:aws:secretsmanager:us-west-2:111122223333:secret:x-abc
  C: {{secretsmanager: 'demo/test/x:k:s:v'}}
""",
    "web of many rules": f"""{WEB}{PLAIN}
http:
  path: a.b_c-d~e
  targetContainer: web
  additional_rules:
    - {{path: /, targetContainer: web, healthcheck: /x, stickiness: true}}
    - {{path: b, target_port: 8081, version: http2, deregistration_delay: 1h}}
    - {{path: c, target_port: 8081, healthcheck: {{path: /y, port: 9001, success_codes: 201}}}}
    - {{path: d, target_port: 443, allowed_source_ips: [10.0.0.0/8, 10.0.0.0/9, 10.0.0.0/10, 10.0.0.0/11]}}
count:
  range: 0-10
  requests: {{value: 5, cooldown: {{in: 5s}}}}
  response_time: 1500us
""",
    "web on ARM with spare capacity": f"""{WEB}{PLAIN}
http: {{path: '*'}}
platform: LINUX/ARM64
count:
  range: {{min: 1, max: 3, spot_from: 2}}
  cooldown: {{}}
  cpu_percentage: {{value: 0}}
""",
    "web on Windows": f"""{WEB}{PLAIN}
http: {{path: /}}
platform: {{osfamily: WINDOWS_SERVER_2022_FULL, architecture: X86_64}}
exec: true
network:
  connect: false
  vpc: {{placement: private, security_groups: [sg-1, {{from_cfn: x}}]}}
""",
    "web with overlays": f"""{WEB}
image: {{build: {{dockerfile: Dockerfile, args: {{A: a}}}}, port: 80, labels: {{a: b, c: d}}}}
http:
  path: /
  targetContainer: web
  healthcheck: {{path: /y, interval: 11s}}
  additional_rules: [{{path: a}}, {{path: b}}]
count:
  range: {{min: 2, max: 9, spot_from: 3}}
  cooldown: {{out: 9s}}
  cpu_percentage: {{value: 60, cooldown: {{in: 1s}}}}
platform: {{osfamily: linux, architecture: arm64}}
command: [a, b, c]
variables: {{A: a, B: b, C: {{from_cfn: x}}}}
secrets: {{A: {{secretsmanager: x}}, B: b}}
network: {{connect: {{alias: x}}, vpc: {{placement: private, security_groups: {{deny_default: true, groups: [sg-3]}}}}}}
environments:
  test:
    image: {{location: 'example.test/image:2', labels: {{a: }}}}
    http: {{target_container: web, healthcheck: /z, additional_rules: [{{path: c}}]}}
    count: {{range: 1-4, cpu_percentage: 5}}
    platform: linux/amd64
    command: d
    variables: {{A: , B: {{from_cfn: y}}, C: c}}
    secrets: {{A: {{from_cfn: a}}, B: {{secretsmanager: c}}}}
    network: {{connect: true, vpc: {{placement: {{subnets: [subnet-1]}}, security_groups: [sg-1]}}}}
  prod:
    count: {{range: 3-1, cpu_percentage: 5}}
    http: {{target_container: gone}}
""",
    "web that an overlay gives a load balancer": f"""{WEB}{PLAIN}
http: false
count: {{range: 1-5, cpu_percentage: 50, cooldown: {{in: 30s}}}}
environments: {{test: {{http: {{path: x}}, count: {{spot: 2}}}}}}
""",
    "api with a grace period in a rule": f"""{API}{PLAIN}
http:
  path: /
  target_port: 9090
  target_container: api
  additional_rules: [{{path: a, targetContainer: api, healthcheck: {{grace_period: 5s}}}}]
network: {{connect: {{alias: foo.bar.local}}}}
""",
    "api with empty http": f"{API}{PLAIN}http: {{}}\nplatform: linux/arm64\ncount: {{spot: 2}}\n",
    "api that an overlay gives a load balancer": f"""{API}{PLAIN}
count: {{spot: 2}}
exec: true
environments: {{test: {{http: {{path: x}}, count: {{range: 1-3, memory_percentage: 4, requests: 7}}, exec: false}}}}
""",
}
