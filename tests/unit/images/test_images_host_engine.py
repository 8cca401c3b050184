"""The host engine lays images out as folders, and says what it can't do."""

from pathlib import Path

import pytest

from copilot.errors import BuildFailed, PushFailed
from copilot.images.engine import BuildRequest, BuiltImage, RegistryAccess
from copilot.images.host import HostEngine
from copilot.images.publish import publish
from copilot.images.store import ImageStore, StoredImage


class Bench:
    """A build context, a store, and what the engine said."""

    def __init__(self, root: Path) -> None:
        self.context = root / "context"
        self.context.mkdir()
        self.store = ImageStore(root / "store")
        self.said: list[str] = []

    def write(self, **files: str) -> None:
        for name, text in files.items():
            self.file(name.replace("__", "/"), text)

    def file(self, name: str, text: str) -> None:
        path = self.context / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def request(self, text: str, **options: object) -> BuildRequest:
        self.file("Dockerfile", text)
        return BuildRequest(dockerfile=self.context / "Dockerfile", context=self.context, **options)  # type: ignore[arg-type]

    def build(self, text: str, **options: object) -> StoredImage:
        built = HostEngine(self.store).build(self.request(text, **options), self.said.append)
        found = self.store.find(built.id)
        assert found is not None
        return found

    def refusal(self, text: str, **options: object) -> BuildFailed:
        with pytest.raises(BuildFailed) as caught:
            self.build(text, **options)
        return caught.value


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def files(image: StoredImage) -> set[str]:
    return {path.relative_to(image.rootfs).as_posix() for path in image.rootfs.rglob("*") if not path.is_dir()}


def test_an_image_holds_the_files_and_the_configuration(bench: Bench) -> None:
    bench.write(app="run", lib__a="1")
    image = bench.build(
        'FROM python:3.13-slim\nARG NAME=x\nENV GREETING="hi ${NAME}"\nLABEL a=b\nWORKDIR /srv\nWORKDIR app\n'
        'COPY app .\nCOPY lib /srv/lib/\nEXPOSE 8080\nUSER nobody\nENTRYPOINT ["python"]\nCMD ["app"]\n',
        args={"NAME": "you"},
        labels={"c": "d"},
    )
    assert files(image) == {"srv/app/app", "srv/lib/a"}
    config = image.config
    assert (config.env, config.workdir) == ({"GREETING": "hi you"}, "/srv/app")
    assert (config.entrypoint, config.command, config.expose) == (("python",), ("app",), (8080,))
    assert (config.labels, config.base, config.user) == ({"a": "b", "c": "d"}, "python:3.13-slim", "nobody")
    assert any("runs as you" in line for line in bench.said)


def test_the_same_input_gives_the_same_image_and_another_input_another(bench: Bench) -> None:
    bench.write(a="1")
    first = bench.build("FROM scratch\nCOPY a /\n")
    again = bench.build("FROM scratch\nCOPY a /\n")
    bench.write(a="2")
    other = bench.build("FROM scratch\nCOPY a /\n")
    assert first.id == again.id != other.id


def test_a_run_step_is_refused_with_its_line_and_the_way_out(bench: Bench) -> None:
    refused = bench.refusal("FROM a\n\nRUN pip install flask\n")
    assert "Dockerfile:3: RUN pip install flask: the host engine runs no RUN steps" in refused.message
    assert "--engine docker" in refused.hints[0]


def test_a_run_step_in_a_stage_that_nothing_needs_is_no_obstacle(bench: Bench) -> None:
    bench.write(a="1")
    image = bench.build("FROM x AS tests\nRUN pytest\nFROM y\nCOPY a /a\n")
    assert files(image) == {"a"}


def test_files_are_copied_from_an_earlier_stage_and_a_target_stops_early(bench: Bench) -> None:
    bench.write(a="1", b="2")
    text = "FROM x AS one\nCOPY a /out/a\nFROM y AS two\nCOPY --from=one /out /got\nFROM two\nCOPY b /b\n"
    assert files(bench.build(text)) == {"got/a", "b"}
    assert files(bench.build(text, target="one")) == {"out/a"}


def test_a_stage_that_starts_from_another_has_its_files_and_settings(bench: Bench) -> None:
    bench.write(a="1")
    image = bench.build('FROM x AS base\nENV A=1\nCOPY a /a\nCMD ["a"]\nFROM base\nENV B=$A\n')
    assert (files(image), dict(image.config.env), image.config.command) == ({"a"}, {"A": "1", "B": "1"}, ("a",))


