from __future__ import annotations

import pytest
from manifests import API, ENV, WEB, environment, service, told

from copilot.manifest import BackendService, LoadBalancedWebService
from copilot.manifest.parts.count import Count
from copilot.manifest.parts.http import Alias, HealthCheck, Http
from copilot.manifest.parts.image import Build, ContainerHealthCheck
from copilot.manifest.parts.network import Connect, Placement, SecurityGroups
from copilot.manifest.parts.task import Platform, Secret, TextOrImport


def http_of(text: str) -> Http:
    manifest = service(text)
    assert manifest.http is not None
    return manifest.http


def test_a_web_service_has_the_defaults_of_the_original() -> None:
    manifest = service(WEB)
    assert isinstance(manifest, LoadBalancedWebService)
    assert (manifest.cpu, manifest.memory, manifest.count.desired, manifest.exec) == (256, 512, 1, False)
    assert manifest.network.vpc.placement == Placement(where="public")
    assert manifest.network.connect is None
    assert manifest.platform is None
    assert manifest.logging.retention == 30
    assert manifest.image.healthcheck is None


def test_keys_that_hold_anchors_are_passed_over() -> None:
    shared = service(f"x-common: &common {{A: '1'}}\n{WEB}variables: *common\n")
    assert shared == service(f"{WEB}variables: {{A: '1'}}\n")
    assert environment(f"x-here: 1\n{ENV}") == environment(ENV)


def test_a_rule_has_the_defaults_of_the_original() -> None:
    http = http_of(WEB)
    assert http.healthcheck == HealthCheck(path="/")
    assert http.healthcheck.interval is None
    assert (http.deregistration_delay, http.stickiness, http.grace_period) == (60, False, 60)
    assert http.rules == (http,)


def test_a_backend_service_needs_neither_port_nor_load_balancer() -> None:
    manifest = service(API)
    assert isinstance(manifest, BackendService)
    assert manifest.http is None
    assert manifest.image.port is None


@pytest.mark.parametrize(
    ("written", "dockerfile", "context"),
    [
        ("build: Dockerfile", "Dockerfile", "."),
        ("build: ./a/b/Dockerfile.dev", "a/b/Dockerfile.dev", "a/b"),
        ("build: {dockerfile: a/Dockerfile}", "a/Dockerfile", "a"),
        ("build: {context: a}", "a/Dockerfile", "a"),
        ("build: {dockerfile: a/Dockerfile, context: .}", "a/Dockerfile", "."),
        ("build: {args: {X: 1}}", "Dockerfile", "."),
        ("build: /abs/Dockerfile", "/abs/Dockerfile", "/abs"),
    ],
)
def test_a_build_always_has_a_dockerfile_and_a_context(written: str, dockerfile: str, context: str) -> None:
    build = service(WEB.replace("build: web/Dockerfile", written)).image.build
    assert build is not None
    assert (build.dockerfile, build.context) == (dockerfile, context)


def test_build_arguments_are_text() -> None:
    build = service(
        WEB.replace("build: web/Dockerfile", "build: {args: {X: 010, Y: yes, Z: }, cache_from: [a, b]}")
    ).image.build
    assert build == Build(args={"X": "010", "Y": "yes", "Z": ""}, cache_from=("a", "b"))


def test_one_field_of_a_container_health_check_brings_the_others() -> None:
    image = service(WEB.replace("  port", "  healthcheck: {retries: 5}\n  port")).image
    assert image.healthcheck == ContainerHealthCheck(retries=5)
    assert image.healthcheck.command == ("CMD-SHELL", "curl -f http://localhost/ || exit 1")
    assert image.healthcheck.interval == 10


def test_an_empty_container_health_check_is_none() -> None:
    assert service(WEB.replace("  port", "  healthcheck: {}\n  port")).image.healthcheck is None


@pytest.mark.parametrize("written", ["sh -c 'echo \"a b\"'", '[sh, -c, echo "a b"]'])
def test_commands_are_words_in_both_forms(written: str) -> None:
    manifest = service(f"{WEB}command: {written}\nentrypoint: {written}\n")
    assert manifest.command == manifest.entrypoint == ("sh", "-c", 'echo "a b"')


