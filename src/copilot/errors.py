"""The error tree. A leaf module: it imports nothing of the project and knows no cloud, file or terminal.

CopilotError
├── UsageError          a flag or argument is wrong or missing
├── ManifestError       a manifest has problems; holds all of them
├── WorkspaceError      the copilot/ directory is absent, foreign or unreadable
├── NotFound            an app, environment, workload, stack or parameter does not exist
├── AlreadyExists       it exists, and that is in the way
├── Blocked             it exists but its state or version forbids the step
├── AWSError            AWS answered with an error
│   ├── NoCredentials   none found, or they have expired
│   ├── NoRegion        no region is set
│   ├── AccessDenied    the caller lacks a permission
│   ├── Throttled       still throttled after all retries
│   ├── StackFailed     a stack operation ended in failure
│   └── StackBusy       another operation holds the stack or stack set
├── EngineError         a container engine failed
│   ├── NotRunning      no engine, or it does not answer
│   ├── BuildFailed     an image did not build; holds the build's output
│   └── PushFailed      an image was not pushed
├── LocalCloudError     the local cloud did not start, or its port is taken
├── Cancelled           the user stopped it (130)
└── ChildExited         a process that the user asked for ended with its own code
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


class CopilotError(Exception):
    """What a person is told. `message` reads `{what happened}: {why}`; each hint is a next step.

    `details` is text shown as it is between the two (a build's output, log lines).
    """

    exit_code = 1

    def __init__(
        self,
        message: str,
        *,
        hints: Sequence[str] = (),
        details: str = "",
        reference: str = "",
        exit_code: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hints = tuple(hints)
        self.details = details
        self.reference = reference
        if exit_code is not None:
            self.exit_code = exit_code


def combined(failures: Iterable[CopilotError]) -> CopilotError:
    """One error that tells several: a cancellation or else the first, the others in its details; every hint once."""
    first, *others = all_told = sorted(dict.fromkeys(failures), key=lambda failure: not isinstance(failure, Cancelled))
    told = [first.details, *(f"{other.message}\n{other.details}".rstrip() for other in others)]
    first.details = "\n\n".join(text for text in dict.fromkeys(told) if text)
    first.hints = tuple(dict.fromkeys(hint for failure in all_told for hint in failure.hints))
    return first


class UsageError(CopilotError):
    """A flag or argument is wrong or missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong in a file the user wrote: `{path}:{line}: {field}: {message}`."""

    path: str
    line: int
    column: int = 0
    field: str = ""
    message: str
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return ": ".join(part for part in (place, self.field, self.message) if part)


class ManifestError(CopilotError):
    """A manifest has problems; all of them are told at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        count = f"{len(problems)} problem{'s' if len(problems) != 1 else ''}"
        hints = tuple(dict.fromkeys(p.hint for p in problems if p.hint))
        super().__init__(f"manifest is not valid: {count} found", details="\n".join(map(str, problems)), hints=hints)
        self.problems = tuple(problems)


class WorkspaceError(CopilotError):
    """The copilot/ directory is absent, belongs to something else, or can't be read."""


class NotFound(CopilotError):
    """What was asked for does not exist."""


class AlreadyExists(CopilotError):
    """It exists already, and that is in the way."""


class Blocked(CopilotError):
    """It exists, but its state or version forbids the step."""


class AWSError(CopilotError):
    """AWS answered with an error. `code` is AWS's own error code, `operation` the API action."""

    def __init__(
        self, message: str, *, code: str = "", operation: str = "", hints: Sequence[str] = (), details: str = ""
    ) -> None:
        super().__init__(message, hints=hints, details=details)
        self.code = code
        self.operation = operation


class NoCredentials(AWSError):
    """No credentials were found, or they have expired."""


class NoRegion(AWSError):
    """No region is set."""


class AccessDenied(AWSError):
    """The caller lacks a permission."""


class Throttled(AWSError):
    """AWS kept throttling after all retries."""


class StackFailed(AWSError):
    """A stack operation ended in failure; `details` holds the reasons."""


class StackBusy(AWSError):
    """Another operation holds the stack or stack set."""


class EngineError(CopilotError):
    """A container engine failed."""


class NotRunning(EngineError):
    """No engine is installed, or it does not answer."""


class BuildFailed(EngineError):
    """An image did not build; `details` holds the output."""


class PushFailed(EngineError):
    """An image was not pushed."""


class LocalCloudError(CopilotError):
    """The local cloud did not start, stopped, or its port is taken."""


class Cancelled(CopilotError):
    """The user stopped it."""

    exit_code = 130

    def __init__(self, message: str = "cancelled", *, hints: Sequence[str] = ()) -> None:
        super().__init__(message, hints=hints)


class ChildExited(CopilotError):
    """A process that the user asked for ended with its own exit code."""

    def __init__(self, message: str, *, exit_code: int) -> None:
        super().__init__(message, exit_code=exit_code)
