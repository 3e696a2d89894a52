"""Task 1.6: inference off the event loop, in a bounded pool that clients can leave.

The shared service has 2 workers and a queue of 2. Nothing here depends on time: the model is held
until the test lets it go, and time-outs only end a test that fails.
"""

import time
from contextlib import ExitStack, contextmanager

import numpy as np
import pytest
from conftest import FAILURE
from visitor import PREDICTIONS, visitors

from servelab.grading.marks import task

WORKERS, QUEUE = 2, 2
PATIENCE_S = 1.5
BOTH_AT_ONCE = "SERVICE_WORKERS is 2: two predictions should reach the model at once; see hint 1.6"


@pytest.fixture
def service(request, service, submission):
    """The shared service; these tests keep its workers busy, so one that fails takes the service along."""
    yield service
    if FAILURE in request.node.stash:
        submission.end_kept()


@contextmanager
def held(service, model, rows):
    """Send each row on a connection of its own, to a model that answers nobody until the block ends."""
    with ExitStack() as clients, model.hold():
        yield [clients.enter_context(service.in_background(_predicting(row))) for row in rows]


def _predicting(row):
    return lambda client: client.post(PREDICTIONS, json={"features": row}, timeout=2 * PATIENCE_S)


def comes_true(condition):
    """Say whether a condition becomes true while a client would still wait."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.002)
    return condition()


def crowd(service, model, rows):
    """Send two requests too many; return all replies, and how many came while the model was held."""
    with held(service, model, rows[: WORKERS + QUEUE + 2]) as clients:
        comes_true(lambda: sum(client.done for client in clients) >= 2)
        refused_at_once = sum(client.done for client in clients)
    return [client.result() for client in clients], refused_at_once


def capacity(service, model, rows):
    """Return how many of two requests too many are answered, and how many are sent away."""
    for _ in range(2):
        statuses = [reply.status_code for reply in crowd(service, model, rows)[0]]
        if statuses.count(201) >= WORKERS + QUEUE:
            break
        # A worker may be about to finish with the requests before; one that never does stays missing.
    return {"answered": statuses.count(201), "503": statuses.count(503)}


FULL = {"answered": WORKERS + QUEUE, "503": 2}


@task("1.6")
def test_other_requests_are_answered_while_a_prediction_runs(service, models, rows):
    """An orchestrator restarts a service whose liveness probe waits behind a prediction."""
    idle = service.client.get("/health/live").status_code

    with held(service, models["digits"], rows["digits"][:1]) as [prediction]:
        running = models["digits"].wait_for_calls(1, PATIENCE_S)
        busy = service.client.get("/health/live", timeout=PATIENCE_S).status_code
        listing = service.client.get("/v1/models", timeout=PATIENCE_S).status_code

    assert running, "the prediction must reach the model"
    assert [idle, 200] == [busy, listing], (
        "GET /health/live and GET /v1/models while a prediction runs; see hint 1.6"
    )
    assert 201 == prediction.result().status_code, "the prediction itself, once the model answers"


@task("1.6")
def test_as_many_predictions_run_at_once_as_there_are_workers(service, models, rows, expected):
    """The model releases the GIL while it computes: two workers on two cores do twice the work."""
    mine = rows["digits"][:WORKERS]

    with held(service, models["digits"], mine) as clients:
        both = models["digits"].wait_for_calls(WORKERS, PATIENCE_S)

    assert both, BOTH_AT_ONCE
    assert [expected("digits", row) for row in mine] == [
        {key: client.result().json()[key] for key in ("label", "probabilities")} for client in clients
    ], "each of the two clients should get the answer for its own row"


@task("1.6")
def test_a_full_service_sends_clients_away_at_once(service, models, rows):
    """A client that is refused now can go elsewhere; one in an endless queue only makes it longer."""
    replies, refused_at_once = crowd(service, models["digits"], rows["digits"])

    statuses = [reply.status_code for reply in replies]
    assert FULL == {"answered": statuses.count(201), "503": statuses.count(503)}, (
        "2 workers, a queue of 2, 6 predictions at once: 4 answered, 2 refused with 503; see hint 1.6"
    )
    assert 2 == refused_at_once, (
        "the 503 must come while the model is still busy with the others; see hint 1.6"
    )
    assert {"7"} == {reply.headers.get("retry-after") for reply in replies if reply.status_code == 503}, (
        "SERVICE_RETRY_AFTER_S is 7, and each 503 says it in Retry-After"
    )


@task("1.6")
def test_who_waits_is_answered_with_its_own_answer(service, models, rows, expected):
    """A place in the queue is worth something only when the right answer comes at the end of it."""
    mine = rows["digits"][: WORKERS + QUEUE + 2]

    replies, _ = crowd(service, models["digits"], mine)

    answered = {index: reply.json() for index, reply in enumerate(replies) if reply.status_code == 201}
    assert WORKERS + QUEUE == len(answered), "2 workers and a queue of 2 take 4 predictions; see hint 1.6"
    assert {index: expected("digits", mine[index]) for index in answered} == {
        index: {key: answer[key] for key in ("label", "probabilities")} for index, answer in answered.items()
    }, "each client should get the answer for its own row"
    assert WORKERS + QUEUE == len(models["digits"].calls), "refused predictions must not reach the model"


def leave(service, staying):
    """Let clients leave, and give the service the time of three requests to see it."""
    for visitor in staying:
        visitor.leave()
    for _ in range(3):
        service.client.get("/v1/models", timeout=PATIENCE_S)


def still_waiting(service, came, refused):
    """Return who has no answer when `refused` have one and the service has looked at all of them."""
    comes_true(lambda: sum(visitor.status() is not None for visitor in came) >= refused)
    service.client.get("/v1/models", timeout=PATIENCE_S)
    return [visitor for visitor in came if visitor.status() is None]


def leave_the_queue(service, model, rows):
    """Fill the service, let those who wait leave, and let others come in their place.

    Returns:
        Statuses of the newcomers, and how many of those who left the model has heard of.
    """
    with ExitStack() as stack:
        with model.hold():
            stack.enter_context(visitors(service, rows[:WORKERS]))
            assert model.wait_for_calls(WORKERS, PATIENCE_S), BOTH_AT_ONCE
            leaving = still_waiting(service, stack.enter_context(visitors(service, rows[2:5])), 1)
            assert QUEUE == len(leaving), (
                "2 workers are busy and 3 more come: 2 wait, 1 gets 503; see hint 1.6"
            )
            leave(service, leaving)
            newcomers = _take_their_place(service, stack, rows[5:8])
        statuses = sorted(visitor.status(PATIENCE_S) or 0 for visitor in newcomers)
        comes_true(lambda: service.client.post(PREDICTIONS, json={"features": rows[8]}).status_code == 201)
        seen = [call.instances[0].tolist() for call in model.calls]
    return statuses, sum(visitor.row in seen for visitor in leaving)


def _take_their_place(service, stack, rows):
    """Send one more than there is room for, again and again, until all but one are taken in."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        newcomers = stack.enter_context(visitors(service, rows))
        if len(still_waiting(service, newcomers, 1)) == QUEUE or time.monotonic() > deadline:
            return newcomers
        leave(service, newcomers)