def test_a_command_with_an_open_quote_is_refused() -> None:
    assert told(f'{WEB}command: sh -c "x\n') == ["8: command: is not a shell command: no closing quotation"]


def test_a_health_check_may_be_a_path() -> None:
    assert http_of(WEB + "  healthcheck: /live\n").healthcheck == HealthCheck(path="/live")


def test_a_health_check_may_be_a_mapping() -> None:
    written = "  healthcheck: {path: /live, port: 81, success_codes: 200, interval: 7s, grace_period: 0s}\n"
    http = http_of(WEB + written)
    assert http.healthcheck == HealthCheck(path="/live", port=81, success_codes="200", interval=7, grace_period=0)
    assert http.grace_period == 0


@pytest.mark.parametrize("written", ["a.com", "[a.com]", "[{name: a.com}]"])
def test_an_alias_is_a_list_of_names_in_every_form(written: str) -> None:
    assert http_of(WEB + f"  alias: {written}\n").alias == (Alias(name="a.com"),)


def test_an_alias_may_name_its_zone() -> None:
    aliases = http_of(WEB + "  alias: [{name: a.com, hosted_zone: Z1}, b.com]\n").alias
    assert aliases == (Alias(name="a.com", hosted_zone="Z1"), Alias(name="b.com"))


def test_the_protocol_version_is_in_upper_case() -> None:
    assert http_of(WEB + "  version: gRPC\n").version == "GRPC"


def test_the_old_spelling_of_target_container_is_read() -> None:
    assert http_of(WEB + "  targetContainer: web\n").target_container == "web"


def test_the_old_spelling_of_target_container_is_read_in_additional_rules() -> None:
    http = http_of(WEB + "  additional_rules: [{path: /b, targetContainer: web}]\n")
    assert http.additional_rules[0].target_container == "web"


def test_a_backend_service_with_empty_http_has_none() -> None:
    assert service(f"{API}http: {{}}\n").http is None


def test_a_grace_period_in_an_additional_rule_of_a_backend_service_means_nothing() -> None:
    rules = "[{path: /a, target_port: 81, healthcheck: {grace_period: 5s}}]"
    http = service(f"{API}http: {{path: /, target_port: 80, additional_rules: {rules}}}\n").http
    assert http is not None
    assert http.grace_period == 60


def test_both_spellings_of_target_container_are_refused() -> None:
    (problem,) = told(WEB + "  targetContainer: web\n  target_container: web\n")
    assert problem.startswith("6: http: takes either target_container or targetContainer")


def test_additional_rules_are_rules() -> None:
    http = http_of(WEB + "  additional_rules:\n    - path: /b\n      healthcheck: /h\n      target_port: 81\n")
    assert [(r.path, r.healthcheck.path, r.target_port) for r in http.rules] == [("/", "/", None), ("/b", "/h", 81)]


@pytest.mark.parametrize(
    ("written", "docker", "is_windows", "is_arm"),
    [
        ("linux/arm64", "linux/arm64", False, True),
        ("Linux/X86_64", "linux/x86_64", False, False),
        ("windows/amd64", "windows/amd64", True, False),
        ("{osfamily: windows_server_2022_full, architecture: x86_64}", "windows/x86_64", True, False),
        ("{osfamily: linux, architecture: arm}", "linux/arm", False, True),
    ],
)
def test_a_platform_is_a_pair_in_both_forms(written: str, docker: str, is_windows: bool, is_arm: bool) -> None:
    platform = service(f"{WEB}platform: {written}\n").platform
    assert platform is not None
    assert (platform.docker, platform.is_windows, platform.is_arm) == (docker, is_windows, is_arm)


@pytest.mark.parametrize(
    "written",
    ["linux", "linux/riscv", "windows/arm64", "{osfamily: linux}", "{osfamily: windows, architecture: arm}", "[linux]"],
)
def test_what_is_no_platform_is_refused(written: str) -> None:
    (problem,) = told(f"{WEB}platform: {written}\n")
    assert problem.startswith("8: platform: ")


