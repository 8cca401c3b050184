"""Where a new environment goes: whose account, which region, which network."""

from __future__ import annotations

from copilot.actions.requests import AdjustVPC, Credentials, ImportVPC
from copilot.cli.types import split_list
from copilot.cli.wiring import Wiring
from copilot.term.questions import Choice

DEFAULT_REGION = "us-west-2"
USUAL = "The ones that this command runs with"
TEMPORARY = "Temporary credentials, typed in"

DEFAULT_NETWORK = Choice(value="Default", hint="a new VPC with two public and two private subnets")
ADJUSTED_NETWORK = Choice(value="Adjusted", hint="a new VPC with other addresses or zones")
IMPORTED_NETWORK = Choice(value="Imported", hint="a VPC that exists already")

Network = tuple[ImportVPC | None, AdjustVPC | None]


def credentials(wiring: Wiring, given: Credentials) -> Credentials:
    """Asked where a person sits and AWS is meant; elsewhere the usual ones and the usual region serve."""
    if given.profile or given.access_key_id or wiring.local or not wiring.console.can_ask:
        return given
    from copilot.aws.profiles import profile_names

    choices = [Choice(value=USUAL), *map(_profile, profile_names()), Choice(value=TEMPORARY)]
    chosen = wiring.ask.choose("Which credentials make the environment?", choices, flag="--profile", noun="credentials")
    if chosen == TEMPORARY:
        return _temporary(wiring, given)
    profile = "" if chosen == USUAL else chosen
    return Credentials(profile=profile, region=_region(wiring, given.region))


def _profile(name: str) -> Choice:
    return Choice(value=name, hint="profile")


def _temporary(wiring: Wiring, given: Credentials) -> Credentials:
    return Credentials(
        access_key_id=wiring.ask.text("Access key id:", flag="--aws-access-key-id"),
        secret_access_key=wiring.ask.secret("Secret access key:", flag="--aws-secret-access-key"),
        session_token=wiring.ask.secret("Session token:", flag="--aws-session-token"),
        region=_region(wiring, given.region),
    )


def _region(wiring: Wiring, given: str) -> str:
    usual = wiring.environ.get("AWS_REGION") or wiring.environ.get("AWS_DEFAULT_REGION") or DEFAULT_REGION
    return given or wiring.ask.text("Which region?", flag="--region", default=usual)


def network(wiring: Wiring, *, default_config: bool, imported: ImportVPC | None, adjusted: AdjustVPC | None) -> Network:
    """The network that the flags describe; a person who gave no such flag is asked."""
    if imported and not (imported.public_subnets or imported.private_subnets):
        return _with_subnets(wiring, imported), None
    if default_config or imported or adjusted or wiring.local or not wiring.console.can_ask:
        return imported, adjusted
    kinds = (DEFAULT_NETWORK, ADJUSTED_NETWORK, IMPORTED_NETWORK)
    chosen = wiring.ask.choose("Which network?", kinds, flag="--default-config", noun="network")
    if chosen == IMPORTED_NETWORK.value:
        return _imported(wiring), None
    return None, _adjusted(wiring) if chosen == ADJUSTED_NETWORK.value else None


def _imported(wiring: Wiring) -> ImportVPC:
    vpc = ImportVPC(id=wiring.ask.text("Which VPC (its id)?", flag="--import-vpc-id"))
    return _with_subnets(wiring, vpc)


def _with_subnets(wiring: Wiring, vpc: ImportVPC) -> ImportVPC:
    return ImportVPC(
        id=vpc.id,
        public_subnets=_ids(wiring, "Which public subnets (ids with commas between them, or none)?", "public"),
        private_subnets=_ids(wiring, "Which private subnets (ids with commas between them, or none)?", "private"),
    )


def _ids(wiring: Wiring, question: str, kind: str) -> tuple[str, ...]:
    return split_list((wiring.ask.text(question, flag=f"--import-{kind}-subnets", check=_anything),))


def _adjusted(wiring: Wiring) -> AdjustVPC:
    usual = AdjustVPC()
    return AdjustVPC(
        cidr=wiring.ask.text("Which addresses for the VPC?", flag="--override-vpc-cidr", default=usual.cidr),
        az_names=split_list(
            (
                wiring.ask.text(
                    "Which zones (two or more, or none for the first two)?", flag="--override-az-names", check=_anything
                ),
            )
        ),
        public_cidrs=_cidrs(wiring, "public", PUBLIC_CIDRS),
        private_cidrs=_cidrs(wiring, "private", PRIVATE_CIDRS),
    )


PUBLIC_CIDRS = "10.0.0.0/24,10.0.1.0/24"
PRIVATE_CIDRS = "10.0.2.0/24,10.0.3.0/24"


def _cidrs(wiring: Wiring, kind: str, usual: str) -> tuple[str, ...]:
    question = f"Which addresses for the {kind} subnets, one range a zone?"
    return split_list((wiring.ask.text(question, flag=f"--override-{kind}-cidrs", default=usual),))


def _anything(_answer: str) -> str:
    return ""
