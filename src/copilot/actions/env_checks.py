"""Does an environment's manifest fit the services that are deployed in it: what its CDN would do to them."""

from __future__ import annotations

import json
from collections.abc import Sequence

from copilot import cfn, names
from copilot.actions.env_plans import EnvScene
from copilot.aws.parallel import each
from copilot.errors import Blocked
from copilot.manifest import Environment

REDIRECTING_RULE = "HTTPListenerRuleWithDomain"
REDIRECT = "redirect"


def check_cdn(manifest: Environment, scene: EnvScene) -> tuple[str, ...]:
    """Refuses a CDN that services could not be reached through; what still works, but in circles, is a notice."""
    if manifest.cdn is None:
        return ()
    public = public_services(scene)
    if scene.app.domain and not manifest.http.public.certificates:
        _require_aliases(public, scene)
    if not manifest.cdn.terminate_tls:
        return ()
    answers = each(lambda name: _redirects(name, scene), public)
    redirecting = [name for name, answer in zip(public, answers, strict=True) if answer]
    if not redirecting:
        return ()
    problem = (
        f"{', '.join(redirecting)} would redirect for ever: the CDN asks by HTTP (cdn.terminate_tls), "
        "and HTTP leads to HTTPS"
    )
    hint = "set http.redirect_to_https to false in their manifests and deploy them"
    if manifest.http.public.ingress.cdn:
        raise Blocked(f"environment {scene.env.name} can't be deployed: {problem}", hints=(hint,))
    return (f"{problem}; {hint}.",)


def public_services(scene: EnvScene) -> tuple[str, ...]:
    """The services behind the public load balancer, as the environment's stack knows them."""
    listed = scene.observed.parameters.get("ALBWorkloads", "")
    return tuple(sorted(name for name in listed.split(",") if name))


def services_without_alias(public: Sequence[str], parameter: str) -> list[str]:
    """Those of the services that the stack's parameter, a JSON object by service, has no aliases for."""
    known = json.loads(parameter) if parameter else {}
    return [name for name in public if not known.get(name)]


def _require_aliases(public: Sequence[str], scene: EnvScene) -> None:
    """The CDN takes over the records of aliases only; records of services without one would pass it by."""
    bare = services_without_alias(public, scene.observed.parameters.get("Aliases", ""))
    if bare:
        raise Blocked(
            f"environment {scene.env.name} can't be deployed: with a CDN and a domain every public service needs an "
            f"alias, and {', '.join(bare)} {'has' if len(bare) == 1 else 'have'} none",
            hints=tuple(f"set http.alias in copilot/{name}/manifest.yml and deploy {name}" for name in bare),
        )


def _redirects(name: str, scene: EnvScene) -> bool:
    """Whether the service's deployed HTTP rule sends everyone to HTTPS."""
    text = scene.cloud.stacks.template(names.workload_stack(scene.app.name, scene.env.name, name))
    return redirects(text)


def redirects(template: str) -> bool:
    """Whether a service's template has a rule that answers HTTP with a redirection."""
    resources = (cfn.load(template) if template else {}).get("Resources") or {}
    rules = [r for logical_id, r in resources.items() if logical_id.startswith(REDIRECTING_RULE)]
    actions = [action for rule in rules for action in (rule.get("Properties") or {}).get("Actions") or ()]
    return any(action.get("Type") == REDIRECT for action in actions)
