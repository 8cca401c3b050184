"""Rules that join several fields of an environment's manifest."""

from __future__ import annotations

from collections.abc import Iterator

from copilot import names
from copilot.manifest.environment import Environment, EnvironmentVpc, Subnet
from copilot.manifest.problems import Issue, Place

_VPC: Place = ("network", "vpc")
_SUBNETS: Place = (*_VPC, "subnets")
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html
CDN_CERTIFICATE_REGION = "us-east-1"
FEWEST_ZONES = 2


def check_environment(manifest: Environment) -> Iterator[Issue]:
    """Everything that is wrong between the fields of an environment's manifest."""
    if problem := names.name_problem(manifest.name):
        yield Issue(place=("name",), message=problem)
    yield from _vpc(manifest.network.vpc)
    yield from _cdn(manifest)
    yield from _internal_subnets(manifest)


def _vpc(vpc: EnvironmentVpc) -> Iterator[Issue]:
    if vpc.is_imported and vpc.is_adjusted:
        yield Issue(place=(*_VPC, "cidr"), message="can't stand beside id: a VPC is either imported or made")
    for kind, index, subnet in _each(vpc):
        for field in ("cidr", "az"):
            if subnet.id is not None and getattr(subnet, field) is not None:
                yield Issue(place=(*_SUBNETS, kind, index, field), message="can't stand beside id")
    if vpc.is_imported:
        yield from _imported(vpc)
    elif vpc.is_adjusted:
        yield from _adjusted(vpc)


def _each(vpc: EnvironmentVpc) -> Iterator[tuple[str, int, Subnet]]:
    for index, subnet in enumerate(vpc.subnets.public):
        yield "public", index, subnet
    for index, subnet in enumerate(vpc.subnets.private):
        yield "private", index, subnet


def _imported(vpc: EnvironmentVpc) -> Iterator[Issue]:
    for kind, index, subnet in _each(vpc):
        if not subnet.id:
            yield Issue(place=(*_SUBNETS, kind, index), message="needs id, as the VPC is imported")
    if not vpc.subnets.public and not vpc.subnets.private:
        yield Issue(place=_SUBNETS, message="must name the subnets of the imported VPC")
    if len(vpc.subnets.public) == 1:
        yield Issue(place=(*_SUBNETS, "public"), message="needs at least two subnets, as load balancers do")
    if len(vpc.subnets.private) == 1:
        yield Issue(place=(*_SUBNETS, "private"), message="needs at least two subnets")


def _adjusted(vpc: EnvironmentVpc) -> Iterator[Issue]:
    for kind, index, subnet in _each(vpc):
        if not subnet.cidr:
            yield Issue(place=(*_SUBNETS, kind, index), message="needs cidr, as the VPC's ranges are chosen")
    public = {s.az for s in vpc.subnets.public if s.az}
    private = {s.az for s in vpc.subnets.private if s.az}
    if public != private:
        yield Issue(place=_SUBNETS, message="public and private must span the same availability zones")
    elif public and len(public) < FEWEST_ZONES:
        yield Issue(place=_SUBNETS, message=f"must span at least {FEWEST_ZONES} availability zones")
    elif public:
        for kind, subnets in (("public", vpc.subnets.public), ("private", vpc.subnets.private)):
            ranges = len({s.cidr for s in subnets})
            if ranges != len(public):
                message = f"has {ranges} different ranges for {len(public)} availability zones; one each is needed"
                yield Issue(place=(*_SUBNETS, kind), message=message)
    elif len(vpc.subnets.public) != len(vpc.subnets.private):
        yield Issue(place=_SUBNETS, message="needs as many public as private subnets")


def _cdn(manifest: Environment) -> Iterator[Issue]:
    public, cdn = manifest.http.public, manifest.cdn
    if public.ingress.cdn and cdn is None:
        yield Issue(place=("http", "public", "ingress", "cdn"), message="needs a cdn", hint="set cdn: true")
    if cdn is None:
        return
    if cdn.certificate and cdn.certificate.split(":")[3] != CDN_CERTIFICATE_REGION:
        yield Issue(place=("cdn", "certificate"), message=f"must be in {CDN_CERTIFICATE_REGION}, as CloudFront wants")
    if public.certificates and not cdn.certificate:
        yield Issue(place=("cdn",), message="needs certificate, as http.public.certificates are set")
    if cdn.certificate and not public.certificates and not cdn.terminate_tls:
        yield Issue(
            place=("cdn", "certificate"),
            message="needs cdn.terminate_tls: true or http.public.certificates",
        )


def _internal_subnets(manifest: Environment) -> Iterator[Issue]:
    wanted, vpc = manifest.http.private.subnets, manifest.network.vpc
    if not wanted:
        return
    if not vpc.is_imported:
        yield Issue(place=("http", "private", "subnets"), message="needs an imported VPC (network.vpc.id)")
        return
    known = {subnet.id for _, _, subnet in _each(vpc)}
    for index, subnet in enumerate(wanted):
        if subnet not in known:
            place: Place = ("http", "private", "subnets", index)
            yield Issue(place=place, message=f"'{subnet}' is not among network.vpc.subnets")
