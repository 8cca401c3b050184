"""Application shop as AWS Copilot 1.34.1 makes it: two environments in two regions, a web service and a backend."""

from __future__ import annotations

import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3
from bench import Bench, Ran

from copilot.cfn import load

APP = "shop"
REGIONS = {"test": "us-west-2", "prod": "eu-west-1"}
SERVICES = {"web": "Load Balanced Web Service", "api": "Backend Service"}
IMAGE = "example.test/hello:1"
HELLO = """
import http.server, os

class Hello(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello")

address = (os.environ.get("HOST", "127.0.0.1"), int(os.environ["PORT"]))
http.server.ThreadingHTTPServer(address, Hello).serve_forever()
"""
SETTINGS = """
variables:
  ZONE: east
  LEVEL: info
secrets:
  TOKEN: /copilot/${COPILOT_APPLICATION_NAME}/${COPILOT_ENVIRONMENT_NAME}/secrets/token
"""


@dataclass(frozen=True, kw_only=True)
class Shop:
    """The application, the bench that it stands on, and its environments' first templates."""

    bench: Bench
    bootstraps: Mapping[str, dict[str, Any]]


def make_shop(bench: Bench) -> Shop:
    """Every command as a user of the original would type it; what may happen at once does."""
    bench.image(IMAGE, HELLO)
    bench.run("app", "init", APP, "--resource-tags", "team=core").checked()
    for env, region in REGIONS.items():
        profile = ("--profile", "local", "--region", region)
        bench.run("env", "init", "--name", env, *profile, "--default-config").checked()
    bootstraps = {env: template(bench, f"{APP}-{env}", region) for env, region in REGIONS.items()}
    at_once([lambda env=env: bench.run("env", "deploy", "--name", env) for env in REGIONS])
    for name, kind in SERVICES.items():
        bench.run("svc", "init", "--name", name, "--svc-type", kind, "--image", IMAGE, "--port", "8080").checked()
    bench.run("secret", "init", "--name", "token", "--values", "test=one,prod=two").checked()
    manifest = bench.workspace / "copilot" / "api" / "manifest.yml"
    manifest.write_text(manifest.read_text() + SETTINGS)
    for name in SERVICES:
        at_once(
            [lambda env=env, name=name: bench.run("svc", "deploy", "--name", name, "--env", env) for env in REGIONS]
        )
    return Shop(bench=bench, bootstraps=bootstraps)


def at_once(commands: list[Callable[[], Ran]]) -> list[Ran]:
    """Runs commands side by side; all must succeed."""
    with ThreadPoolExecutor(len(commands)) as pool:
        return [ran.checked() for ran in pool.map(lambda command: command(), commands)]


def client(bench: Bench, service: str, region: str = "") -> Any:
    """A client of the bench's cloud."""
    endpoint = bench.endpoint
    return boto3.client(
        service,
        region_name=region or endpoint.region,
        endpoint_url=endpoint.url,
        aws_access_key_id=endpoint.access_key,
        aws_secret_access_key=endpoint.secret_key,
    )


def template(bench: Bench, stack: str, region: str = "") -> dict[str, Any]:
    """A deployed template, parsed."""
    return load(client(bench, "cloudformation", region).get_template(StackName=stack)["TemplateBody"])


def described_stacks(bench: Bench) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every stack of the application, with its region."""
    for region in REGIONS.values():
        for stack in client(bench, "cloudformation", region).describe_stacks()["Stacks"]:
            if stack["StackName"].removeprefix("StackSet-").startswith(f"{APP}-"):
                yield region, stack


def physical_ids(bench: Bench) -> dict[tuple[str, str], str]:
    """The physical id of every resource, by region and stack and logical id."""
    found = {}
    for region, stack in described_stacks(bench):
        name = stack["StackName"]
        listed = client(bench, "cloudformation", region).describe_stack_resources(StackName=name)["StackResources"]
        for resource in listed:
            found[f"{region} {name}", resource["LogicalResourceId"]] = resource.get("PhysicalResourceId", "")
    return found


@dataclass(kw_only=True)
class Visits:
    """How often the services were asked, and what went wrong."""

    count: int = 0
    failures: list[str] = field(default_factory=list)


@contextmanager
def visited(bench: Bench) -> Iterator[Visits]:
    """Asks every load balancer again and again, as visitors do, until the block ends."""
    visits, ended = Visits(), threading.Event()
    urls = [balancer.url for balancer in bench.cloud.status().balancers]
    assert len(urls) >= len(REGIONS)

    def visit() -> None:
        while not ended.wait(0.05):
            for url in urls:
                visits.count += 1
                try:
                    with urllib.request.urlopen(url, timeout=60) as answer:
                        answer.read()
                except OSError as error:
                    visits.failures.append(f"{time.strftime('%X')} {url}: {error}")

    visitor = threading.Thread(target=visit)
    visitor.start()
    try:
        yield visits
    finally:
        ended.set()
        visitor.join(120)
