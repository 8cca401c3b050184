"""`--diff`: what would change, shown before it does."""

from __future__ import annotations

from copilot import cfn
from copilot.actions.context import Context
from copilot.cfn.diff import Diff
from copilot.cfn.template import Stack
from copilot.deploy.plan import all_parameters
from copilot.describe.stacks import ObservedStack
from copilot.model.outcome import Ended, Outcome

UNCHANGED = "The template would not change."
ONLY_PARAMETERS = "The template would not change, but its parameters would:\n"


def confirm_difference(stack: Stack, observed: ObservedStack, context: Context, *, sure: bool) -> bool:
    """Shows how the wanted template differs from the deployed one and asks whether to go on; `sure` answers yes.

    Where the templates are the same, the values that they are deployed with may still differ: an image, a number.
    """
    difference = _difference(stack, observed)
    parameters = cfn.diff({"Parameters": dict(observed.parameters)}, {"Parameters": all_parameters(stack)})
    if difference.empty and not parameters.empty:
        context.show(ONLY_PARAMETERS + parameters.render())
    else:
        context.show(difference.render() or UNCHANGED)
    return sure or context.confirm("Continue with the deployment?")


def render_difference(stack: Stack, observed: ObservedStack, context: Context) -> Outcome:
    """`package --diff`: exit code 0 without a difference, 1 with one.

    Only templates count, as in the original: the image that would run is not known before it is built.
    """
    difference = _difference(stack, observed)
    context.show(difference.render() or UNCHANGED)
    return Outcome(ended=Ended.UNCHANGED if difference.empty else Ended.DIFFERENT, exit_code=int(not difference.empty))


def _difference(stack: Stack, observed: ObservedStack) -> Diff:
    return cfn.diff(cfn.load(observed.template) if observed.template else {}, stack.template)
