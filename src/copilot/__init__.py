"""Copilot: containers from a laptop to AWS."""

__version__ = "0.1.0"

GO_VERSION = "v1.34.1"
"""The release of AWS Copilot whose templates, records and commands this one matches."""

TEMPLATE_VERSION = f"{GO_VERSION}+python.{__version__}"
"""Written into every stack. Build metadata does not count when versions are compared: both tools may write them."""
