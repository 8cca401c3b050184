"""`app adopt`."""

from __future__ import annotations

from copilot.cli import flags
from copilot.cli.command import command
from copilot.cli.fill import records
from copilot.cli.wiring import Wiring, pass_wiring


@command(
    examples=[
        ("Show what adopting the application of this workspace would change.", "copilot app adopt --check"),
        ("Adopt it, one environment after the other.", "copilot app adopt"),
        ("Adopt another one in a script.", "copilot app adopt --name vote --yes"),
    ]
)
@flags.name("application")
@flags.switch("check", "Only show what would change in each stack.")
@flags.switch("allow-replacement", "Go on although resources would be replaced or removed.")
@flags.yes
@flags.json
@pass_wiring
def adopt(wiring: Wiring, name: str, check: bool, allow_replacement: bool, yes: bool, json: bool) -> int:
    """Take over an application that AWS Copilot made.

    It deploys each stack of the application with this tool, from the manifests that are deployed now: the
    application's own stacks first, then one environment after the other. Custom resources move to a runtime that AWS
    supports; services keep running. Run again, it goes on with what is left.

    With --check nothing is deployed: each stack is listed with what would change, as CloudFormation says."""
    from copilot.actions.adopt_app import adopt_app, check_adoption
    from copilot.actions.requests import AdoptApp
    from copilot.cli.views import adoption as views

    app = records.app(wiring, name, flag="--name")
    if check or json:
        found = wiring.read(check_adoption, app)
        wiring.console.data(views.as_json(found) if json else views.as_text(found, wiring.console.out))
        if check:
            return 0
    wiring.confirm_flag = "--yes"
    return wiring.run(adopt_app, AdoptApp(name=app, yes=yes, allow_replacement=allow_replacement))
