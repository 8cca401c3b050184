from __future__ import annotations

import pytest
from manifests import API, ENV, WEB, problems, service, source, told

from copilot.errors import ManifestError, Problem
from copilot.manifest import Source, load_environment, load_workload, parse_environment, read_header
from copilot.manifest.unsupported import UNSUPPORTED_FIELDS, UNSUPPORTED_TYPES


def one(text: str) -> str:
    (problem,) = told(text)
    return problem


def test_every_problem_is_told_at_once_in_the_order_of_the_lines() -> None:
    text = """\
name: web
type: Load Balanced Web Service
image:
  build: web/Dockerfile
  port: eighty
http:
  pth: /
cpu: [1]
variables: none
"""
    assert told(text) == [
        "5: image.port: must be a whole number",
        "6: http.path: is required",
        "7: http.pth: is not a known field (did you mean path?)",
        "8: cpu: must be a whole number",
        "9: variables: must be a mapping",
    ]


def test_the_error_counts_the_problems_and_shows_them_with_path_and_hint() -> None:
    with pytest.raises(ManifestError) as caught:
        service(WEB + "  pth: /\ncpu: x\n")
    assert caught.value.message == "manifest is not valid: 2 problems found"
    assert caught.value.details.splitlines() == [
        "copilot/web/manifest.yml:8: http.pth: is not a known field (did you mean path?)",
        "copilot/web/manifest.yml:9: cpu: must be a whole number",
    ]
    assert caught.value.hints == ("did you mean http.path?",)


def test_a_problem_knows_its_column() -> None:
    (problem,) = problems(WEB + "  pth: /\n")
    assert (problem.line, problem.column) == (8, 3)


def test_an_unknown_field_without_a_likely_name_lists_the_fields() -> None:
    (problem,) = problems(WEB.replace("  port", "  zzz: 1\n  port"))
    assert problem.hint == "the fields here are: build, credentials, depends_on, healthcheck, labels, location, port"


def test_fields_that_only_short_forms_fill_are_not_listed() -> None:
    (problem,) = problems(f"{WEB}variables:\n  A: {{import: x}}\n")
    assert problem.field == "variables.A.import"
    assert problem.hint == "the fields here are: from_cfn"


def test_a_problem_in_a_list_names_the_item() -> None:
    assert one(WEB + "  additional_rules:\n    - path: /a\n    - pth: /b\n      path: /b\n") == (
        "10: http.additional_rules[1].pth: is not a known field (did you mean path?)"
    )


def test_a_problem_of_an_overlay_is_at_the_line_of_the_overlay() -> None:
    assert one(f"{WEB}environments:\n  test:\n    cpu: lots\n") == "10: environments.test.cpu: must be a whole number"


def test_a_problem_of_another_environment_is_told_too() -> None:
    text = f"{WEB}environments:\n  test:\n    cpu: 512\n  prod:\n    cpu: lots\n"
    assert one(text) == "12: environments.prod.cpu: must be a whole number"


def test_a_problem_of_the_base_is_told_once() -> None:
    assert (
        one(f"{WEB}cpu: lots\nenvironments:\n  test:\n    memory: 1024\n  prod: {{}}\n")
        == "8: cpu: must be a whole number"
    )


def test_a_base_problem_that_the_overlay_mends_is_none() -> None:
    text = WEB.replace("  port: 8080\n", "") + "environments:\n  test:\n    image:\n      port: 80\n"
    assert service(text).image.port == 80


@pytest.mark.parametrize("field", ["name", "type", "environments"])
def test_what_is_the_same_everywhere_cannot_be_overlaid(field: str) -> None:
    text = f"{WEB}environments:\n  test:\n    {field}: x\n"
    assert one(text) == f"10: environments.test.{field}: can't differ between environments"


@pytest.mark.parametrize("written", ["[test]", "test", "{test: 1}", "{test: [a]}"])
def test_overlays_must_be_mappings(written: str) -> None:
    assert "must be a mapping" in one(f"{WEB}environments: {written}\n")


@pytest.mark.parametrize("written", ["", "{}", "{test: }", "{test: {}}", "{prod: {cpu: 512}}"])
def test_an_environment_without_an_overlay_is_the_base(written: str) -> None:
    assert service(f"{WEB}environments: {written}\n") == service(WEB)


def test_a_field_without_a_value_counts_as_absent() -> None:
    assert service(f"{WEB}cpu:\nnetwork: ~\nvariables: null\n") == service(WEB)
    assert one(WEB.replace("path: /", "path:")) == "7: http.path: is required"


def test_a_name_that_differs_from_the_directory_is_a_problem() -> None:
    source = Source(text=WEB, path="copilot/frontend/manifest.yml")
    with pytest.raises(ManifestError) as caught:
        load_workload(source, app="vote", env="test", environ={})
    (problem,) = caught.value.problems
    assert str(problem) == "copilot/frontend/manifest.yml:1: name: 'web' differs from the directory's name, frontend"


