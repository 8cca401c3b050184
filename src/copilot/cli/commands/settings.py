"""`version`, `docs` and `completion`."""

from __future__ import annotations

import platform

import click

from copilot import TEMPLATE_VERSION
from copilot.cli.command import command
from copilot.cli.wiring import Wiring, pass_wiring
from copilot.errors import UsageError

DOCUMENTATION_URL = "https://aws.github.io/copilot-cli/"
SHELLS = ("bash", "zsh", "fish")


@command(examples=[("Print the version.", "copilot version")])
@pass_wiring
def version(wiring: Wiring) -> None:
    """Print the version of Copilot and the operating system that it runs on.

    The first part is the release of AWS Copilot whose files, records and stacks this version reads and writes."""
    wiring.console.data(f"version: {TEMPLATE_VERSION}, built for {platform.system().lower()}")


@command(examples=[("Open the documentation in the browser.", "copilot docs")])
@pass_wiring
def docs(wiring: Wiring) -> None:
    """Open AWS Copilot's documentation in the browser, and print its address.

    The commands, manifests and concepts that it describes are the ones of this program too; `copilot --help` lists
    which of them this version has, and what it adds."""
    wiring.console.data(DOCUMENTATION_URL)
    if wiring.console.can_ask and not wiring.browse(DOCUMENTATION_URL):
        wiring.console.warn("No browser could be opened.")


@command(
    examples=[
        ("Complete copilot's commands and flags in this bash.", "source <(copilot completion bash)"),
        ("Install it for every zsh to come.", 'copilot completion zsh > "${fpath[1]}/_copilot"'),
        ("Install it for every fish to come.", "copilot completion fish > ~/.config/fish/completions/copilot.fish"),
    ]
)
@click.argument("shell")
@pass_wiring
def completion(wiring: Wiring, shell: str) -> None:
    """Print a script that teaches a shell to complete copilot's commands, flags and their values.

    The shell is bash, zsh or fish."""
    if shell not in SHELLS:
        raise UsageError(f'"{shell}" is not a shell that can be completed: it must be bash, zsh or fish')
    from click.shell_completion import ShellComplete, get_completion_class

    from copilot.cli.root import root

    kind = get_completion_class(shell)
    assert kind is not None, shell
    script = kind(root, {}, "copilot", "_COPILOT_COMPLETE")
    # ShellComplete's own source(), since bash's starts a bash to look at its version.
    wiring.console.data(ShellComplete.source(script))
