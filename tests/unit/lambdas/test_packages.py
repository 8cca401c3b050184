"""Functions as zips."""

from __future__ import annotations

import ast
import io
import zipfile

import pytest

from copilot.lambdas.packages import MODULES, functions, package, source

EVERY_MODULE = sorted({module for modules in MODULES.values() for module in modules.values()})
EVERY_FUNCTION = [(function, kind) for kind, modules in MODULES.items() for function in modules]


@pytest.mark.parametrize(("function", "kind"), EVERY_FUNCTION)
def test_a_package_has_one_entry_and_always_the_same_bytes(function: str, kind: str) -> None:
    data = package(function, kind)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.namelist() == ["index.py"]
    assert package(function, kind) == data


@pytest.mark.parametrize("module", EVERY_MODULE)
def test_a_package_needs_nothing_of_ours(module: str) -> None:
    tree = ast.parse(source(module))
    imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not any(name.startswith("copilot") for name in imported)


@pytest.mark.parametrize("module", EVERY_MODULE)
def test_the_parts_of_a_package_do_not_hide_each_others_names(module: str) -> None:
    tree = ast.parse(source(module))
    defined = [node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    defined += [
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    ]
    assert sorted(defined) == sorted(set(defined))
    assert "handler" in defined


def test_one_name_stands_for_different_functions_in_different_stacks() -> None:
    assert package("CustomDomainFunction", "environment") != package("CustomDomainFunction", "Static Site")


def test_every_kind_of_stack_has_its_functions() -> None:
    assert set(functions("Load Balanced Web Service")) == {
        "DynamicDesiredCountFunction",
        "EnvControllerFunction",
        "RulePriorityFunction",
        "NLBCustomDomainFunction",
        "NLBCertValidatorFunction",
    }
    assert set(functions("environment")) == {
        "CertificateValidationFunction",
        "CustomDomainFunction",
        "DNSDelegationFunction",
        "CertificateReplicatorFunction",
        "BucketCleanerFunction",
        "UniqueJSONValuesFunction",
    }
