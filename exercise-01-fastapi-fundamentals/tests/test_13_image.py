"""Task 1.13: the image, built and run, where a container engine is and the author is trusted.

    servelab test 1.13 --images

These tests count only when they are asked for; what can be read in the Dockerfile is checked everywhere.
"""

import pytest

from servelab.grading.marks import task


@pytest.fixture(scope="module")
def image(submission):
    """The image of the Dockerfile."""
    with submission.image() as built:
        yield built


@pytest.fixture(scope="module")
def container(image):
    """The image, running; its root is read-only, and it has no rights."""
    with image.run() as running:
        yield running


@task("1.13", image=True)
def test_the_image_serves_with_a_read_only_root_and_without_rights(container):
    """An intruder who can write no file and has no capability has little to work with."""
    reply = container.get("/health/live")

    assert (200, {"status": "alive"}) == (reply.status_code, reply.json()), "GET /health/live; see hint 1.13"


@task("1.13", image=True)
def test_the_container_becomes_healthy(container):
    """A check that fails on a service that works gets it restarted for ever."""
    health = container.health()
    checks = container.state.get("Health", {}).get("Log")

    assert "healthy" == health, f"what HEALTHCHECK comes to; the last checks: {checks}; see hint 1.13"


@task("1.13", image=True)
def test_process_1_is_not_root(container):
    """What counts is who runs, not what the text says."""
    container.get("/health/live")

    assert container.user() not in {"", "0"}, "the user of process 1; see hint 1.13"


@task("1.13", image=True)
def test_the_container_stops_in_order(image):
    """A deployment stops every container; one that has to be killed cuts off its clients."""
    with image.run() as running:
        running.get("/health/live")
        code, output = running.stop(), running.output

    assert 0 == code, "exit code after SIGTERM, 137 means that it had to be killed; see hint 1.13"
    assert "Traceback" not in output, "SIGTERM is no error; see hint 1.13"
