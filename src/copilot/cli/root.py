"""The root command and the options that stand before any command."""

from __future__ import annotations

import click

from copilot import TEMPLATE_VERSION
from copilot.cli.command import LazyGroup
from copilot.cli.wiring import Wiring


@click.pass_context
def _root(ctx: click.Context, *, version: bool, local: bool, debug: bool) -> int:
    wiring: Wiring = ctx.obj
    wiring.local = wiring.local or local
    wiring.debug = debug
    if version:
        wiring.console.data(f"copilot version: {TEMPLATE_VERSION}")
        ctx.exit()
    if ctx.invoked_subcommand is None:
        wiring.console.data(ctx.get_help())
    return 0


root = LazyGroup(
    path="",
    callback=_root,
    invoke_without_command=True,
    params=[
        click.Option(["-v", "--version"], is_flag=True),
        click.Option(["--local"], is_flag=True),
        click.Option(["--debug"], is_flag=True),
    ],
)
