"""Flags as decorators, and the ones that many commands share. A flag that was not given is "", 0, False or ().

Hidden flags are the original's for what is not here yet: they are understood and refused, and help doesn't show them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from copilot.cli.command import Flag
from copilot.cli.types import BOOL, COUNT, split_list, split_map

F = TypeVar("F", bound=Callable[..., Any])
Decorator = Callable[[Any], Any]


def _flag(long: str, short: str, text: str, **attributes: Any) -> Decorator:
    spellings = (f"--{long}", f"-{short}") if short else (f"--{long}",)
    return click.option(*spellings, long.replace("-", "_"), cls=Flag, help=text, **attributes)


def text(
    long: str, help_text: str, *, short: str = "", default: str = "", kind: Any = str, hidden: bool = False
) -> Decorator:
    """A flag with one value."""
    return _flag(
        long, short, help_text, type=kind, default=default or None, hidden=hidden, callback=lambda _c, _p, v: v or ""
    )


def number(
    long: str, help_text: str, *, kind: click.ParamType[Any] = COUNT, default: int = 0, hidden: bool = False
) -> Decorator:
    """A flag with a whole number."""
    return _flag(long, "", help_text, type=kind, default=default, hidden=hidden)


def switch(long: str, help_text: str, *, short: str = "", hidden: bool = False) -> Decorator:
    """A flag that is false unless given; `--flag=false` is allowed."""
    return _flag(long, short, help_text, type=BOOL, default=False, hidden=hidden)


def tri(long: str, help_text: str) -> Decorator:
    """A flag whose absence (None) means that the question is open."""
    return _flag(long, "", help_text, type=BOOL, default=None)


def optional(long: str, help_text: str, *, kind: click.ParamType[Any]) -> Decorator:
    """A flag with a value that is None when not given."""
    return _flag(long, "", help_text, type=kind, default=None)


def items(long: str, help_text: str, *, short: str = "", hidden: bool = False) -> Decorator:
    """A flag with several values: repeated, or with commas between them."""
    return _flag(
        long,
        short,
        help_text,
        multiple=True,
        value_name="strings",
        hidden=hidden,
        callback=lambda _c, _p, v: split_list(v),
    )


def pairs(long: str, help_text: str) -> Decorator:
    """A flag with keys and values: `k1=v1,k2=v2`."""
    return _flag(long, "", help_text, multiple=True, value_name="k=v", callback=lambda _c, _p, v: split_map(v))


def name(noun: str, *, short: str = "n") -> Decorator:
    return text("name", f"Name of the {noun}.", short=short)


SERVICE_TYPE_HELP = 'Type of the service: "Load Balanced Web Service" or "Backend Service".'

app = text("app", "Name of the application. The workspace's own by default.", short="a")
env = text("env", "Name of the environment.", short="e")
json = switch("json", "Print JSON instead of text.")
yes = switch("yes", "Skip the question whether you are sure.")
resources = switch("resources", "Show the AWS resources too.")
force = switch("force", "Deploy even if nothing has changed.")
detach = switch("detach", "Submit the deployment and do not wait for its end.")
no_rollback = switch(
    "no-rollback", "Leave a failed deployment as it is, to look into it. Never use this in production."
)
diff = switch("diff", "Show what would change in the template, then ask whether to go on.")
diff_yes = switch("diff-yes", "Go on after the diff without asking.")
package_diff = switch(
    "diff", "Show what would change in the template. Exits 0 if nothing would, 1 if something would, 2 on failure."
)
allow_downgrade = switch("allow-downgrade", "Deploy even over what a newer version has deployed.")
tag = text("tag", "Tag of the container image; the short git commit by default.")
output_dir = text("output-dir", "Write the template and its parameters to files in this directory.")
upload_assets = switch("upload-assets", "Upload images, functions and other files that the template refers to.")
resource_tags = pairs("resource-tags", "Tags for every resource, such as team=web,stage=beta.")

_CREDENTIALS = (
    text("profile", "AWS profile to create the environment with."),
    text("aws-access-key-id", "Access key id to create the environment with."),
    text("aws-secret-access-key", "Secret access key to create the environment with."),
    text("aws-session-token", "Session token of temporary credentials."),
    text("region", "AWS region of the environment."),
)


def credentials(function: F) -> F:
    """The flags that say who creates an environment, and where."""
    for decorate in reversed(_CREDENTIALS):
        function = decorate(function)
    return function


CREDENTIALS_EXCLUDE = (
    ("--profile", "--aws-access-key-id"),
    ("--profile", "--aws-secret-access-key"),
    ("--profile", "--aws-session-token"),
)