def test_an_image_built_here_can_be_the_base_of_another(bench: Bench) -> None:
    bench.write(a="1")
    bench.build("FROM scratch\nCOPY a /a\nENV A=1\n", tags=("team/base:1",))
    image = bench.build("ARG BASE=team/base:1\nFROM ${BASE}\n")
    assert (files(image), dict(image.config.env)) == ({"a"}, {"A": "1"})


def test_dockerignore_hides_files_and_an_exception_brings_them_back(bench: Bench) -> None:
    bench.write(keep="", node_modules__x__y="", logs__a="", logs__keep="", src__a="")
    bench.file(".dockerignore", "node_modules\nlogs/*\n!logs/keep\n**/*.pyc\n# comment\n.dockerignore\nDockerfile\n")
    bench.file("src/a.pyc", "")
    assert files(bench.build("FROM x\nCOPY . /\n")) == {"keep", "logs/keep", "src/a"}


def test_a_pattern_copies_what_matches_into_a_folder(bench: Bench) -> None:
    bench.write(one="1", other="2", two="3")
    assert files(bench.build("FROM x\nCOPY o* /to/\n")) == {"to/one", "to/other"}


@pytest.mark.parametrize(
    ("step", "why"),
    [
        ("COPY nothing /", "nothing is not there"),
        ("COPY ../secret /", "outside of the build context"),
        ("COPY link /", "leads out of the build context"),
        ("COPY a b /file", "must end with /"),
        ("COPY --from=nginx:1 /x /", "has no image nginx:1"),
        ("ADD https://example.com/x /", "downloads nothing"),
    ],
)
def test_a_copy_that_can_not_be_made_says_why(bench: Bench, step: str, why: str) -> None:
    bench.write(a="", b="")
    (bench.context / "link").symlink_to("/etc/hosts")
    refused = bench.refusal(f"FROM x\n{step}\n")
    assert why in refused.message
    assert "Dockerfile:2" in refused.message


def test_a_copy_never_writes_outside_of_the_image(bench: Bench, tmp_path: Path) -> None:
    (bench.context / "links").mkdir()
    (bench.context / "links" / "out").symlink_to(tmp_path / "outside")
    (tmp_path / "outside").mkdir()
    bench.write(a="1")
    refused = bench.refusal("FROM x\nCOPY links /links/\nCOPY a /links/out/a\n")
    assert "leads out of the image" in refused.message
    assert not list((tmp_path / "outside").iterdir())


def test_a_link_that_leads_to_itself_does_not_hang_the_build(bench: Bench) -> None:
    bench.write(a="1")
    (bench.context / "loop").symlink_to("loop")
    assert "a" in files(bench.build("FROM x\nCOPY . /\n"))
    assert "is not there" in bench.refusal("FROM x\nCOPY loop /\n").message


def test_a_missing_dockerfile_and_an_empty_one_are_told(bench: Bench) -> None:
    request = BuildRequest(dockerfile=bench.context / "Dockerfile", context=bench.context)
    with pytest.raises(BuildFailed, match="can't be read"):
        HostEngine(bench.store).build(request, print)
    assert "no FROM" in bench.refusal("ENV A=1\n").message
    assert "no stage prod" in bench.refusal("FROM a\n", target="prod").message


def test_a_tag_moves_to_the_newest_image(bench: Bench) -> None:
    old = bench.build("FROM x\nENV A=1\n", tags=("r/app:latest",))
    new = bench.build("FROM x\nENV A=2\n", tags=("r/app:latest",))
    found = bench.store.find("r/app")
    assert found is not None and found.id == new.id != old.id
    assert bench.store.find(f"r/app@{old.id}") is not None
    assert bench.store.find("r/app:other") is None


def test_an_image_behind_a_loopback_registry_stays_where_it_is(bench: Bench) -> None:
    engine = HostEngine(bench.store)
    built = engine.build(bench.request("FROM x\n", tags=("r/app:latest",)), print)
    published = publish(engine, built, RegistryAccess(uri="r/app", is_loopback=True), print)
    assert (published.reference, published.digest) == (f"r/app@{built.id}", built.id)


def test_the_host_engine_pushes_nothing_to_aws(bench: Bench) -> None:
    with pytest.raises(PushFailed, match="local cloud only") as caught:
        publish(HostEngine(bench.store), BuiltImage(id="sha256:1", tags=("r:1",)), RegistryAccess(uri="r"), print)
    assert "--engine docker" in caught.value.hints[0]
