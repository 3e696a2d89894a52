"""Task 1.1: the service lives; asked as a client, by a call and by a scenario, the three ways to ask."""

from servelab.grading.marks import task


@task("1.1")
def test_liveness_answers(service):
    """An orchestrator restarts what does not answer."""
    reply = service.client.get("/health/live")

    assert "alive" == reply.text, "GET /health/live says alive; see hint 1.1"


@task("1.1")
def test_the_answer_needs_no_service(submission):
    """Who imports the function gets the same word."""
    assert "alive" == submission.call("src.answer:live"), "live() says alive; see hint 1.1"


@task("1.1")
def test_every_probe_gets_the_same_answer(submission):
    """A probe that fails now and then restarts a service that is well."""
    assert ["alive", "alive"] == submission.play("scenarios/two_probes.py"), "see hint 1.1"
