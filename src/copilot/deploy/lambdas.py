"""The code of custom resources: where it will be in the bucket, and how it gets there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from copilot import names
from copilot.aws.buckets import Buckets
from copilot.aws.parallel import each
from copilot.lambdas.packages import package
from copilot.stacks.facts import CodeLocation


@dataclass(frozen=True, slots=True, kw_only=True)
class LambdaPackage:
    """A function's zip and the place that its content gives it."""

    location: CodeLocation
    data: bytes


def pack_lambdas(functions: Iterable[str], stack_kind: str, bucket: str) -> Mapping[str, LambdaPackage]:
    """The functions of one kind of stack, by name."""
    packages = {}
    for function in functions:
        data = package(function, stack_kind)
        key = names.lambda_key(function, hashlib.sha256(data).hexdigest())
        packages[function] = LambdaPackage(location=CodeLocation(bucket=bucket, key=key), data=data)
    return packages


def upload_lambdas(buckets: Buckets, packages: Mapping[str, LambdaPackage], deployed_template: str) -> None:
    """Uploads what the deployed template does not name yet: a key names its content, so one that is there is right."""
    missing = [p for p in packages.values() if p.location.key not in deployed_template]
    each(lambda p: buckets.upload(p.location.bucket, p.location.key, p.data, content_type="application/zip"), missing)


def locations(packages: Mapping[str, LambdaPackage]) -> Mapping[str, CodeLocation]:
    return {name: package_.location for name, package_ in packages.items()}
