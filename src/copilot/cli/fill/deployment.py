"""What `copilot deploy` deploys, in which order, and where."""

from __future__ import annotations

from collections.abc import Sequence

from copilot.cli.wiring import Wiring
from copilot.errors import NotFound
from copilot.term.questions import Choice

ALL_REMAINING = "All that remain"
MISSING_HINT = "has a manifest, is not made yet"


def workloads(wiring: Wiring, given: Sequence[str], *, all_of_them: bool) -> tuple[str, ...]:
    """Names, each with its place in the order (`web/2`) when a person chose several."""
    here = wiring.require_workspace().workload_names()
    if given or all_of_them:
        return tuple(given)
    if not here:
        raise NotFound("no workload found: no manifest is under copilot/", hints=("make one: `copilot svc init`",))
    choices = [Choice(value=name) for name in here]
    chosen = wiring.ask.choose_many("Which workloads?", choices, flag="--name or --all", noun="workload")
    return _ordered(wiring, chosen) if len(chosen) > 1 else chosen


def _ordered(wiring: Wiring, names: Sequence[str]) -> tuple[str, ...]:
    ordered: list[str] = []
    remaining = list(names)
    place = 1
    while remaining:
        choices = [Choice(value=ALL_REMAINING), *(Choice(value=name) for name in remaining)]
        question = f"Which of them are deployed {'first' if place == 1 else 'next'}?"
        group = list(wiring.ask.choose_many(question, choices, flag="--name", noun="workload"))
        group = remaining if ALL_REMAINING in group else group
        ordered += [f"{name}/{place}" for name in group]
        remaining = [name for name in remaining if name not in group]
        place += 1
    return tuple(ordered)


def environment(wiring: Wiring, app: str, given: str) -> tuple[str, bool]:
    """The environment, and whether the application has it already."""
    made = [env.name for env in wiring.read(lambda context: context.registry.list_envs(app))]
    here = wiring.require_workspace().environment_names()
    choices = [Choice(value=name) for name in made]
    choices += [Choice(value=name, hint=MISSING_HINT) for name in here if name not in made]
    if not given and not choices:
        raise NotFound(f"no environment found: application {app} has none", hints=("make one: `copilot env init`",))
    if given and given not in (*made, *here):
        raise NotFound(
            f"environment {given} not found: neither application {app} nor this workspace has it",
            hints=(f"make it: `copilot env init --name {given}`", "see which there are: `copilot env ls`"),
        )
    name = given or wiring.ask.choose("Which environment?", choices, flag="--env", noun="environment")
    return name, name in made


def init_env(wiring: Wiring, env: str, given: bool | None) -> bool:
    """Whether to make an environment that is missing."""
    if given is not None:
        return given
    return wiring.ask.confirm(f"Environment {env} is not made yet. Make it?", flag="--init-env", default=True)
