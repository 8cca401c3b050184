from __future__ import annotations

import base64
import hashlib
import http.client
import json
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from copilot.local import ports
from copilot.local.clouds import Endpoint, LocalCloud


def client(service: str, endpoint: Endpoint) -> Any:
    return boto3.client(
        service,
        endpoint_url=endpoint.url,
        aws_access_key_id=endpoint.access_key,
        aws_secret_access_key=endpoint.secret_key,
        region_name=endpoint.region,
        config=Config(retries={"total_max_attempts": 1}),
    )


def wait_until(condition: Callable[[], Any], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


class App(BaseHTTPRequestHandler):
    """Says its name and what it was sent; `/status/N` answers N, `/stream` in pieces, `/socket` switches protocols."""

    protocol_version = "HTTP/1.1"
    server: AppServer  # type: ignore[assignment]

    def do_GET(self) -> None:
        self.server.paths.append(self.path)
        if self.headers.get("Upgrade") == "websocket":
            self._echo_socket()
        elif self.path == "/stream":
            self._stream()
        elif self.path == "/healthz":
            self._say(self.server.health_status, b"")
        else:
            status = int(self.path.rpartition("/")[2]) if self.path.startswith("/status/") else 200
            told = {
                "app": self.server.name,
                "path": self.path,
                "headers": {k.lower(): v for k, v in self.headers.items()},
            }
            self._say(status, json.dumps(told).encode())

    def do_HEAD(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1234")
        self.end_headers()

    def do_POST(self) -> None:
        body = self._body()
        self._say(200, json.dumps({"bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()}).encode())

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _say(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _stream(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"5\r\nfirst\r\n")
        self.server.go_on.wait()
        self.wfile.write(b"6\r\nsecond\r\n0\r\n\r\n")

    def _echo_socket(self) -> None:
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.end_headers()
        while data := self.connection.recv(1000):
            self.connection.sendall(data.upper())
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the name is http.server's)
        pass


class AppServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, name: str) -> None:
        super().__init__(("127.0.0.1", 0), App)
        self.name = name
        self.health_status = 200
        self.paths: list[str] = []
        self.go_on = threading.Event()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()


@pytest.fixture
def app() -> Iterator[Callable[[str], AppServer]]:
    """Starts small HTTP servers."""
    running: list[AppServer] = []

    def start(name: str) -> AppServer:
        running.append(AppServer(name))
        return running[-1]

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


@dataclass(frozen=True)
class Front:
    """A load balancer with one HTTP listener, and short ways to furnish it."""

    elb: Any
    arn: str
    name: str  # its DNS name
    listener: str

    @property
    def port(self) -> int:
        return int(self.name.partition(":")[2])

    def group(self, name: str, *servers: AppServer, **options: Any) -> str:
        settings = {"Protocol": "HTTP", "Port": 80, "VpcId": "vpc-1", "TargetType": "ip", "HealthCheckPath": "/healthz"}
        made = self.elb.create_target_group(Name=name, **(settings | options))["TargetGroups"][0]["TargetGroupArn"]
        if servers:
            self.elb.register_targets(TargetGroupArn=made, Targets=[target(server) for server in servers])
        return str(made)

    def rule(self, priority: int, action: Any, *conditions: tuple[str, str]) -> None:
        asked = [{"Field": field, "Values": [value]} for field, value in conditions]
        action = {"Type": "forward", "TargetGroupArn": action} if isinstance(action, str) else action
        self.elb.create_rule(ListenerArn=self.listener, Priority=priority, Conditions=asked, Actions=[action])

    def default(self, group: str) -> None:
        action = {"Type": "forward", "TargetGroupArn": group}
        self.elb.modify_listener(ListenerArn=self.listener, DefaultActions=[action])

    def health(self, group: str) -> dict[int, tuple[str, str]]:
        """State and reason by port."""
        found = self.elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
        return {
            each["Target"]["Port"]: (each["TargetHealth"]["State"], each["TargetHealth"].get("Reason", ""))
            for each in found
        }

    def wait_until_healthy(self, group: str) -> None:
        wait_until(lambda: {state for state, _ in self.health(group).values()} == {"healthy"})

    def ask(self, path: str, method: str = "GET", **options: Any) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, **options)
            response = connection.getresponse()
            return response.status, {k.lower(): v for k, v in response.getheaders()}, response.read()
        finally:
            connection.close()

    def told(self, path: str, **options: Any) -> dict[str, Any]:
        """What the app behind says that it was sent."""
        status, _, body = self.ask(path, **options)
        assert status == 200, body
        return dict(json.loads(body))


def target(server: AppServer) -> dict[str, Any]:
    return {"Id": "127.0.0.1", "Port": server.server_port}


def front_at(endpoint: Endpoint, name: str = "front", **options: Any) -> Front:
    elb = client("elbv2", endpoint)
    balancer = elb.create_load_balancer(Name=name, **options)["LoadBalancers"][0]
    nothing = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404", "MessageBody": "nothing here"}}
    listener = elb.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"], Port=80, Protocol="HTTP", DefaultActions=[nothing]
    )["Listeners"][0]
    return Front(elb, balancer["LoadBalancerArn"], balancer["DNSName"], listener["ListenerArn"])


@pytest.fixture
def front(endpoint: Endpoint) -> Front:
    return front_at(endpoint)


def test_a_load_balancer_is_named_after_its_port_everywhere(front: Front, endpoint: Endpoint) -> None:
    assert front.name == f"localhost:{front.port}"
    described = front.elb.describe_load_balancers(Names=["front"])["LoadBalancers"][0]
    assert described["DNSName"] == front.name
    template = {
        "Resources": {
            "LB": {
                "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer",
                "Properties": {"Subnets": ["subnet-1", "subnet-2"]},
            }
        },
        "Outputs": {"Name": {"Value": {"Fn::GetAtt": ["LB", "DNSName"]}}},
    }
    cloudformation = client("cloudformation", endpoint)
    cloudformation.create_stack(StackName="s", TemplateBody=json.dumps(template))
    cloudformation.get_waiter("stack_create_complete").wait(StackName="s", WaiterConfig={"Delay": 1})
    (output,) = cloudformation.describe_stacks(StackName="s")["Stacks"][0]["Outputs"]
    names = {each["DNSName"] for each in front.elb.describe_load_balancers()["LoadBalancers"]}
    assert names == {front.name, output["OutputValue"]} and len(names) == 2


def test_rules_decide_by_path_host_and_priority(front: Front, app: Callable[[str], AppServer]) -> None:
    groups = {name: front.group(name, app(name)) for name in ("web", "api", "admin")}
    front.default(groups["web"])
    front.rule(20, groups["api"], ("path-pattern", "/api/*"))
    front.rule(10, groups["admin"], ("path-pattern", "/api/admin/*"))
    front.rule(5, groups["admin"], ("host-header", "admin.example.com"))
    for group in groups.values():
        front.wait_until_healthy(group)
    assert front.told("/")["app"] == "web"
    assert front.told("/api/x?q=1")["app"] == "api"
    assert front.told("/api/admin/x")["app"] == "admin"
    assert front.told("/", headers={"Host": f"admin.example.com:{front.port}"})["app"] == "admin"
    assert front.told("/", headers={"Host": f"other.localhost:{front.port}"})["app"] == "web"


def test_a_target_sees_the_request_as_it_was_and_who_sent_it(front: Front, app: Callable[[str], AppServer]) -> None:
    group = front.group("web", app("web"))
    front.default(group)
    front.wait_until_healthy(group)
    told = front.told(
        "/a%20b/?x=1&x=2", headers={"X-Forwarded-For": "10.1.1.1", "X-Own": "kept", "Connection": "X-Hop", "X-Hop": "1"}
    )
    headers = told["headers"]
    assert told["path"] == "/a%20b/?x=1&x=2"
    assert headers["host"] == f"127.0.0.1:{front.port}"
    assert headers["x-forwarded-for"] == "10.1.1.1, 127.0.0.1"
    assert (headers["x-forwarded-proto"], headers["x-forwarded-port"]) == ("http", str(front.port))
    assert headers["x-amzn-trace-id"].startswith("Root=1-")
    assert headers["x-own"] == "kept" and "x-hop" not in headers


def test_a_source_address_can_be_given_by_hand(front: Front, app: Callable[[str], AppServer]) -> None:
    group = front.group("office", app("office"))
    front.rule(1, group, ("source-ip", "203.0.113.0/24"))
    front.wait_until_healthy(group)
    assert front.ask("/")[0] == 404
    assert front.told("/", headers={"X-Forwarded-For": "203.0.113.7"})["app"] == "office"


def test_fixed_responses_and_redirects_are_the_load_balancers_own(front: Front) -> None:
    front.rule(
        1,
        {"Type": "redirect", "RedirectConfig": {"Path": "/new/#{path}", "StatusCode": "HTTP_301"}},
        ("path-pattern", "/old*"),
    )
    status, headers, body = front.ask("/")
    assert (status, headers["server"], body) == (404, "awselb/2.0", b"nothing here")
    status, headers, _ = front.ask("/old?a=b")
    assert (status, headers["location"]) == (301, f"http://127.0.0.1:{front.port}/new/old?a=b")
    assert front.ask("/", "HEAD")[2] == b""


def test_without_a_target_the_answer_says_why_and_without_a_healthy_one_all_get_requests(
    front: Front, app: Callable[[str], AppServer]
) -> None:
    broken = app("broken")
    broken.health_status = 500
    group = front.group("web", UnhealthyThresholdCount=2, HealthyThresholdCount=2)
    front.default(group)
    status, _, body = front.ask("/")
    assert status == 503
    assert b"No task is registered with the target group web" in body
    front.elb.register_targets(TargetGroupArn=group, Targets=[target(broken)])
    wait_until(lambda: front.health(group)[broken.server_port] == ("unhealthy", "Target.ResponseCodeMismatch"))
    assert front.told("/")["app"] == "broken"
    broken.shutdown()
    broken.server_close()
    status, _, body = front.ask("/")
    assert status == 502
    assert f"The target 127.0.0.1 port {broken.server_port} does not answer".encode() in body


def test_a_target_that_dies_is_left_out_and_the_other_takes_over(front: Front, app: Callable[[str], AppServer]) -> None:
    stays, dies = app("stays"), app("dies")
    group = front.group("web", stays, dies)
    front.default(group)
    front.wait_until_healthy(group)
    assert {front.told("/")["app"] for _ in range(4)} == {"stays", "dies"}
    dies.shutdown()
    dies.server_close()
    assert {front.ask("/")[0] for _ in range(4)} <= {200, 502}
    wait_until(lambda: front.health(group)[dies.server_port] == ("unhealthy", "Target.FailedHealthChecks"))
    assert {front.told("/")["app"] for _ in range(4)} == {"stays"}
    front.elb.deregister_targets(TargetGroupArn=group, Targets=[target(dies)])
    assert front.health(group).keys() == {stays.server_port}


def test_a_target_group_that_no_rule_names_is_unused(front: Front, app: Callable[[str], AppServer]) -> None:
    server = app("web")
    group = front.group("web", server)
    assert front.health(group) == {server.server_port: ("unused", "Target.NotInUse")}
    assert server.paths == []


def test_a_sticky_client_stays_with_its_target(front: Front, app: Callable[[str], AppServer]) -> None:
    group = front.group("web", app("one"), app("two"))
    sticky = {"Key": "stickiness.enabled", "Value": "true"}
    front.elb.modify_target_group_attributes(TargetGroupArn=group, Attributes=[sticky])
    front.default(group)
    front.wait_until_healthy(group)
    _, headers, body = front.ask("/")
    cookie = headers["set-cookie"].partition(";")[0]
    assert cookie.startswith("AWSALB=")
    again = {front.told("/", headers={"Cookie": f"a=b; {cookie}"})["app"] for _ in range(6)}
    assert again == {json.loads(body)["app"]}


def test_bodies_go_through_in_both_directions_whatever_their_form(
    front: Front, app: Callable[[str], AppServer]
) -> None:
    server = app("web")
    group = front.group("web", server)
    front.default(group)
    front.wait_until_healthy(group)
    content = os.urandom(3_000_000)
    digest = hashlib.sha256(content).hexdigest()
    assert json.loads(front.ask("/", "POST", body=content)[2]) == {"bytes": len(content), "sha256": digest}
    pieces = (content[start : start + 70_000] for start in range(0, len(content), 70_000))
    sent = front.ask("/", "POST", body=pieces, encode_chunked=True, headers={"Transfer-Encoding": "chunked"})
    assert json.loads(sent[2])["sha256"] == digest
    status, headers, body = front.ask("/", "HEAD")
    assert (status, headers["content-length"], body) == (200, "1234", b"")
    assert front.ask("/status/204")[0] == 204


def test_a_stream_arrives_as_it_is_sent(front: Front, app: Callable[[str], AppServer]) -> None:
    server = app("web")
    group = front.group("web", server)
    front.default(group)
    front.wait_until_healthy(group)
    connection = http.client.HTTPConnection("127.0.0.1", front.port, timeout=60)
    connection.request("GET", "/stream")
    response = connection.getresponse()
    assert response.read1(100) == b"first"
    server.go_on.set()
    assert response.read() == b"second"
    connection.request("GET", "/after")
    assert json.loads(connection.getresponse().read())["path"] == "/after", "the connection is kept"
    connection.close()


def test_a_websocket_goes_through(front: Front, app: Callable[[str], AppServer]) -> None:
    group = front.group("web", app("web"))
    front.default(group)
    front.wait_until_healthy(group)
    key = base64.b64encode(os.urandom(16)).decode()
    with socket.create_connection(("127.0.0.1", front.port), timeout=60) as connection:
        connection.sendall(
            f"GET /socket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\nearly".encode()
        )
        received = b""
        while b"\r\n\r\n" not in received or not received.endswith(b"EARLY"):
            received += connection.recv(1000)
        assert received.startswith(b"HTTP/1.1 101")
        connection.sendall(b"later")
        assert connection.recv(1000) == b"LATER"


def test_nonsense_gets_a_400_and_not_a_crash(front: Front) -> None:
    with socket.create_connection(("127.0.0.1", front.port), timeout=60) as connection:
        connection.sendall(b"this is not http\r\n\r\n")
        assert connection.recv(1000).startswith(b"HTTP/1.1 400")
    assert front.ask("/")[0] == 404


def test_a_network_load_balancer_passes_bytes(endpoint: Endpoint, app: Callable[[str], AppServer]) -> None:
    elb = client("elbv2", endpoint)
    server = app("web")
    balancer = elb.create_load_balancer(Name="net", Type="network")["LoadBalancers"][0]
    front = Front(elb, balancer["LoadBalancerArn"], balancer["DNSName"], "")
    group = front.group("web", server, Protocol="TCP", HealthCheckProtocol="TCP")
    action = {"Type": "forward", "TargetGroupArn": group}
    elb.create_listener(LoadBalancerArn=front.arn, Port=443, Protocol="TCP", DefaultActions=[action])
    front.wait_until_healthy(group)
    assert "x-forwarded-for" not in front.told("/")["headers"]


def test_a_deleted_load_balancer_closes_its_port(front: Front) -> None:
    assert ports.is_answering(front.port)
    front.elb.delete_load_balancer(LoadBalancerArn=front.arn)
    wait_until(lambda: not ports.is_answering(front.port))


@pytest.fixture
def local(tmp_path: Path) -> Iterator[LocalCloud]:
    cloud = LocalCloud.at(tmp_path / "shop", {**os.environ, "COPILOT_LOCAL_HOME": str(tmp_path / "clouds")})
    cloud.start(engine="host")
    yield cloud
    cloud.stop()


def test_a_port_is_kept_over_restarts_orderly_or_not(local: LocalCloud, app: Callable[[str], AppServer]) -> None:
    other = replace(local.ensure(), access_key="210987654321", region="eu-west-1")
    front = front_at(other)
    group = front.group("web", app("web"))
    front.default(group)
    front.wait_until_healthy(group)
    local.stop()
    wait_until(lambda: not ports.is_answering(front.port))
    local.start()
    front.wait_until_healthy(group)
    assert front.told("/")["app"] == "web"
    saved = local.home.state / "alb.json"
    wait_until(lambda: saved.exists() and group in saved.read_text())
    os.kill(local.status().pid, signal.SIGKILL)
    wait_until(lambda: not local.status().running)
    local.start()
    front.wait_until_healthy(group)
    assert front.told("/")["app"] == "web"
    (balancer,) = local.status().balancers
    assert (balancer.name, balancer.port) == ("front", front.port)
    assert (balancer.account, balancer.region) == ("210987654321", "eu-west-1")
    assert balancer.url == f"http://localhost:{front.port}/"


def test_a_load_balancer_that_lost_its_port_moves_and_every_name_moves_with_it(local: LocalCloud) -> None:
    endpoint = local.ensure()
    template = {
        "Resources": {
            "LB": {"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer", "Properties": {"Subnets": ["s-1", "s-2"]}}
        },
        "Outputs": {"Name": {"Value": {"Fn::GetAtt": ["LB", "DNSName"]}, "Export": {"Name": "public"}}},
    }
    cloudformation = client("cloudformation", endpoint)
    cloudformation.create_stack(StackName="s", TemplateBody=json.dumps(template))
    cloudformation.get_waiter("stack_create_complete").wait(StackName="s", WaiterConfig={"Delay": 1})
    (before,) = local.status().balancers
    local.stop()
    with ports.bind(before.port):
        local.start()
    (after,) = local.status().balancers
    assert after.port != before.port
    (output,) = cloudformation.describe_stacks(StackName="s")["Stacks"][0]["Outputs"]
    assert output["OutputValue"] == f"localhost:{after.port}"
    assert cloudformation.list_exports()["Exports"][0]["Value"] == f"localhost:{after.port}"
    described = client("elbv2", endpoint).describe_load_balancers()["LoadBalancers"][0]
    assert described["DNSName"] == f"localhost:{after.port}"
    assert f"moved from localhost:{before.port} to localhost:{after.port}" in local.log_path.read_text()


def weighted(**weights: int) -> dict[str, Any]:
    groups = [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in weights.items()]
    return {"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}


def test_a_weighted_forward_gives_each_group_its_share(front: Front, app: Callable[[str], AppServer]) -> None:
    groups = {name: front.group(name, app(name)) for name in ("blue", "green", "none")}
    shares = {groups["blue"]: 3, groups["green"]: 1, groups["none"]: 0}
    front.rule(5, weighted(**shares), ("path-pattern", "/split/*"))
    for group in groups.values():
        front.wait_until_healthy(group)
    asked = [front.told("/split/x")["app"] for _ in range(40)]
    assert 28 <= asked.count("blue") <= 32 and asked.count("blue") + asked.count("green") == 40
    rules = front.elb.describe_rules(ListenerArn=front.listener)["Rules"]
    told = next(each for each in rules if each["Priority"] == "5")["Actions"][0]["ForwardConfig"]["TargetGroups"]
    assert {each["TargetGroupArn"]: each["Weight"] for each in told} == shares


def test_a_template_s_weighted_forward_is_kept(
    front: Front, endpoint: Endpoint, app: Callable[[str], AppServer]
) -> None:
    groups = [front.group(name, app(name)) for name in ("one", "two")]
    rule = {
        "ListenerArn": front.listener,
        "Priority": 7,
        "Conditions": [{"Field": "path-pattern", "Values": ["/*"]}],
        "Actions": [weighted(**dict.fromkeys(groups, 1))],
    }
    template = {"Resources": {"Rule": {"Type": "AWS::ElasticLoadBalancingV2::ListenerRule", "Properties": rule}}}
    cloudformation = client("cloudformation", endpoint)
    cloudformation.create_stack(StackName="split", TemplateBody=json.dumps(template))
    cloudformation.get_waiter("stack_create_complete").wait(StackName="split", WaiterConfig={"Delay": 1})
    for group in groups:
        front.wait_until_healthy(group)
    assert {front.told("/x")["app"] for _ in range(10)} == {"one", "two"}
