"""Everything that Copilot needs of an AWS and the emulator lacks, put into the emulator's own tables."""

from __future__ import annotations

from copilot.local.cloudformation import scalars, templates
from copilot.local.cloudformation.stackset_actions import StackSetActions
from copilot.local.cloudformation.stacksets import StackSets

STACK_SETS = "cloudformation_stack_sets"


def install() -> None:
    """Adds what is missing to the emulator of this process; call it once before the emulator starts."""
    from ministack import app
    from ministack.services.cloudformation import engine, handlers

    if STACK_SETS in app._state_map:
        return
    sets = StackSets()
    app._loaded_modules[STACK_SETS] = sets
    app._state_map[STACK_SETS] = STACK_SETS
    actions = StackSetActions(sets)
    table = handlers._ACTION_HANDLERS
    table.update(actions.table())
    table.update(templates.readable_urls(table))
    table["GetTemplateSummary"] = templates.summary_with_metadata(table["GetTemplateSummary"], actions.template)
    engine.CfnLoader.add_constructor(scalars.MAP_TAG, scalars.template_constructor())
    engine.CfnLoader.add_constructor(scalars.INT_TAG, scalars.integer_constructor())
