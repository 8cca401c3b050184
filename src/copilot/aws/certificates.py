"""ACM certificates."""

from __future__ import annotations

from dataclasses import dataclass

from copilot.aws.connection import Api
from copilot.errors import AWSError, NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate and every name that it stands for."""

    arn: str
    status: str
    names: tuple[str, ...]

    def covers(self, name: str) -> bool:
        """Whether the certificate is good for a host name; a wildcard stands for one label."""
        return name in self.names or f"*.{name.partition('.')[2]}" in self.names


class Certificates:
    """AWS Certificate Manager, one account and region."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def get(self, arn: str) -> Certificate:
        """The certificate; NotFound when there is none in this account and region."""
        try:
            answer = self._api.call("describe_certificate", CertificateArn=arn)["Certificate"]
        except AWSError as error:
            if error.code == "ResourceNotFoundException":
                raise NotFound(f"certificate {arn} does not exist in region {self._api.region}") from error
            raise
        names = [answer["DomainName"], *(answer.get("SubjectAlternativeNames") or ())]
        return Certificate(arn=arn, status=answer.get("Status", ""), names=tuple(dict.fromkeys(names)))
