"""The named profiles in the user's AWS configuration."""

from __future__ import annotations


def profile_names() -> list[str]:
    """Every profile's name, sorted."""
    import boto3

    return sorted(boto3.Session().available_profiles)
