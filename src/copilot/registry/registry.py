"""Which applications, environments and workloads there are: an SSM parameter each, in the application's home region."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NoReturn, TypeVar

from copilot import names
from copilot.aws.cloud import Cloud
from copilot.aws.parallel import together
from copilot.errors import NotFound
from copilot.model.records import App, Env, Workload
from copilot.registry import documents

R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """An application's records, environments and workloads each sorted by name."""

    app: App
    envs: tuple[Env, ...]
    workloads: tuple[Workload, ...]


class Registry:
    """The records that a cloud's account and region hold. `create` of what exists changes nothing and succeeds."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def find_app(self, name: str) -> App | None:
        """The application, or None."""
        return self._find(names.app_parameter(name), documents.parse_app)

    def get_app(self, name: str) -> App:
        """The application; NotFound when it is not in this account and region."""
        return self.find_app(name) or self._missing(
            f"application {name}", "see which there are: `copilot app ls`", "another region? `export AWS_REGION=...`"
        )

    def list_apps(self) -> list[App]:
        """Every application, sorted by name."""
        return self._list(names.apps_prefix(), documents.parse_app)

    def create_app(self, app: App) -> bool:
        """Records a new application; False, and nothing changed, when it exists."""
        return self._cloud.parameters.create(
            names.app_parameter(app.name),
            documents.render_app(app),
            description="Copilot Application",
            tags={names.APP_TAG: app.name},
        )

    def update_app(self, app: App) -> None:
        """Replaces an application's record; its parameter's tags stay."""
        self._cloud.parameters.update(
            names.app_parameter(app.name), documents.render_app(app), description="Copilot Application"
        )

    def delete_app(self, name: str) -> None:
        """Forgets an application; one that is gone is fine."""
        self._cloud.parameters.delete(names.app_parameter(name))

    def find_env(self, app: str, name: str) -> Env | None:
        """The environment, or None."""
        return self._find(names.env_parameter(app, name), documents.parse_env)

    def get_env(self, app: str, name: str) -> Env:
        """The environment; NotFound when the application has none of this name."""
        return self.find_env(app, name) or self._missing(
            f"environment {name} of application {app}",
            f"see which there are: `copilot env ls --app {app}`",
            f"make it: `copilot env init --app {app} --name {name}`",
        )

    def list_envs(self, app: str) -> list[Env]:
        """The application's environments, sorted by name."""
        return self._list(names.envs_prefix(app), documents.parse_env)

    def create_env(self, env: Env) -> bool:
        """Records a new environment of a recorded application; False, and nothing changed, when it exists."""
        return self._cloud.parameters.create(
            names.env_parameter(env.app, env.name),
            documents.render_env(env),
            description=f"The {env.name} deployment stage",
            tags={names.APP_TAG: env.app, names.ENV_TAG: env.name},
        )

    def delete_env(self, app: str, name: str) -> None:
        """Forgets an environment; one that is gone is fine."""
        self._cloud.parameters.delete(names.env_parameter(app, name))

    def get_deployment(self, app: str, env: str, workloads: Sequence[str]) -> Records:
        """The application, one environment and those of the workloads that exist: one call for up to eight."""
        paths = [names.workload_parameter(app, workload) for workload in workloads]
        app_path, env_path = names.app_parameter(app), names.env_parameter(app, env)
        found = self._cloud.parameters.find_many([app_path, env_path, *paths])
        if app_path not in found:
            self.get_app(app)
        if env_path not in found:
            self.get_env(app, env)
        parsed = [documents.parse_workload(found[path].value, path=path) for path in paths if path in found]
        return Records(
            app=documents.parse_app(found[app_path].value, path=app_path),
            envs=(documents.parse_env(found[env_path].value, path=env_path),),
            workloads=tuple(parsed),
        )

    def get_all(self, app: str) -> Records:
        """The application with all its environments and workloads, in one round trip."""
        record, below = together(
            lambda: self.get_app(app),
            lambda: self._cloud.parameters.list(f"{names.app_parameter(app)}/", recursive=True),
        )
        envs, workloads = names.envs_prefix(app), names.workloads_prefix(app)
        return Records(
            app=record,
            envs=tuple(documents.parse_env(p.value, path=p.name) for p in below if p.name.startswith(envs)),
            workloads=tuple(
                documents.parse_workload(p.value, path=p.name) for p in below if p.name.startswith(workloads)
            ),
        )

    def find_workload(self, app: str, name: str) -> Workload | None:
        """The service or job, or None."""
        return self._find(names.workload_parameter(app, name), documents.parse_workload)

    def get_workload(self, app: str, name: str) -> Workload:
        """The service or job; NotFound when the application has none of this name."""
        return self.find_workload(app, name) or self._missing_workload("workload", app, name)

    def get_service(self, app: str, name: str) -> Workload:
        """The service; a job of this name counts as not found."""
        found = self.find_workload(app, name)
        return found if found and not found.is_job else self._missing_workload("service", app, name)

    def get_job(self, app: str, name: str) -> Workload:
        """The job; a service of this name counts as not found."""
        found = self.find_workload(app, name)
        return found if found and found.is_job else self._missing_workload("job", app, name)

    def list_workloads(self, app: str) -> list[Workload]:
        """The application's services and jobs, sorted by name."""
        return self._list(names.workloads_prefix(app), documents.parse_workload)

    def create_workload(self, workload: Workload) -> bool:
        """Records a new service or job of a recorded application; False, and nothing changed, when one has the name."""
        return self._cloud.parameters.create(
            names.workload_parameter(workload.app, workload.name),
            documents.render_workload(workload),
            description=f"Copilot {workload.type} {workload.name}",
            tags={names.APP_TAG: workload.app, names.SERVICE_TAG: workload.name},
        )

    def delete_workload(self, app: str, name: str) -> None:
        """Forgets a service or job; one that is gone is fine."""
        self._cloud.parameters.delete(names.workload_parameter(app, name))

    def _find(self, path: str, parse: Callable[..., R]) -> R | None:
        found = self._cloud.parameters.find(path)
        return parse(found.value, path=path) if found else None

    def _list(self, prefix: str, parse: Callable[..., R]) -> list[R]:
        return [parse(each.value, path=each.name) for each in self._cloud.parameters.list(prefix)]

    def _missing_workload(self, noun: str, app: str, name: str) -> NoReturn:
        plural = "job" if noun == "job" else "svc"
        self._missing(
            f"{noun} {name} of application {app}",
            f"see which there are: `copilot {plural} ls --app {app}`",
            f"make it: `copilot {plural} init --app {app} --name {name}`",
        )

    def _missing(self, what: str, *hints: str) -> NoReturn:
        raise NotFound(
            f"{what} does not exist: account {self._cloud.account}, region {self._cloud.region} has no record of it",
            hints=hints,
        )
