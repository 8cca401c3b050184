"""The named profiles in the user's AWS configuration."""

from __future__ import annotations


def profile_names() -> list[str]:
    """Every profile's name, sorted."""
    from botocore.session import Session

    return sorted(Session().available_profiles)
