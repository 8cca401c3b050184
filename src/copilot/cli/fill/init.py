"""The first questions of a new application: a new one, or one that exists."""

from __future__ import annotations

from copilot.cli.fill import records
from copilot.cli.wiring import Wiring
from copilot.term.questions import Choice

NEW_ENVIRONMENT = "A new environment"
DEFAULT_ENVIRONMENT = "test"


def app_to_use(wiring: Wiring, given: str, *, flag: str) -> str:
    """The named application, the workspace's, a chosen existing one, or a new name."""
    workspace = wiring.workspace
    if given or (workspace and workspace.app):
        return given or (workspace.app if workspace else "")
    if wiring.console.can_ask:
        found = wiring.read(lambda context: context.registry.list_apps())
        question = "Use one of the applications that exist?"
        if found and wiring.ask.confirm(question, flag=flag, default=True):
            choices = [Choice(value=app.name) for app in found]
            return wiring.ask.choose("Which application?", choices, flag=flag, noun="application")
    return records.new_name(wiring, given, noun="application", flag=flag)


def env_to_use(wiring: Wiring, app: str, given: str) -> str:
    """The named environment, a chosen existing one, or a new name."""
    if given:
        return given
    made = [env.name for env in wiring.read(lambda context: context.registry.list_envs(app))]
    if made:
        choices = [*(Choice(value=name) for name in made), Choice(value=NEW_ENVIRONMENT)]
        chosen = wiring.ask.choose("Which environment?", choices, flag="--env", noun="environment")
        if chosen != NEW_ENVIRONMENT:
            return chosen
    return records.new_name(wiring, "", noun="environment", flag="--env", default=DEFAULT_ENVIRONMENT)