def test_a_platform_may_be_made_by_hand() -> None:
    assert Platform(osfamily="linux", architecture="arm64").docker == "linux/arm64"


def test_variables_and_secrets_have_all_their_forms() -> None:
    manifest = service(
        f"""{WEB}
variables:
  A: text
  B: {{from_cfn: an-export}}
secrets:
  C: /a/parameter
  D: {{secretsmanager: "name:key::"}}
  E: {{from_cfn: another}}
"""
    )
    assert manifest.variables == {"A": TextOrImport(value="text"), "B": TextOrImport(from_cfn="an-export")}
    assert manifest.secrets == {
        "C": Secret(value="/a/parameter"),
        "D": Secret(secretsmanager="name:key::"),
        "E": Secret(from_cfn="another"),
    }


@pytest.mark.parametrize("written", ["{value: x}", "{}", "[a]", "{from_cfn: }", "{from_cfn: a, secretsmanager: b}"])
def test_a_secret_in_no_known_form_is_refused(written: str) -> None:
    (problem,) = told(f"{WEB}secrets:\n  A: {written}\n")
    assert problem.startswith("9: secrets.A: must be text or a mapping with")


@pytest.mark.parametrize(("written", "desired"), [("3", 3), ("0", 0), ("{spot: 2}", 2)])
def test_a_count_may_be_fixed(written: str, desired: int) -> None:
    count = service(f"{WEB}count: {written}\n").count
    assert count.desired == desired
    assert not count.is_autoscaled


def test_a_range_and_its_metrics_have_both_forms() -> None:
    short = service(f"{WEB}count: {{range: 1-9, cpu_percentage: 70, response_time: 500ms}}\n").count
    long = service(
        f"{WEB}count: {{range: {{min: 1, max: 9}}, cpu_percentage: {{value: 70}}, response_time: {{value: 0.5s}}}}\n"
    ).count
    assert short == long
    assert (short.desired, short.is_autoscaled) == (1, True)
    assert short.response_time is not None
    assert short.response_time.value == 0.5


def test_cooldowns_are_read() -> None:
    count = service(
        f"{WEB}count: {{range: 1-2, cooldown: {{in: 1m}}, requests: {{value: 10, cooldown: {{out: 30s}}}}}}\n"
    ).count
    assert (count.cooldown.into, count.cooldown.out) == (60, None)
    assert count.requests is not None
    assert (count.requests.cooldown.into, count.requests.cooldown.out) == (None, 30)


def test_a_count_has_no_field_value() -> None:
    (problem,) = told(f"{WEB}count: {{value: 3}}\n")
    assert problem == "8: count: has no field value"


def test_a_count_may_be_made_by_hand() -> None:
    assert Count(value=3).desired == 3


def test_placement_has_all_its_forms() -> None:
    def placement(written: str) -> Placement:
        return service(f"{WEB}network:\n  vpc:\n    placement: {written}\n").network.vpc.placement

    assert placement("private") == Placement(where="private")
    assert placement("public") == Placement(where="public")
    assert placement("{subnets: [subnet-1, subnet-2]}") == Placement(where=None, subnets=("subnet-1", "subnet-2"))


def test_security_groups_have_both_forms() -> None:
    def groups(written: str) -> SecurityGroups:
        return service(f"{WEB}network:\n  vpc:\n    security_groups: {written}\n").network.vpc.security_groups

    listed = (TextOrImport(value="sg-1"), TextOrImport(from_cfn="x"))
    assert groups("[sg-1, {from_cfn: x}]") == SecurityGroups(groups=listed)
    assert groups("{groups: [sg-1, {from_cfn: x}], deny_default: true}") == SecurityGroups(
        groups=listed, deny_default=True
    )


