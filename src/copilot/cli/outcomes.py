"""How a command ends: one sentence, what one should know, the URLs, what to run next."""

from __future__ import annotations

from copilot.model.outcome import Ended, Outcome
from copilot.term.console import Console, Ink


def tell(console: Console, outcome: Outcome) -> int:
    """Say how it ended: talk on stderr, URLs on stdout since scripts want them. Answers with the exit code."""
    if outcome.message:
        _SAY[outcome.ended](console, outcome.message)
    for notice in outcome.notices:
        console.warn(notice)
    for url in outcome.urls:
        console.data(console.out.paint(url, Ink.LINK))
    if outcome.next_steps:
        console.say()
        console.say("Next:")
        for step in outcome.next_steps:
            console.say(f"  - {step}")
    return outcome.exit_code


_SAY = {
    Ended.DONE: Console.success,
    Ended.DETACHED: Console.success,
    Ended.UNCHANGED: Console.say,
    Ended.DECLINED: Console.say,
    Ended.DIFFERENT: Console.say,
    Ended.INTERRUPTED: Console.warn,
}
