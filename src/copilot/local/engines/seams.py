"""Where the engines are put into the emulator: its ECS asks these instead of its own functions.

Each replaced name is one of `SEAMS`; a test fails by name when an upgrade of the emulator drops one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from copilot.local.engines import ordering, records, spec, targets
from copilot.local.engines.health import UNHEALTHY
from copilot.local.engines.records import SCHEDULER, overall, settle
from copilot.local.engines.rollout import Readiness
from copilot.local.engines.service_seams import ServiceSeams
from copilot.local.engines.startup import ESSENTIAL_EXITED, Startup
from copilot.local.engines.throttle import Throttle, after

SEAMS = {
    "ministack.services.ecs": (
        "_get_docker",
        "_build_run_kwargs",
        "_start_task_worker",
        "_register_task_definition",
        "_cleanup_task_resources",
        "_create_service",
        "_update_service",
        "_mark_task_stopped",
        "_maybe_mark_stopped",
        "_record_service_task_failure",
        "_record_service_task_healthy",
        "_complete_service_deployment",
        "_schedule_service_deployment_completion",
        "_refresh_service_state",
        "_deployment_for_task",
        "_circuit_breaker_threshold",
        "_task_is_active",
        "_task_ip",
        "_sync_service_targets",
        "_prepare_service_images",
        "_resolve_repository_credentials",
        "_ImagePullError",
        "_restore_state",
        "_sanitize",
        "_iso",
        "_ts_to_epoch",
        "_ACTION_MAP",
        "_tasks",
        "_services",
        "_cluster_name_from_arn",
        "_resolve_cluster_name",
        "_resolve_service_ref",
        "_docker_binds_from_taskdef",
        "_reconcile_service_tasks",
    ),
    "ministack.services.alb": ("_ACTION_MAP",),
    "ministack.services.ecr": ("_get_authorization_token", "_put_image", "_images", "_repositories"),
    "ministack.services.servicediscovery": ("_services", "_namespaces"),
    "ministack.app": ("_stop_docker_containers", "_reaper_docker_client"),
}
CREDENTIAL_VARIABLES = ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN")


class Container(Protocol):
    """What an engine's container tells beyond docker-py's shape."""

    status: str
    failure: str

    @property
    def exit_code(self) -> int | None: ...

    @property
    def health(self) -> Any: ...


class Client(Protocol):
    """An engine behind ECS."""

    engine: str
    containers: Any
    images: Any

    def endpoint(self, port: int, cluster_arn: str) -> str: ...

    def reachable(self, ip: str, port: int) -> tuple[str, int]: ...

    def close(self) -> None: ...


class EcsSeams:
    """The replacements, for one client."""

    def __init__(
        self, ecs: Any, client: Client, *, port: int, account: Callable[[], str], region: Callable[[], str]
    ) -> None:
        self._ecs = ecs
        self._client = client
        self._port = port
        self._account = account
        self._region = region
        self._closing = False
        self._services = ServiceSeams(ecs)
        self._throttle = Throttle()
        self._replacements = {
            "_get_docker": lambda: client,
            "_build_run_kwargs": self.build_run_kwargs,
            "_start_task_worker": self.start_task,
            "_register_task_definition": self.register_task_definition,
            "_cleanup_task_resources": self.cleanup,
            "_create_service": self._services.create,
            "_update_service": self._services.update,
            "_reconcile_service_tasks": self._services.reconcile,
            "_mark_task_stopped": self.mark_stopped,
            "_maybe_mark_stopped": self.maybe_stopped,
            "_prepare_service_images": self.prepare_images,
            "_restore_state": self.restore_state,
            "_sync_service_targets": lambda cluster, service: targets.sync(ecs, cluster, service),
            "_sanitize": records.wire_shape,
            "_ts_to_epoch": records.wire_time,
            "_schedule_service_deployment_completion": self.schedule_completion,
            "_record_service_task_failure": self.record_failure,
        }
        self._originals: dict[str, Callable[..., Any]] = {name: getattr(ecs, name) for name in self._replacements}
        self._readiness = Readiness(
            ecs,
            self._originals["_schedule_service_deployment_completion"],
            self.fail_task,
            self.has_health_check,
        )
        self._startup = Startup(ecs, self.containers_of, self.end_task, lambda: not self._closing)

    def install(self) -> None:
        """Puts every replacement in place: the emulator looks functions up as it calls them, and actions in a map."""
        for name, replacement in self._replacements.items():
            setattr(self._ecs, name, replacement)
        self._ecs._ACTION_MAP.update(
            CreateService=self._services.create,
            UpdateService=self._services.update,
            RegisterTaskDefinition=self.register_task_definition,
        )

    def close(self) -> None:
        """From here on the end of a task is the end of the cloud, not a failure."""
        self._closing = True
        self._client.close()

    def at_process_boundary(self, include_unlabelled: bool = False) -> None:
        """What the emulator calls as it starts (`include_unlabelled`) and as it ends."""
        if not include_unlabelled:
            self.close()

    def build_run_kwargs(
        self,
        cdef: Mapping[str, Any],
        td: Mapping[str, Any],
        env: dict[str, str],
        port_bindings: Any,
        ecs_network: Any,
        host_mode: bool,
        task_id: str,
        task_arn: str,
        ministack_net_ip: Any,
        cluster_arn: str,
    ) -> dict[str, Any]:
        """The emulator's arguments for docker-py, as one value that both engines read.

        It is the last thing asked before the container starts, so this is where its dependencies are waited for.
        """
        from ministack.services import servicediscovery

        task = self._ecs._tasks.get(task_arn) or {}
        if task:
            self._startup.wait(task, cdef, td)
        service = records.service_of(task.get("group", ""))
        record = self._ecs._services.get(f"{self._ecs._cluster_name_from_arn(cluster_arn)}/{service}") or {}
        asked = spec.read(
            cdef,
            td,
            task_arn=task_arn,
            cluster_arn=cluster_arn,
            service=service,
            environment=self._environment(env, cluster_arn),
            names=records.names_of(record, td, records.registered_names(record, servicediscovery)),
            binds=self._ecs._docker_binds_from_taskdef(td, cdef),
        )
        return {"spec": asked}

    def _environment(self, env: dict[str, str], cluster_arn: str) -> dict[str, str]:
        """The task's variables, with the local cloud where AWS would be, and its account's keys."""
        endpoint = self._client.endpoint(self._port, cluster_arn)
        values = {name: str(value) for name, value in env.items() if name not in CREDENTIAL_VARIABLES}
        values["AWS_ENDPOINT_URL"] = endpoint
        if metadata := values.get("ECS_CONTAINER_METADATA_URI_V4"):
            values["ECS_CONTAINER_METADATA_URI_V4"] = f"{endpoint}/v4/{metadata.rpartition('/')[2]}"
        # SDKs take credentials from a container's address only when that is a loopback one.
        for name, value in (
            ("AWS_ACCESS_KEY_ID", self._account()),
            ("AWS_SECRET_ACCESS_KEY", "local"),
            ("AWS_REGION", self._region()),
            ("AWS_DEFAULT_REGION", self._region()),
        ):
            values.setdefault(name, value)
        return values

    def start_task(self, task: dict[str, Any], td: Mapping[str, Any], overrides: Any, docker_client: Any) -> None:
        """Starts the containers of a task in the order of their dependencies."""
        self._originals["_start_task_worker"](task, self._startup.ordered(task, td), overrides, docker_client)

    def end_task(self, task: dict[str, Any], reason: str, stop_code: str, exit_code: int | None) -> None:
        """Stops a task before all its containers have started."""
        if self.mark_stopped(task["taskArn"], task, reason, stop_code, exit_code):
            self.cleanup(task, self._client)

    def register_task_definition(self, data: dict[str, Any]) -> Any:
        """RegisterTaskDefinition, which would take dependencies that can't be kept."""
        definitions = [each for each in data.get("containerDefinitions") or () if "name" in each]
        if why := ordering.problem(definitions):
            return self._ecs.error_response_json("ClientException", f"Invalid 'dependsOn': {why}.", 400)
        return self._originals["_register_task_definition"](data)

    def prepare_images(self, task: dict[str, Any], td: Mapping[str, Any], docker_client: Any) -> Any:
        """Has every image of a task in the engine, or says which one is missing and why."""
        for definition in td.get("containerDefinitions") or ():
            credentials = self._ecs._resolve_repository_credentials(definition)
            try:
                self._client.images.pull(definition["image"], auth_config=credentials)
            except Exception as err:
                # An engine's errors are of many kinds; ECS has one for all of them.
                raise self._ecs._ImagePullError(explanation(err)) from err
        return self._originals["_prepare_service_images"](task, td, docker_client)

    def containers_of(self, task: Mapping[str, Any]) -> list[Container]:
        """The engine's containers of a task, those that are still there."""
        known = {container.id: container for container in self._client.containers.list()}
        return [known[key] for key in task.get("_docker_ids") or () if key in known]

    def cleanup(self, task: dict[str, Any], docker_client: Any, extra_container: Any = None) -> None:
        """Ends and removes a task's containers, whoever asks, and puts their exit codes on record.

        Its targets go first: no request is sent to a task that is being stopped.
        """
        containers = self.containers_of(task)
        cluster = self._ecs._cluster_name_from_arn(task.get("clusterArn", ""))
        service = self._ecs._services.get(f"{cluster}/{records.service_of(task.get('group', ''))}")
        if service is not None and task.get("lastStatus") == "STOPPED":
            self._ecs._sync_service_targets(cluster, service)
        # What depends on others ends before them.
        task.setdefault("_docker_ids", []).reverse()
        self._originals["_cleanup_task_resources"](task, self._client, extra_container)
        for record, container in zip(task.get("containers") or (), containers, strict=False):
            if container.exit_code is not None:
                record["exitCode"] = container.exit_code

    def mark_stopped(
        self, task_arn: str, task: dict[str, Any], reason: str, stop_code: str, exit_code: int | None = None
    ) -> bool:
        """A stopped task's reason in ECS's words, with the engine's own explanation."""
        if stop_code == ESSENTIAL_EXITED:
            reason = "Essential container in task exited"
            for record, container in zip(task.get("containers") or (), self.containers_of(task), strict=False):
                if container.failure:
                    record["reason"] = container.failure
                    reason = f"{reason}: {container.failure}"
        started = len(task.get("_docker_ids") or ())
        stopped = bool(self._originals["_mark_task_stopped"](task_arn, task, reason, stop_code, exit_code))
        for record in (task.get("containers") or ())[started:] if stopped else ():
            record["exitCode"] = None
        return stopped

    def maybe_stopped(self, task: dict[str, Any], docker_client: Any = None) -> None:
        """Notes health, stops a task that failed its health check, and notices one whose essential container ended."""
        if self._closing:
            return
        if task.get("lastStatus") == "RUNNING":
            self._note_health(task)
        self._readiness.replace_unhealthy(task)
        self._originals["_maybe_mark_stopped"](task, docker_client)

    def schedule_completion(self, *arguments: Any, **options: Any) -> None:
        """See Readiness.watch()."""
        self._readiness.watch(*arguments, **options)

    def has_health_check(self, task: Mapping[str, Any]) -> bool:
        """Whether an essential container of the task is checked."""
        essentials = task.get("_container_essentials") or ()
        pairs = zip(self.containers_of(task), essentials, strict=False)
        return any(container.health.is_checked for container, essential in pairs if essential)

    def _note_health(self, task: dict[str, Any]) -> None:
        containers = self.containers_of(task)
        essentials = task.get("_container_essentials") or ()
        statuses = []
        for record, container, essential in zip(task.get("containers") or (), containers, essentials, strict=False):
            record["healthStatus"] = container.health.status
            if container.health.is_checked and essential:
                statuses.append(container.health.status)
        task["healthStatus"] = overall(statuses)
        if task["healthStatus"] == UNHEALTHY:
            self.fail_task(task, "Task failed container health checks")

    def fail_task(self, task: dict[str, Any], reason: str) -> None:
        """Stops a task as the service scheduler does, and counts it against its deployment."""
        if self.mark_stopped(task["taskArn"], task, reason, SCHEDULER):
            self.cleanup(task, self._client)
            self._ecs._record_service_task_failure(task)

    def record_failure(self, task: dict[str, Any], *arguments: Any, **options: Any) -> None:
        """Counts a failed task against its deployment and replaces it, ever later when its service keeps failing."""
        original = self._originals["_record_service_task_failure"]
        after(self._throttle.delay(task), lambda: self._closing or original(task, *arguments, **options))

    def restore_state(self, data: Any) -> None:
        """Restored tasks are stopped ones; their records must not look half alive."""
        self._originals["_restore_state"](data)
        for task in list(self._ecs._tasks._data.values()):
            if task.get("desiredStatus") != "STOPPED":
                settle(task, self._ecs._iso())


def explanation(err: Exception) -> str:
    """What an engine's error says, without the HTTP around it."""
    return str(getattr(err, "explanation", None) or err)