@pytest.mark.parametrize(
    ("written", "connect"),
    [("true", Connect()), ("false", None), ("{alias: frontend}", Connect(alias="frontend")), ("", None)],
)
def test_connect_has_both_forms(written: str, connect: Connect | None) -> None:
    assert service(f"{WEB}network:\n  connect: {written}\n").network.connect == connect


def test_exec_has_both_forms() -> None:
    assert service(f"{WEB}exec: true\n").exec
    assert service(f"{WEB}exec: {{enable: true}}\n").exec


def test_depends_on_conditions_are_checked() -> None:
    (problem,) = told(WEB.replace("  port", "  depends_on: {web: soon}\n  port"))
    assert problem == "5: image.depends_on.web: must be start, healthy, complete or success"


def test_models_are_frozen() -> None:
    manifest = service(WEB)
    with pytest.raises(ValueError, match="frozen"):
        manifest.cpu = 512  # type: ignore[misc]


def test_an_environment_has_the_defaults_of_the_original() -> None:
    manifest = environment(ENV)
    assert not manifest.network.vpc.is_imported
    assert not manifest.network.vpc.is_adjusted
    assert manifest.network.vpc.flow_logs is None
    assert manifest.cdn is None
    assert manifest.http.public.access_logs is None
    assert not manifest.observability.container_insights


def test_switches_of_an_environment_have_both_forms() -> None:
    on = environment(f"{ENV}network: {{vpc: {{flow_logs: on}}}}\ncdn: true\nhttp: {{public: {{access_logs: true}}}}\n")
    assert on.network.vpc.flow_logs is not None
    assert on.network.vpc.flow_logs.retention == 14
    assert on.cdn is not None
    assert on.http.public.access_logs is not None
    off = environment(
        f"{ENV}network: {{vpc: {{flow_logs: false}}}}\ncdn: false\nhttp: {{public: {{access_logs: no}}}}\n"
    )
    assert (off.network.vpc.flow_logs, off.cdn, off.http.public.access_logs) == (None, None, None)


def test_old_spellings_of_ingress_are_read() -> None:
    manifest = environment(
        f"""{ENV}cdn: true
http:
  public: {{security_groups: {{ingress: {{restrict_to: {{cdn: true}}}}}}}}
  private: {{security_groups: {{ingress: {{from_vpc: true}}}}}}
"""
    )
    assert manifest.http.public.ingress.cdn
    assert manifest.http.private.ingress.vpc


def test_old_and_new_spellings_of_ingress_together_are_refused() -> None:
    (problem,) = told(
        f"{ENV}http:\n  private: {{ingress: {{vpc: true}}, security_groups: {{ingress: {{from_vpc: true}}}}}}\n"
    )
    assert problem.startswith("4: http.private: takes either ingress or security_groups.ingress")


@pytest.mark.parametrize(
    ("written", "first", "last"), [("443", 443, 443), ("'8000-8080'", 8000, 8080), ("0", 0, 0), ("-1", -1, -1)]
)
def test_ports_of_security_group_rules_are_ranges(written: str, first: int, last: int) -> None:
    rule = f"{{ip_protocol: tcp, ports: {written}, cidr: 0.0.0.0/0}}"
    manifest = environment(f"{ENV}network:\n  vpc:\n    security_group:\n      ingress: [{rule}]\n")
    ports = manifest.network.vpc.security_group.ingress[0].ports
    assert (ports.first, ports.last) == (first, last)


@pytest.mark.parametrize("written", ["80-", "90-80", "70000", "http", "[80]"])
def test_what_is_no_port_range_is_refused(written: str) -> None:
    rule = f"{{ip_protocol: tcp, ports: {written}, cidr: 0.0.0.0/0}}"
    (problem,) = told(f"{ENV}network:\n  vpc:\n    security_group:\n      egress: [{rule}]\n")
    assert problem.startswith("6: network.vpc.security_group.egress[0].ports: ")


def test_what_the_original_writes_for_an_internal_load_balancer_is_read() -> None:
    private = environment(f"{ENV}http: {{private: {{ingress: {{from_vpc: true}}}}}}\n").http.private
    assert not private.ingress.vpc
