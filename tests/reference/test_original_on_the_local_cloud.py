"""AWS Copilot 1.34.1 takes the local cloud for AWS, from an application's first command to its last."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

import boto3
import pytest
from bench import Bench

pytestmark = [pytest.mark.reference, pytest.mark.timeout(3600)]

IMAGE = "example.test/hello:1"
HELLO = """
import http.server, os

class Hello(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello")

http.server.HTTPServer((os.environ.get("HOST", "127.0.0.1"), int(os.environ["PORT"])), Hello).serve_forever()
"""


def client(original: Bench, service: str) -> Any:
    endpoint = original.endpoint
    return boto3.client(
        service,
        region_name=endpoint.region,
        endpoint_url=endpoint.url,
        aws_access_key_id=endpoint.access_key,
        aws_secret_access_key=endpoint.secret_key,
    )


def stacks(original: Bench) -> dict[str, str]:
    """The status of every stack that is there."""
    listed = client(original, "cloudformation").describe_stacks()["Stacks"]
    return {stack["StackName"]: stack["StackStatus"] for stack in listed}


def test_an_application_lives_its_whole_life_on_the_local_cloud(original: Bench) -> None:
    original.image(IMAGE, HELLO)
    make_an_application(original)
    make_a_service(original)
    change_it(original)
    package_it(original)
    look_at_it(original)
    delete_everything(original)


def make_an_application(original: Bench) -> None:
    original.run("app", "init", "shop", "--resource-tags", "team=core").checked()
    original.run("env", "init", "--name", "test", "--profile", "local", "--default-config").checked()
    original.run("env", "deploy", "--name", "test").checked()
    assert stacks(original)["shop-test"] == "UPDATE_COMPLETE"
    assert "shop" in original.run("app", "ls").checked().stdout.split()


def make_a_service(original: Bench) -> None:
    kind = ("--svc-type", "Load Balanced Web Service", "--image", IMAGE, "--port", "8080")
    original.run("svc", "init", "--name", "web", *kind).checked()
    original.run("svc", "deploy", "--name", "web", "--env", "test").checked()
    assert stacks(original)["shop-test-web"] == "CREATE_COMPLETE"
    (balancer,) = original.cloud.status().balancers
    with urllib.request.urlopen(balancer.url, timeout=60) as answer:
        assert answer.read() == b"hello"
    again = original.run("svc", "deploy", "--name", "web", "--env", "test").checked()
    assert "no changes" in again.stderr


def change_it(original: Bench) -> None:
    """Several times in a row, as a deployment may end in the very second in which it began."""
    manifest = original.workspace / "copilot" / "web" / "manifest.yml"
    text = manifest.read_text()
    for number in range(1, 4):
        manifest.write_text(f'{text}\nvariables:\n  ROUND: "{number}"\n')
        original.run("svc", "deploy", "--name", "web", "--env", "test").checked()
        assert stacks(original)["shop-test-web"] == "UPDATE_COMPLETE"


def package_it(original: Bench) -> None:
    output = original.folder / "package"
    original.run("svc", "package", "--name", "web", "--env", "test", "--output-dir", str(output)).checked()
    assert json.loads((output / "web-test.params.json").read_text())["Parameters"]["WorkloadName"] == "web"
    assert "AWS::ECS::Service" in (output / "web-test.stack.yml").read_text()


def look_at_it(original: Bench) -> None:
    service = json.loads(original.run("svc", "show", "--name", "web", "--json").checked().stdout)
    assert (service["service"], service["routes"][0]["environment"]) == ("web", "test")
    status = json.loads(original.run("svc", "status", "--name", "web", "--env", "test", "--json").checked().stdout)
    assert status["Service"]["runningCount"] == 1
    app = json.loads(original.run("app", "show", "--name", "shop", "--json").checked().stdout)
    assert [environment["name"] for environment in app["environments"]] == ["test"]
    assert original.run("app", "show", "--name", "shop").checked().stdout.startswith("About")
    assert json.loads(original.run("env", "show", "--name", "test", "--json").checked().stdout)["services"]


def delete_everything(original: Bench) -> None:
    original.run("svc", "delete", "--name", "web", "--yes").checked()
    original.run("env", "delete", "--name", "test", "--yes").checked()
    original.run("app", "delete", "--name", "shop", "--yes").checked()
    assert stacks(original) == {}
    assert client(original, "ssm").get_parameters_by_path(Path="/copilot", Recursive=True)["Parameters"] == []
    roles = client(original, "iam").list_roles()["Roles"]
    assert [role["RoleName"] for role in roles if not role["Path"].startswith("/aws-service-role/")] == []
    assert client(original, "s3").list_buckets()["Buckets"] == []
    assert client(original, "cloudformation").list_stack_sets()["Summaries"] == []
