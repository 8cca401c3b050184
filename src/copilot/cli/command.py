"""Commands as click knows them: Go's way of writing flags, help in full sentences, examples always."""

from __future__ import annotations

import importlib
import textwrap
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import click

from copilot.cli.catalog import COMMANDS, Entry, children, is_group
from copilot.cli.types import Bool
from copilot.errors import UsageError

WIDTH = 80
_SETTINGS: dict[str, Any] = {"help_option_names": ["-h", "--help"]}

Example = tuple[str, str]
"""What the command line does, and the command line."""


class Flag(click.Option):
    """A flag; `value_name` is what help shows after it."""

    def __init__(self, *args: Any, value_name: str = "", **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.value_name = (
            "" if isinstance(self.type, Bool) else (value_name or self.type.name).replace("text", "string")
        )

    @property
    def long(self) -> str:
        return next(opt for opt in self.opts if opt.startswith("--"))

    @property
    def short(self) -> str:
        return next((opt for opt in self.opts if not opt.startswith("--")), "")


class Command(click.Command):
    """A leaf. `examples` and `exclusive` (groups of flags of which one may be given) are ours, the rest is click's."""

    def __init__(
        self,
        name: str | None,
        examples: Sequence[Example] = (),
        exclusive: Sequence[Sequence[str]] = (),
        **attributes: Any,
    ) -> None:
        super().__init__(name, context_settings=_SETTINGS, **attributes)
        self.examples = tuple(examples)
        self.exclusive = tuple(tuple(group) for group in exclusive)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        rest = super().parse_args(ctx, list(go_style(args, self.flags())))
        given = {
            param for param in ctx.params if ctx.get_parameter_source(param) is click.core.ParameterSource.COMMANDLINE
        }
        for group in self.exclusive:
            both = [flag for flag in group if flag.removeprefix("--").replace("-", "_") in given]
            if len(both) > 1:
                raise UsageError(
                    f"{' and '.join(both)} exclude each other: at most one of {', '.join(group)} may be given"
                )
        return rest

    def flags(self) -> list[Flag]:
        return [param for param in self.params if isinstance(param, Flag)]

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write(leaf_help(self, ctx.command_path))


class LazyGroup(click.Group):
    """A group whose commands are found in the catalog and imported when typed."""

    def __init__(self, *, path: str, **attributes: Any) -> None:
        super().__init__(name=(path.split() or ["copilot"])[-1], context_settings=_SETTINGS, **attributes)
        self.path = path

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, args or (["--help"] if self.path else []))

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name, entry in children(self.path).items() if not entry.hidden]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        path = f"{self.path} {cmd_name}".strip()
        entry = COMMANDS.get(path)
        if entry is None:
            return None
        if entry.later:
            return _Later(path)
        return load(path, entry)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if not name.startswith("-") and self.get_command(ctx, name) is None:
            raise _unknown(self, name)
        return super().resolve_command(ctx, args)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write(group_help(self.path))