@task("1.6")
def test_a_client_that_leaves_while_it_waits_frees_its_place(service, models, rows):
    """Impatient clients come back; if their old places stay taken, the service is full of ghosts."""
    statuses, _ = leave_the_queue(service, models["digits"], rows["digits"])

    assert [201, 201, 503] == statuses, (
        "both clients in the queue have left and 3 others come: 2 should get their places; see hint 1.6"
    )


@task("1.6")
def test_the_model_never_hears_of_clients_that_left_the_queue(service, models, rows):
    """In overload most of the queue has given up: answering those is how a service stays overloaded."""
    _, computed = leave_the_queue(service, models["digits"], rows["digits"])

    assert 0 == computed, (
        "how many of the 2 clients that left the queue had their rows sent to the model; see hint 1.6"
    )


@task("1.6")
def test_a_worker_is_busy_until_its_thread_is_done(service, models, rows):
    """A running call can't be stopped: who counts its worker as free overloads the machine."""
    mine = rows["digits"]
    with ExitStack() as stack:
        with models["digits"].hold():
            running = stack.enter_context(visitors(service, mine[:WORKERS]))
            assert models["digits"].wait_for_calls(WORKERS, PATIENCE_S), BOTH_AT_ONCE
            leave(service, running)
            others = stack.enter_context(visitors(service, mine[2:7]))
            waiting = still_waiting(service, others, 3)
        statuses = sorted(visitor.status(PATIENCE_S) or 0 for visitor in others)

    assert (2, [201, 201, 503, 503, 503]) == (len(waiting), statuses), (
        "two clients left, the model still works for them, 5 others come: 2 wait, 3 get 503; see hint 1.6"
    )


