"""`env init`."""

from __future__ import annotations

from typing import Any

from copilot.cli import flags
from copilot.cli.command import command
from copilot.cli.fill import records
from copilot.cli.fill.environment import PRIVATE_CIDRS, PUBLIC_CIDRS
from copilot.cli.types import NETWORK
from copilot.cli.wiring import Wiring, pass_wiring
from copilot.errors import UsageError

IMPORTS = ("--import-vpc-id", "--import-public-subnets", "--import-private-subnets")
OVERRIDES = ("--override-vpc-cidr", "--override-public-cidrs", "--override-private-cidrs", "--override-az-names")
EXCLUSIVE = (
    *flags.CREDENTIALS_EXCLUDE,
    *((one, other) for one in IMPORTS for other in OVERRIDES),
    *((one, "--default-config") for one in (*IMPORTS, *OVERRIDES)),
)


@command(
    examples=[
        ("Create the environment test with a network of its own.", "copilot env init --name test --default-config"),
        (
            "Create prod in another account and region.",
            "copilot env init --name prod --profile prod-admin --region eu-central-1",
        ),
        (
            "Create one in a VPC that exists.",
            "copilot env init --name test --import-vpc-id vpc-099c32d2b98cdcf47 \\\n"
            "  --import-public-subnets subnet-013e8b691862966cf,subnet-014661eb \\\n"
            "  --import-private-subnets subnet-055fafef48fb3c547,subnet-00c9e76f",
        ),
        (
            "Create one whose network has other addresses.",
            "copilot env init --name test --override-vpc-cidr 10.1.0.0/16 \\\n"
            "  --override-public-cidrs 10.1.0.0/24,10.1.1.0/24 \\\n"
            "  --override-private-cidrs 10.1.2.0/24,10.1.3.0/24",
        ),
    ],
    exclusive=EXCLUSIVE,
)
@flags.app
@flags.name("environment")
@flags.credentials
@flags.switch("default-config", "Use the default network and settings without asking.")
@flags.allow_downgrade
@flags.switch("prod", "Mark the environment as one for production.", hidden=True)
@flags.text("import-vpc-id", "Use this VPC instead of a new one.")
@flags.items("import-public-subnets", "Use these public subnets: two or more.")
@flags.items("import-private-subnets", "Use these private subnets: two or more.")
@flags.items("import-cert-arns", "Use these ACM certificates for HTTPS.")
@flags.text("override-vpc-cidr", "Addresses of the new VPC: 10.0.0.0/16 by default.", kind=NETWORK)
@flags.items("override-public-cidrs", f"Addresses of the public subnets: {PUBLIC_CIDRS} by default.")
@flags.items("override-private-cidrs", f"Addresses of the private subnets: {PRIVATE_CIDRS} by default.")
@flags.items("override-az-names", "Availability zones: the region's first two by default.")
@flags.items("internal-alb-subnets", "Imported subnets for the internal load balancer.")
@flags.switch("internal-alb-allow-vpc-ingress", "Let the whole VPC reach the internal load balancer.")
@flags.switch("container-insights", "Turn on CloudWatch Container Insights.")
@pass_wiring
def init(wiring: Wiring, **given: Any) -> int:
    """Create an environment: a stage, such as test or prod, that services are deployed to.

    This makes the environment's roles, its record and its manifest, copilot/environments/NAME/manifest.yml. Look at
    the manifest; `copilot env deploy` then makes the network, the cluster and the load balancers that it describes.

    Credentials other than the usual ones are needed when the environment is in another account, and only to create
    and to delete it."""
    from copilot.actions.envs import init_env

    return wiring.run(init_env, _request(wiring, given))


def _request(wiring: Wiring, given: dict[str, Any]) -> Any:
    from copilot.actions.requests import Credentials, InitEnv
    from copilot.cli.fill import environment

    _require_enough(given)
    app = records.workspace_app(wiring, given["app"])
    name = records.new_name(wiring, given["name"], noun="environment", flag="--name", default="test")
    keys = Credentials(
        profile=given["profile"],
        access_key_id=given["aws_access_key_id"],
        secret_access_key=given["aws_secret_access_key"],
        session_token=given["aws_session_token"],
        region=given["region"],
    )
    keys = environment.credentials(wiring, keys)
    imported, adjusted = environment.network(
        wiring, default_config=given["default_config"], imported=_imported(given), adjusted=_adjusted(given)
    )
    kept = ("import_cert_arns", "internal_alb_subnets", "internal_alb_allow_vpc_ingress", "container_insights")
    return InitEnv(
        app=app,
        name=name,
        credentials=keys,
        import_vpc=imported,
        adjust_vpc=adjusted,
        allow_downgrade=given["allow_downgrade"],
        **{key: given[key] for key in kept},
    )


def _require_enough(given: dict[str, Any]) -> None:
    for kind in ("public", "private"):
        if len(given[f"import_{kind}_subnets"]) == 1:
            raise UsageError(f"--import-{kind}-subnets needs two or more subnets: one was given")
    has_vpc = bool(given["import_vpc_id"])
    if not has_vpc and (given["import_public_subnets"] or given["import_private_subnets"]):
        raise UsageError("--import-vpc-id is required: subnets are imported with their VPC")
    if not has_vpc and given["internal_alb_subnets"]:
        raise UsageError("--internal-alb-subnets is for imported subnets only: give --import-vpc-id too")
    if len(given["override_az_names"]) == 1:
        raise UsageError("--override-az-names needs two or more zones: one was given")


def _imported(given: dict[str, Any]) -> Any:
    from copilot.actions.requests import ImportVPC

    if not given["import_vpc_id"]:
        return None
    return ImportVPC(
        id=given["import_vpc_id"],
        public_subnets=given["import_public_subnets"],
        private_subnets=given["import_private_subnets"],
    )


def _adjusted(given: dict[str, Any]) -> Any:
    from copilot.actions.requests import AdjustVPC

    names = {
        "cidr": "override_vpc_cidr",
        "az_names": "override_az_names",
        "public_cidrs": "override_public_cidrs",
        "private_cidrs": "override_private_cidrs",
    }
    values = {field: given[name] for field, name in names.items() if given[name]}
    return AdjustVPC(**values) if values else None
