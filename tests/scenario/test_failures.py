"""Deployments that can't succeed: why is said, and what ran before still runs."""

from __future__ import annotations

from desk import Place, tally

DEPLOY = ("svc", "deploy", "--name", "collector", "--env", "test")
DIES = """import sys
print("starting")
print("no database at DB_HOST", flush=True)
sys.exit(3)
"""


def test_a_task_that_dies_is_told_with_its_exit_code_and_last_lines(vote_place: Place) -> None:
    desk, inventory = vote_place.desk, vote_place.inventory
    desk.write("collector/server.py", DIES)
    failed = desk.fails("local", "up")
    assert "exit code 3" in failed.err
    assert "| no database at DB_HOST" in failed.err.split("✘")[-1], failed.told
    assert inventory.status(f"{vote_place.app}-test-aggregator") == "CREATE_COMPLETE", "the other service is up"

    desk.write("collector/server.py", (desk.root / "aggregator" / "server.py").read_text())
    desk.edit("copilot/collector/manifest.yml", "/health", "/")
    mended = desk.ok("local", "up")
    assert "removing" in mended.err, "what failed to be made is made anew"


def test_the_version_before_answers_after_a_failed_update(vote_place: Place) -> None:
    desk, inventory = vote_place.desk, vote_place.inventory
    url = desk.ok("local", "up").out.strip()
    good = desk.read("collector/server.py")
    image = inventory.image(f"{vote_place.app}-test-collector")

    desk.write("collector/server.py", DIES)
    died = desk.fails(*DEPLOY)
    assert "| no database at DB_HOST" in died.err.split("✘")[-1], died.told
    assert "until then the previous version runs" in died.err
    desk.write("collector/server.py", good)
    assert tally(url) == {"cats": 0, "dogs": 0}
    assert inventory.status(f"{vote_place.app}-test-collector") == "UPDATE_ROLLBACK_COMPLETE"
    assert inventory.image(f"{vote_place.app}-test-collector") == image

    dockerfile = desk.read("collector/Dockerfile")
    for broken, told in (
        (dockerfile.replace("COPY server.py", "COPY nothing.txt"), "nothing.txt is not there"),
        (f"{dockerfile}RUN apt-get install everything\n", "runs no RUN steps"),
        (f"{dockerfile}NONSENSE\n", "NONSENSE"),
    ):
        desk.write("collector/Dockerfile", broken)
        failed = desk.fails(*DEPLOY)
        assert told in failed.err.split("✘")[-1], failed.told
        assert failed.err.split("✘")[-1].startswith(" image of collector was not built: "), failed.told
        assert "hint:" in failed.err, failed.told
        assert inventory.image(f"{vote_place.app}-test-collector") == image
    (desk.root / "collector" / "Dockerfile").unlink()
    assert "collector/Dockerfile" in desk.fails(*DEPLOY).err
    desk.write("collector/Dockerfile", f'{dockerfile}CMD ["no-such-program"]\n')
    failed = desk.fails(*DEPLOY)
    assert "no-such-program" in failed.err.split("✘")[-1], failed.told
    desk.write("collector/Dockerfile", dockerfile)
    assert tally(url) == {"cats": 0, "dogs": 0}
    desk.ok(*DEPLOY)


def test_a_health_check_that_fails_is_told_with_its_answer(vote_place: Place) -> None:
    desk = vote_place.desk
    desk.edit("copilot/collector/manifest.yml", "/health", "/nowhere")
    desk.edit("copilot/collector/manifest.yml", "    timeout: 5s\n", "    timeout: 5s\n    grace_period: 5s\n")
    failed = desk.fails("local", "up")
    told = failed.err.split("✘")[-1]
    assert "health checks" in told, failed.told
    assert "404" in told, failed.told
    assert "http.healthcheck.path" in told, failed.told


def test_images_that_nobody_has_are_told_all_of_them(vote_place: Place) -> None:
    desk = vote_place.desk
    for name in ("aggregator", "collector"):
        location = f"location: nowhere.invalid/{name}:1"
        desk.edit(f"copilot/{name}/manifest.yml", f"build: {name}/Dockerfile", location)
    failed = desk.fails("local", "up")
    told = failed.err.split("✘")[-1]
    assert "nowhere.invalid/aggregator:1" in told, failed.told
    assert "nowhere.invalid/collector:1" in told, failed.told


def test_a_failed_first_deployment_can_be_kept_to_look_at_it(vote_place: Place) -> None:
    desk, inventory = vote_place.desk, vote_place.inventory
    desk.ok("app", "init", vote_place.app)
    desk.ok("deploy", "--name", "aggregator", "--init-wkld", "--env", "test", "--init-env", "--deploy-env")
    desk.ok("svc", "init", "--name", "collector", "--svc-type", "Load Balanced Web Service")
    desk.write("collector/server.py", DIES)
    failed = desk.fails(*DEPLOY, "--no-rollback")
    assert inventory.status(f"{vote_place.app}-test-collector") == "CREATE_FAILED"
    assert "hint:" in failed.err
