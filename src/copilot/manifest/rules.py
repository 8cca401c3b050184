"""Rules that join several fields of a workload's manifest. Each yields what is broken; none depends on another."""

from __future__ import annotations

from collections.abc import Iterator

from copilot import names
from copilot.manifest.backend import BackendService
from copilot.manifest.load_balanced_web import LoadBalancedWebService
from copilot.manifest.parts.count import Count
from copilot.manifest.parts.http import Http, RoutingRule
from copilot.manifest.parts.image import Image
from copilot.manifest.problems import Issue, Place

# Five condition values a rule, one of which the path takes:
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
MOST_CONDITION_VALUES = 5
_METRICS = ("cpu_percentage", "memory_percentage", "requests", "response_time")


def check_workload(manifest: LoadBalancedWebService | BackendService) -> Iterator[Issue]:
    """Everything that is wrong between the fields of a service's manifest."""
    if problem := names.name_problem(manifest.name):
        yield Issue(place=("name",), message=problem)
    yield from _image(manifest.image, manifest.name)
    yield from _count(manifest.count)
    if manifest.http:
        yield from _http(manifest.http, manifest.name, has_port=manifest.image.port is not None)
        if isinstance(manifest, LoadBalancedWebService):
            yield from _grace_periods(manifest.http)
    yield from _platform(manifest)
    if manifest.env_file is not None and not manifest.env_file.endswith(".env"):
        yield Issue(place=("env_file",), message=f"'{manifest.env_file}' must end in .env")
    yield from _load_balancer(manifest)


def _load_balancer(manifest: LoadBalancedWebService | BackendService) -> Iterator[Issue]:
    if isinstance(manifest, LoadBalancedWebService) and manifest.http is None:
        yield Issue(place=("http",), message="can't be false: the service has no other load balancer")
    for metric in ("requests", "response_time"):
        if getattr(manifest.count, metric) and manifest.http is None:
            yield Issue(place=("count", metric), message="needs http, which counts the requests")
    if isinstance(manifest, BackendService) and manifest.network.connect and manifest.network.connect.alias:
        is_targeted = manifest.http is not None and manifest.http.target_container is not None
        if manifest.image.port is None and not is_targeted:
            yield Issue(place=("network", "connect", "alias"), message="needs a port", hint="set image.port")


def _image(image: Image, name: str) -> Iterator[Issue]:
    if image.build and image.location:
        yield Issue(place=("image", "location"), message="can't stand beside image.build", hint="keep one of the two")
    if not image.build and not image.location:
        yield Issue(
            place=("image",),
            message="needs build or location",
            hint="set image.build to the path of a Dockerfile, or image.location to an image's address",
        )
    for container in image.depends_on:
        place: Place = ("image", "depends_on", container)
        if container == name:
            yield Issue(place=place, message="is the container itself")
        else:
            yield Issue(place=place, message=f"there is no container '{container}'")


def _http(http: Http, name: str, *, has_port: bool) -> Iterator[Issue]:
    for index, rule in enumerate(http.rules):
        place: Place = ("http",) if index == 0 else ("http", "additional_rules", index - 1)
        yield from _rule(rule, place)
        target = rule.target_container
        if target is not None and target != name:
            yield Issue(place=(*place, "target_container"), message=f"there is no container '{target}'")
        elif rule.target_port is None and not has_port:
            field = () if target is None else ("target_container",)
            yield Issue(
                place=(*place, *field), message=f"container '{name}' has no port", hint="set image.port or target_port"
            )


def _grace_periods(http: Http) -> Iterator[Issue]:
    """Additional rules have none; where AWS Copilot lets one stand, in a Backend Service, it means nothing."""
    for index, rule in enumerate(http.additional_rules):
        if rule.healthcheck.grace_period is not None:
            yield Issue(
                place=("http", "additional_rules", index, "healthcheck", "grace_period"),
                message="belongs to the whole service",
                hint="set http.healthcheck.grace_period",
            )


def _rule(rule: RoutingRule, place: Place) -> Iterator[Issue]:
    if rule.hosted_zone is not None and not rule.alias:
        yield Issue(place=(*place, "hosted_zone"), message="needs alias beside it")
    values = len(rule.alias) + len(rule.allowed_source_ips)
    if values >= MOST_CONDITION_VALUES:
        yield Issue(
            place=(*place, "alias" if rule.alias else "allowed_source_ips"),
            message=f"makes {values} values with alias and allowed_source_ips together; a listener rule takes four",
            hint="spread the aliases and addresses over several http.additional_rules",
        )


def _count(count: Count) -> Iterator[Issue]:
    metrics = [m for m in _METRICS if getattr(count, m) is not None]
    scaling = ", ".join(_METRICS)
    if count.spot is not None and (count.range or metrics):
        yield Issue(place=("count", "spot"), message=f"can't stand beside range or {scaling}")
    elif count.range and not metrics:
        yield Issue(place=("count", "range"), message=f"needs something to scale on: {scaling}")
    elif metrics and not count.range:
        yield Issue(place=("count", metrics[0]), message="needs count.range", hint="set count.range, such as 1-10")
    if (count.cooldown.into is not None or count.cooldown.out is not None) and not metrics:
        yield Issue(place=("count", "cooldown"), message=f"needs something to scale on: {scaling}")
    if count.value is not None and count.value < 0:
        yield Issue(place=("count",), message="must not be negative")
    if count.range:
        yield from _range(count)


def _range(count: Count) -> Iterator[Issue]:
    found = count.range
    if found is None:
        return
    if min(found.min, found.max, found.spot_from or 0) < 0:
        yield Issue(place=("count", "range"), message="must not be negative")
    elif found.min > found.max:
        yield Issue(place=("count", "range"), message=f"has min {found.min}, which is above max {found.max}")


def _platform(manifest: LoadBalancedWebService | BackendService) -> Iterator[Issue]:
    if manifest.platform and manifest.platform.is_windows and manifest.network.connect:
        yield Issue(place=("network", "connect"), message="does not work on Windows")
