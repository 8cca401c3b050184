"""What these tests share: the SDK's clients of the local cloud, in an account of their own."""

from __future__ import annotations

import pytest
from local_aws import Aws

from copilot.local.clouds import Endpoint


@pytest.fixture
def aws(endpoint: Endpoint) -> Aws:
    """The local cloud, in an account that nobody has used."""
    return Aws(endpoint=endpoint)
