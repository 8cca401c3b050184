"""An account and a workspace to measure in: application `bench`, environment `test`, a running service `web`, and six
services that have only manifests.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.proxy import Recorder, proxy
from benchmarks.tools import Run, Tool, bare_environ, run
from copilot.images.engine import BuildRequest
from copilot.images.host import HostEngine
from copilot.images.store import ImageStore
from copilot.local.clouds import Endpoint, LocalCloud

IMAGE = "example.test/hello:1"
NEW_SERVICES = tuple(f"new{number}" for number in range(1, 7))

_PROGRAM = """
import http.server, os

class Hello(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass

http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "0"))), Hello).serve_forever()
"""
_DOCKERFILE = """FROM scratch
COPY app.py /app.py
CMD ["python3", "/app.py"]
"""
_NEW_SERVICE = """name: {name}
type: Backend Service
image:
  location: {image}
cpu: 256
memory: 512
count: 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A tool in its workspace, with a recorder between it and the account."""

    tool: Tool
    workspace: Path
    environ: Mapping[str, str]
    recorder: Recorder

    def run(self, *arguments: str) -> Run:
        """One command of the tool."""
        return run((*self.tool.command, *arguments), cwd=self.workspace, environ=self.environ, recorder=self.recorder)

    def change(self, value: str) -> None:
        """Changes one variable of the running service's manifest."""
        manifest = self.workspace / "copilot" / "web" / "manifest.yml"
        kept = manifest.read_text(encoding="utf-8").partition("\n# bench\n")[0]
        manifest.write_text(f'{kept}\n# bench\nvariables:\n  ROUND: "{value}"\n', encoding="utf-8")


@contextmanager
def scene(tool: Tool, folder: Path) -> Iterator[Scene]:
    """A scene in an empty folder; its local cloud ends with the block."""
    workspace, home = folder / "workspace", folder / "home"
    for path in (workspace, home):
        path.mkdir(parents=True)
    private = {**bare_environ(home), "COPILOT_LOCAL_HOME": str(folder / "cloud")}
    cloud = LocalCloud.at(workspace, {**private, **tool.cloud_environ})
    endpoint = cloud.start(engine="host")
    _make_image(folder / "image", cloud)
    recorder = Recorder()
    try:
        with proxy(endpoint.url, recorder) as url:
            environ = {**bare_environ(home), **_credentials(endpoint), **tool.endpoint(url), **tool.environ}
            made = Scene(tool=tool, workspace=workspace, environ=environ, recorder=recorder)
            _set_up(made)
            yield made
    finally:
        cloud.stop()


def _set_up(made: Scene) -> None:
    made.run("app", "init", "bench")
    made.run("env", "init", "--name", "test", "--default-config", *made.tool.env_init)
    made.run("env", "deploy", "--name", "test")
    kind = ("--svc-type", "Load Balanced Web Service", "--image", IMAGE, "--port", "8080")
    made.run("svc", "init", "--name", "web", *kind)
    made.run("svc", "deploy", "--name", "web", "--env", "test")
    for name in NEW_SERVICES:
        manifest = made.workspace / "copilot" / name / "manifest.yml"
        manifest.parent.mkdir()
        manifest.write_text(_NEW_SERVICE.format(name=name, image=IMAGE), encoding="utf-8")


def _make_image(source: Path, cloud: LocalCloud) -> None:
    source.mkdir()
    (source / "app.py").write_text(_PROGRAM, encoding="utf-8")
    (source / "Dockerfile").write_text(_DOCKERFILE, encoding="utf-8")
    request = BuildRequest(dockerfile=source / "Dockerfile", context=source, tags=(IMAGE,))
    HostEngine(ImageStore(cloud.home.path.parent / ".images")).build(request, lambda _line: None)


def _credentials(endpoint: Endpoint) -> dict[str, str]:
    return {
        "AWS_ACCESS_KEY_ID": endpoint.access_key,
        "AWS_SECRET_ACCESS_KEY": endpoint.secret_key,
        "AWS_REGION": endpoint.region,
    }
