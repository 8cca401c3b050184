"""What the gateways' tests share: a connection to the worker's local cloud, in an account of its own."""

from __future__ import annotations

import pytest

from copilot.aws.cloud import Cloud, Keys
from copilot.local.clouds import Endpoint


@pytest.fixture
def connection(endpoint: Endpoint) -> Cloud:
    """A cloud whose account nobody has used."""
    keys = Keys(access_key_id=endpoint.access_key, secret_access_key=endpoint.secret_key)
    return Cloud.connect(keys=keys, region=endpoint.region, endpoint=endpoint.url)
