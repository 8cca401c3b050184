"""`--diff`: what would change, shown before it does."""

from __future__ import annotations

from copilot import cfn
from copilot.actions.context import Context
from copilot.cfn.template import Stack
from copilot.describe.stacks import ObservedStack
from copilot.model.outcome import Ended, Outcome


def confirm_difference(stack: Stack, observed: ObservedStack, context: Context, *, sure: bool) -> bool:
    """Shows how the wanted template differs from the deployed one and asks whether to go on; `sure` answers yes."""
    deployed = cfn.load(observed.template) if observed.template else {}
    difference = cfn.diff(deployed, stack.template)
    context.show("The template would not change." if difference.empty else difference.render())
    return sure or context.confirm("Continue with the deployment?")


def render_difference(stack: Stack, observed: ObservedStack, context: Context) -> Outcome:
    """`package --diff`: exit code 0 without a difference, 1 with one."""
    deployed = cfn.load(observed.template) if observed.template else {}
    difference = cfn.diff(deployed, stack.template)
    context.show("The template would not change." if difference.empty else difference.render())
    return Outcome(ended=Ended.UNCHANGED if difference.empty else Ended.DIFFERENT, exit_code=int(not difference.empty))