@task("1.6")
def test_workers_of_clients_that_left_are_free_in_the_end(service, models, rows):
    """A slot that leaks with each impatient client leaves a service that refuses everybody by the evening."""
    for times in range(1, WORKERS + QUEUE + 1):
        with models["digits"].hold(), visitors(service, rows["digits"][:WORKERS]) as running:
            assert models["digits"].wait_for_calls(times * WORKERS, PATIENCE_S), BOTH_AT_ONCE
            leave(service, running)

    assert FULL == capacity(service, models["digits"], rows["digits"]), (
        "8 clients left while their predictions ran; then 6 come at once: 4 answered, 2 refused; see hint 1.6"
    )


@task("1.6")
@pytest.mark.parametrize("kind", ["model-fails", "model-answers-nan"])
def test_failures_free_their_workers(service, models, rows, kind):
    """A model that was broken for a minute must not leave a service that is full for ever."""
    model = models["digits"]
    broken = model.failing() if kind == "model-fails" else model.answering(np.full(10, np.nan))
    with broken:
        failed = [
            service.client.post(PREDICTIONS, json={"features": rows["digits"][0]}).status_code
            for _ in range(6)
        ]

    assert 201 not in failed, "a prediction succeeded although the model gave no answer"
    assert FULL == capacity(service, model, rows["digits"]), (
        "6 predictions failed; then 6 come at once: 4 answered, 2 refused; see hint 1.6"
    )


POOLS = {"2-workers-queue-3": (2, 3), "1-worker-no-queue": (1, 0)}


@pytest.fixture(scope="module")
def storms(submission):
    """What each of POOLS is like after a storm of calls."""
    played = submission.play(
        "scenarios/pool_storm.py", pools=list(POOLS.values()), calls=1000, seed=submission.seed
    )
    return dict(zip(POOLS, played, strict=True))


@task("1.6")
@pytest.mark.parametrize("pool", POOLS)
def test_a_pool_survives_a_storm(storms, pool):
    """A thousand calls succeed, fail and are given up: what leaks once in a hundred shows here."""
    workers, queue = POOLS[pool]

    assert {"wrong": 0, "stuck": False} == storms[pool]["storm"], (
        f"1000 calls, never too many at once, to InferencePool(workers={workers}, queue={queue}): "
        "how many got what is not theirs, and did it refuse for good? see hint 1.6"
    )
    assert {"started": workers, "refused at once": 2, "refused": 2} == storms[pool]["capacity"], (
        f"InferencePool(workers={workers}, queue={queue}) gets {workers + queue + 2} calls at once: "
        f"it should run {workers}, keep {queue} waiting and raise OverloadedError for 2; see hint 1.6"
    )
