"""Capabilities put together."""

from __future__ import annotations

import pytest
from workload_builders import api, facts

from copilot.cfn.template import Resource
from copilot.stacks.ecs_service import EcsParts, assemble
from copilot.stacks.parts.fragment import Fragment, Parameter, combine
from copilot.stacks.parts.ports import expose


def test_what_fragments_add_keeps_their_order() -> None:
    whole = combine([Fragment(features=("A", "B")), Fragment(), Fragment(features=("C",))])
    assert whole.features == ("A", "B", "C")


def test_fragments_join_their_names() -> None:
    one = Fragment(parameters={"A": Parameter(value="1")}, service={"X": 1})
    other = Fragment(parameters={"B": Parameter(value="2")}, service={"Y": 2})
    whole = combine([one, other])
    assert list(whole.parameters) == ["A", "B"]
    assert whole.service == {"X": 1, "Y": 2}


def test_two_fragments_may_not_claim_one_logical_id() -> None:
    fragment = Fragment(resources={"Topic": Resource(type="AWS::SNS::Topic")})
    with pytest.raises(ValueError, match="Topic is there twice"):
        combine([fragment, fragment])


def test_a_parameter_is_declared_with_an_empty_default_when_it_has_one() -> None:
    assert Parameter(value="x", default="").definition() == {"Type": "String", "Default": ""}
    assert Parameter(value="x").definition() == {"Type": "String"}


def test_a_container_beside_the_main_one_gets_the_variables_that_all_have() -> None:
    manifest = api(variables={"OWN": "1"})
    ports = expose("api", 8080, None)
    target = ports.target(None)
    parts = EcsParts(description="A service.", image=manifest.image, ports=ports, target=target, offered=target)
    beside = Fragment(
        variables=({"Name": "SHARED", "Value": "x"},),
        containers=(lambda shared: {"Name": "nginx", "Environment": list(shared)},),
    )
    definition = assemble(manifest, facts(), parts, [beside]).template["Resources"]["TaskDefinition"]["Properties"]
    main, neighbour = ([v["Name"] for v in c["Environment"]] for c in definition["ContainerDefinitions"])
    assert neighbour[-1] == "SHARED"
    assert main == [*neighbour, "OWN"]
