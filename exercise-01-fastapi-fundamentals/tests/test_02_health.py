"""Task 1.2: what liveness and readiness mean, and when readiness says 503."""

import pytest

from servelab.grading.marks import task


def health(service, probe):
    """Return status and body of a probe that is well, the status alone of one that is not."""
    reply = service.client.get(f"/health/{probe}")
    return (200, reply.json()) if reply.status_code == 200 else reply.status_code


@task("1.2")
def test_liveness_says_alive(service):
    """An orchestrator restarts a service that does not say so."""
    assert (200, {"status": "alive"}) == health(service, "live"), "GET /health/live; see hint 1.2"


@task("1.2")
def test_readiness_says_ready_without_a_prediction(service, models):
    """A probe comes every few seconds: it must cost a check of each model, not a prediction."""
    assert (200, {"status": "ready"}) == health(service, "ready"), (
        "GET /health/ready, every model is fine; see hint 1.2"
    )
    assert [0, 0] == [len(model.calls) for model in models.values()], (
        "GET /health/ready ran a model; model.check() is what asks whether it can answer; see hint 1.2"
    )


@task("1.2")
@pytest.mark.parametrize("name", ["digits", "tumour"])
def test_readiness_is_503_while_any_model_is_down_and_200_again_afterwards(service, models, name):
    """A load balancer must send no requests that will fail, and must send them again once they would not."""
    before = health(service, "ready")
    with models[name].down():
        during = health(service, "ready")
    after = health(service, "ready")

    ready = (200, {"status": "ready"})
    assert [ready, 503, ready] == [before, during, after], (
        f"GET /health/ready before, while, after {name} was down: each request asks every model; see hint 1.2"
    )


@task("1.2")
def test_readiness_is_503_while_a_model_says_that_it_fails(service, models):
    """A model can be reachable and still unable to answer, for example while it reloads."""
    before = health(service, "ready")
    with models["digits"].failing("out of memory"):
        during = health(service, "ready")

    assert [(200, {"status": "ready"}), 503] == [before, during], (
        "GET /health/ready while model.check() raises; see hint 1.2"
    )


@task("1.2")
def test_not_ready_says_when_to_ask_again(service, models):
    """Without Retry-After each client invents its own pause, and most choose none."""
    well = health(service, "ready")
    with models["tumour"].down():
        reply = service.client.get("/health/ready")

    assert (200, {"status": "ready"}) == well, "GET /health/ready while every model is fine"
    assert (503, "7") == (reply.status_code, reply.headers.get("retry-after")), (
        "SERVICE_RETRY_AFTER_S is 7 and a model is down: expected 503 with Retry-After: 7; see hint 1.2"
    )


@task("1.2")
def test_liveness_does_not_depend_on_the_models(service, models):
    """Restarting the service does not fix a model that is down elsewhere; it only adds to the trouble."""
    with models["digits"].down(), models["tumour"].failing():
        probes = [health(service, "live"), health(service, "ready")]

    assert [(200, {"status": "alive"}), 503] == probes, (
        "GET /health/live, GET /health/ready while no model can answer: liveness asks no model; see hint 1.2"
    )


@pytest.fixture(scope="module")
def hanging(submission):
    """What becomes of a probe while two models of three hang in `check`, and of the event loop meanwhile."""
    return submission.play("scenarios/hanging_checks.py", timeout_s=0.1)


@task("1.2")
def test_a_model_that_hangs_is_not_ready(hanging):
    """A probe without an answer counts as dead: a hanging model must not get the service restarted."""
    assert {"unready": ["one", "two"], "in time": True} == {
        key: hanging[key] for key in ("unready", "in time")
    }, "two of three models hang in check(): unready() names them after CHECK_TIMEOUT_S; see hint 1.2"


@task("1.2")
def test_a_model_that_hangs_holds_up_no_other_request(hanging):
    """Whoever blocks the event loop makes everybody wait, including the liveness probe."""
    assert 2 == hanging["asked"], (
        "two of three models hang in check(): how many of them were asked; see hint 1.2"
    )
    assert hanging["loop turned"], "the event loop should turn while check() hangs; see hint 1.2"
