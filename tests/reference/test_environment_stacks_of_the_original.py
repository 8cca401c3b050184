"""AWS Copilot 1.34.1 packages the same environments: the golden manifests, compared as data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from bench import Bench
from compare import differences
from shared_stacks import CASES, HERE
from shop import Shop, client

from copilot import names
from copilot.cfn import load

pytestmark = [pytest.mark.reference, pytest.mark.timeout(3600)]

PACKAGED = [case for case in CASES if (HERE / case / "manifest.yml").exists()]
MORE = {
    "container_insights": "observability: {container_insights: true}",
    "flow_logs": "network: {vpc: {flow_logs: {retention: 7}}}",
    "rules": """
network:
  vpc:
    security_group:
      ingress:
        - {ip_protocol: tcp, ports: 80, cidr: 10.0.0.0/8}
        - {ip_protocol: '-1', ports: 0-65535, cidr: 0.0.0.0/0}
      egress:
        - {ip_protocol: udp, ports: 53, cidr: 0.0.0.0/0}
""",
    "private": """
http:
  public: {ingress: {source_ips: [192.0.2.0/24]}}
  private: {ingress: {vpc: true}, ssl_policy: ELBSecurityPolicy-2016-08}
""",
    "unusual shapes": """
network:
  vpc:
    cidr: 10.1.2.3/16
    subnets:
      public: [{cidr: 10.1.0.0/24}, {cidr: 10.1.1.0/24}, {cidr: 10.1.4.0/24}]
      private: [{cidr: 10.1.2.0/24}, {cidr: 10.1.3.0/24}, {cidr: 10.1.5.0/24}]
    security_group:
      ingress:
        - {ip_protocol: 6, ports: 90-100, cidr: '::/0'}
        - {ip_protocol: icmp, ports: -1, cidr: 0.0.0.0/0}
http:
  public: {certificates: [], ingress: {cdn: false, source_ips: ['2001:db8::/32']}, access_logs: false}
  private: {ingress: {from_vpc: true}}
observability: {container_insights: on}
""",
}
NAMED = {"domain": "example.com", "domainHostedZoneID": "Z0", "permissionsBoundary": "limits", "tags": {"cost": "web"}}


@dataclass(frozen=True, kw_only=True)
class Site:
    """An environment for which both tools package."""

    bench: Bench
    env: str


@pytest.fixture(params=["deployed", "fresh and named"])
def site(shop: Shop, request: pytest.FixtureRequest) -> Iterator[Site]:
    """A deployed environment; and one that has only its roles, in an application with domain, tags and boundary.

    The latter has no services: the original packages no CDN while a service lacks the alias that it would stand for.
    """
    if request.param == "deployed":
        yield Site(bench=shop.bench, env="test")
        return
    shop.bench.run("env", "init", "--name", "spare", "--profile", "local", "--default-config").checked()
    ssm, path = client(shop.bench, "ssm"), names.app_parameter("shop")
    before = ssm.get_parameter(Name=path)["Parameter"]["Value"]
    ssm.put_parameter(Name=path, Value=json.dumps({**json.loads(before), **NAMED}), Type="String", Overwrite=True)
    yield Site(bench=shop.bench, env="spare")
    ssm.put_parameter(Name=path, Value=before, Type="String", Overwrite=True)
    shop.bench.run("env", "delete", "--name", "spare", "--yes").checked()


def test_environments_are_packaged_alike(site: Site) -> None:
    for case in PACKAGED:
        require_same(site, case, (HERE / case / "manifest.yml").read_text())
    for feature, text in MORE.items():
        require_same(site, feature, f"name: test\ntype: Environment\n{text}\n")


def require_same(site: Site, case: str, manifest: str) -> None:
    path = site.bench.workspace / "copilot" / "environments" / site.env / "manifest.yml"
    before = path.read_text()
    path.write_text(manifest.replace("name: test", f"name: {site.env}", 1))
    try:
        with ThreadPoolExecutor(2) as pool:
            theirs, ours = pool.map(lambda tool: packaged(site, case, tool), ("run", "ours"))
    finally:
        path.write_text(before)
    assert differences(theirs[0], ours[0]) == "", case
    assert theirs[1] == ours[1], case


def packaged(site: Site, case: str, tool: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The template and the parameters that a tool writes for the manifest in the workspace."""
    output = site.bench.folder / "packages" / f"{case}-{site.env}-{tool}"
    command = ("env", "package", "--name", site.env, "--output-dir", str(output))
    {"run": site.bench.run, "ours": site.bench.ours}[tool](*command).checked()
    template = load((output / f"{site.env}.env.yml").read_text())
    return template, json.loads((output / f"{site.env}.env.params.json").read_text())