def test_a_type_that_does_not_exist_lists_the_known_ones() -> None:
    (problem,) = problems(WEB.replace("Load Balanced Web Service", "Load Balanced Service"))
    assert str(problem) == "copilot/web/manifest.yml:2: type: 'Load Balanced Service' is not a type"
    assert problem.hint == (
        "did you mean Load Balanced Web Service? the types are: Load Balanced Web Service, Backend Service"
    )


@pytest.mark.parametrize("kind", UNSUPPORTED_TYPES)
def test_a_type_that_is_not_deployed_yet_is_said_to_be_so(kind: str) -> None:
    assert one(f"name: web\ntype: {kind}\n") == f"2: type: '{kind}' is not supported by this version yet"


def test_manifests_of_environments_and_services_are_told_apart() -> None:
    with pytest.raises(ManifestError, match="1 problem") as caught:
        load_workload(source(ENV), app="vote", env="test", environ={})
    assert caught.value.problems[0].message == "'Environment' is not a workload's type"
    with pytest.raises(ManifestError) as caught:
        load_environment(source(WEB), app="vote", env="test", environ={})
    assert caught.value.problems[0].message == "'Load Balanced Web Service' must be Environment here"


@pytest.mark.parametrize(
    ("kind", "field"), [(kind, field) for kind, fields in UNSUPPORTED_FIELDS.items() for field in fields]
)
def test_a_field_that_is_not_deployed_yet_is_never_ignored(kind: str, field: str) -> None:
    text = f"name: web\ntype: {kind}\nimage: {{location: nginx, port: 80}}\n"
    *outer, last = field.split(".")
    nested = f"path: /, {last}: x" if outer == ["http"] else f"{last}: x"
    for key in reversed(outer):
        nested = f"{key}: {{{nested}}}"
    (problem,) = problems_of_web(text + ("" if outer[:1] == ["http"] else "http: {path: /}\n") + nested + "\n")
    assert (problem.field, problem.message) == (field, "is not supported by this version yet")


def problems_of_web(text: str) -> tuple[Problem, ...]:
    with pytest.raises(ManifestError) as caught:
        load_workload(Source(text=text, path="copilot/web/manifest.yml"), app="vote", env="test", environ={})
    return caught.value.problems


def test_rules_that_an_unsupported_field_would_satisfy_are_not_told() -> None:
    text = WEB + "  target_container: nginx\nsidecars:\n  nginx: {port: 80, image: nginx}\n"
    assert one(text) == "9: sidecars: is not supported by this version yet"


@pytest.mark.parametrize(
    ("text", "told_as"),
    [
        ("", "1: is empty"),
        ("# nothing\n", "1: is empty"),
        ("- a\n", "1: must be a mapping of fields, such as 'name: web'"),
        ("just text\n", "1: must be a mapping of fields, such as 'name: web'"),
        ("name: web\n", "1: type: is required"),
        ("name: web\ntype:\n", "1: type: is required"),
        ("name: web\ntype: [a]\n", "2: type: must be text"),
    ],
)
def test_what_is_no_manifest_is_said_to_be_so(text: str, told_as: str) -> None:
    assert told_as in told(text)


def test_the_header_is_read_without_looking_at_the_rest() -> None:
    header = read_header(Source(text="name: 007\ntype: Anything\nrest: ${UNKNOWN}\n", path="x"))
    assert (header.name, header.type) == ("007", "Anything")


def test_a_deployed_environment_is_read_without_its_unknown_fields() -> None:
    text = (
        f"{ENV}later: 1\nnetwork:\n  vpc: {{id: vpc-1, later: {{x: 1}}, subnets: {{public: [{{id: a, later: 1}}]}}}}\n"
    )
    manifest = parse_environment(text)
    assert manifest.network.vpc.id == "vpc-1"
    assert manifest.network.vpc.subnets.public[0].id == "a"


def test_a_deployed_environment_with_a_wrong_value_is_a_problem() -> None:
    with pytest.raises(ManifestError) as caught:
        parse_environment(f"{ENV}later: 1\nnetwork: 5\n")
    assert [p.message for p in caught.value.problems] == ["must be a mapping"]


def test_backend_services_are_loaded_with_their_own_model() -> None:
    assert one(f"{API}http: false\n") == "5: http: must be a mapping"


def test_fields_of_another_environment_that_do_not_fit_together_are_no_obstacle() -> None:
    text = f"{WEB}environments: {{prod: {{count: {{range: 3-1, requests: 5}}, http: {{target_container: gone}}}}}}\n"
    assert service(text).count.desired == 1
    assert len(told(text, env="prod")) == 2


def test_an_unsupported_field_of_another_environment_is_no_obstacle() -> None:
    text = f"{WEB}environments:\n  prod:\n    nlb: {{port: 443}}\n    count: 2\n"
    assert service(text, env="test") == service(WEB)
    assert told(text, env="prod") == ["10: environments.prod.nlb: is not supported by this version yet"]


@pytest.mark.parametrize("written", ["", "{}", "[]"])
def test_an_unsupported_field_without_content_is_no_obstacle(written: str) -> None:
    assert service(f"{WEB}sidecars: {written}\n") == service(WEB)
