"""What the server takes from inside the emulator: an upgrade that moves one of these things fails here, by its name."""

from __future__ import annotations

import inspect
import re
from importlib.metadata import version
from typing import Any

import pytest
from ministack import app
from ministack.core import persistence, responses, router
from ministack.services import alb, cloudformation, cloudwatch_logs
from ministack.services.cloudformation import provisioners

from copilot.local import live


def test_the_emulator_is_the_version_that_the_seams_were_read_from() -> None:
    assert version("ministack") == "1.5.33"


@pytest.mark.parametrize(
    ("owner", "names"),
    [
        (
            app,
            "app detect_service save_all _build_persistence_save_dict _reset_all_state _state_map",
        ),
        (app, "SERVICE_HANDLERS"),
        (router, "_KNOWN_AWS_SERVICE_NAMES _is_aws_service_name"),
        (persistence, "_state_format_version _json_default load_state"),
        (responses, "AccountRegionScopedDict AccountScopedDict request_scope"),
        (alb, "_lbs _tgs _listeners _rules _targets _tg_attrs"),
        (alb, "_ACTION_MAP _p _parse_targets_param _xml _empty _error"),
        (cloudformation, "_stacks _exports _change_sets"),
        (cloudwatch_logs, "_log_groups _log_events_lock"),
    ],
)
def test_the_emulator_has_what_is_used(owner: Any, names: str) -> None:
    assert [name for name in names.split() if not hasattr(owner, name)] == []


def test_the_actions_that_are_replaced_are_in_the_table() -> None:
    assert {"RegisterTargets", "DeregisterTargets", "DescribeTargetHealth"} <= alb._ACTION_MAP.keys()


def test_a_load_balancer_is_named_when_it_is_put_into_the_store() -> None:
    assert "_lbs[arn] = lb" in inspect.getsource(alb._create_lb)
    handler = provisioners._RESOURCE_HANDLERS["AWS::ElasticLoadBalancingV2::LoadBalancer"]
    assert "create" in handler
    assert "_alb._lbs[arn] = lb" in inspect.getsource(provisioners._elbv2_load_balancer_create)


@pytest.mark.parametrize("name", live.UNCOPIED)
def test_services_that_are_read_live_only_copy_their_stores(name: str) -> None:
    source = inspect.getsource(app._get_module(name).get_state)
    changes = re.findall(
        r"\S+\.(?:pop|update|setdefault|clear|append)\(.*|\S+\[.*\] = .*|^ *del .*", source, re.MULTILINE
    )
    taken = {
        "ec2": ["_container_id", "_container_name", "_ssm_managed"],
        "ecs": ["_docker_ids", "_metadata_tokens", "_container_ip"],
    }
    variable = {"ec2": "inst", "ecs": "t"}
    assert [
        change for change in changes if "_data[scoped_key] = " not in change and change != 'state["tasks"] = tasks'
    ] == [f'{variable[name]}.pop("{field}", None)' for field in taken.get(name, ())]


def test_the_state_of_a_service_is_saved_at_the_end_by_the_function_that_is_replaced() -> None:
    assert "save_all(_build_persistence_save_dict())" in inspect.getsource(app._handle_lifespan)