class _Later(click.Command):
    """A command of the original that says that it is not here yet, whatever its arguments are."""

    def __init__(self, path: str) -> None:
        settings = {"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}
        super().__init__(name=path.split()[-1], context_settings=settings, callback=self._refuse, hidden=True)
        self.path = path

    def _refuse(self) -> None:
        raise UsageError(
            f"`copilot {self.path}` is not available: this version of Copilot in Python does not have it yet",
            hints=("`copilot --help` lists what it has",),
        )


def load(path: str, entry: Entry) -> click.Command:
    """The command at a path of the catalog: in its module it is named after the path's last word."""
    if is_group(path):
        return LazyGroup(path=path, help=entry.summary)
    module = importlib.import_module(entry.module)
    found = getattr(module, path.split()[-1].replace("-", "_"))
    if not isinstance(found, click.Command):
        raise TypeError(f"{entry.module} has no command {path}")
    return found


def command(
    *, examples: Sequence[Example], exclusive: Sequence[Sequence[str]] = ()
) -> Callable[[Callable[..., Any]], Command]:
    """Make a function a command: its docstring is the help text, its flags are the decorators below it."""
    return click.command(cls=Command, examples=examples, exclusive=exclusive)


def go_style(arguments: Sequence[str], flags: Sequence[Flag]) -> Iterator[str]:
    """Arguments as click expects them: `--all` as `--all=true`, `-n=web` as `--name=web`.

    A boolean flag of Go never takes the next word as its value, a flag of another type always does. Nothing after
    `--` is touched.
    """
    by_name = {opt: flag for flag in flags for opt in flag.opts}
    words = iter(arguments)
    for word in words:
        name, equals, value = word.partition("=")
        flag = by_name.get(name)
        if word == "--":
            yield from (word, *words)
        elif flag is None:
            yield word
        elif equals:
            yield f"{flag.long}={value}"
        elif isinstance(flag.type, Bool):
            yield f"{flag.long}=true"
        else:
            yield from (word, *(next_word for next_word in [next(words, None)] if next_word is not None))


def _unknown(group: LazyGroup, name: str) -> UsageError:
    import difflib

    near = difflib.get_close_matches(name, children(group.path), n=1)
    place = f"copilot {group.path}".strip()
    hints = [f"did you mean `{place} {near[0]}`?"] if near else []
    return UsageError(
        f'unknown command "{name}" for `{place}`', hints=(*hints, f"run `{place} --help` for its commands")
    )


def leaf_help(leaf: Command, path: str) -> str:
    """Description, usage, flags and examples of one command in 80 columns."""
    arguments = "".join(f" [{param.name}]" for param in leaf.params if isinstance(param, click.Argument))
    paragraphs = textwrap.dedent(leaf.help or "").strip().split("\n\n")
    parts = ["\n\n".join(textwrap.fill(" ".join(text.split()), WIDTH) for text in paragraphs)]
    parts.append(f"Usage\n  {path}{arguments} [flags]")
    parts.append("\n".join(["Flags", *_flag_lines(leaf)]))
    parts.append("\n".join(["Examples", *(line for example in leaf.examples for line in _example_lines(example))]))
    return "\n\n".join(parts)


def group_help(path: str) -> str:
    """What a group holds, in 80 columns; the root's help is in the catalog, which does not import click."""
    from copilot.cli.catalog import root_help

    if not path:
        return root_help().rstrip("\n")
    entries = {name: entry for name, entry in children(path).items() if not entry.hidden}
    width = max(map(len, entries))
    lines = [COMMANDS[path].summary, "", "Usage", f"  copilot {path} [command]", "", "Commands"]
    lines += [f"  {name.ljust(width)}  {entry.summary}" for name, entry in entries.items()]
    return "\n".join([*lines, "", f"`copilot {path} [command] --help` says more about a command."])


def _flag_lines(leaf: Command) -> Iterator[str]:
    rows = [(_spelling(flag), flag.help or "") for flag in leaf.flags() if not flag.hidden]
    rows.sort(key=lambda row: row[0][4:])
    rows.append(("-h, --help", "Print this help."))
    width = max(len(row[0]) for row in rows)
    for spelling, text in rows:
        lines = textwrap.wrap(text, WIDTH - width - 4)
        yield f"  {spelling.ljust(width)}  {lines[0]}"
        yield from (" " * (width + 4) + line for line in lines[1:])


def _spelling(flag: Flag) -> str:
    return f"{f'{flag.short},' if flag.short else '   '} {flag.long} {flag.value_name}".rstrip()


def _example_lines(example: Example) -> Iterator[str]:
    text, line = example
    yield from textwrap.wrap(text, WIDTH - 2, initial_indent="  ", subsequent_indent="  ")
    yield from (f"    {'$ ' if first else '  '}{part}" for first, part in _marked(line.splitlines()))


def _marked(lines: Sequence[str]) -> Iterator[tuple[bool, str]]:
    for index, line in enumerate(lines):
        yield index == 0 or not lines[index - 1].endswith("\\"), line.strip()
