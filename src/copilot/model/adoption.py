"""What deploying an application of AWS Copilot's with this tool would change, stack by stack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class StackAdoption:
    """One stack. `changes` are sentences, `replaced` and `removed` logical ids; `blocked` says why it can't be done."""

    stack: str
    label: str
    changes: Sequence[str] = ()
    replaced: Sequence[str] = ()
    removed: Sequence[str] = ()
    blocked: str = ""
    next_step: str = ""

    @property
    def is_destructive(self) -> bool:
        return bool(self.replaced or self.removed)

    @property
    def summary(self) -> str:
        """One line: what it comes to."""
        if self.blocked:
            return self.blocked
        lost = [f"replaces {name}" for name in self.replaced] + [f"removes {name}" for name in self.removed]
        return "; ".join([*lost, *self.changes]) or "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class AppAdoption:
    """All stacks of an application, in the order in which they are adopted."""

    app: str
    stacks: Sequence[StackAdoption] = ()

    @property
    def is_adopted(self) -> bool:
        return not any(stack.changes or stack.is_destructive or stack.blocked for stack in self.stacks)
