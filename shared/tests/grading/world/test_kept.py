"""Programs that outlive a test: shared, reset, replaced when they hang, never ended by another's time-out."""

from collections.abc import Callable

import pytest

from servelab.grading.isolation.level import level
from servelab.grading.service import Service
from servelab.grading.submission import Submission

Make = Callable[..., Submission]


def kept(submission: Submission) -> Service:
    """The service that all tests share."""
    return submission.keep("service", submission.serve)


def test_a_kept_service_is_started_once(make: Make) -> None:
    """A start costs more than most tests."""
    submission = make()
    first = kept(submission)
    submission.begin_test("1.3")

    assert first is kept(submission)


def test_a_kept_service_that_has_ended_is_started_again(make: Make) -> None:
    """A test that crashes it must not fail those behind it."""
    submission = make()
    first = kept(submission)
    first.kill()

    assert (False, True) == (first.alive, kept(submission).alive)


def test_a_kept_service_is_reset_before_it_is_used_again(make: Make) -> None:
    """What the test before has left in it, a queue or a cache, is not this test's."""
    submission = make()
    resets: list[Service] = []
    for _ in range(3):
        submission.keep("service", submission.serve, reset=resets.append)

    assert 2 == len(resets)


def test_what_a_test_has_used_is_replaced_when_it_hangs(make: Make) -> None:
    """What it has not used goes on."""
    submission = make()
    other = submission.keep("other", submission.serve)
    submission.begin_test("1.1")
    hung = kept(submission)
    submission.end_kept()

    assert (False, True) == (hung.alive, other.alive)
    assert kept(submission).alive


def test_the_end_of_a_tasks_time_takes_only_its_own(make: Make) -> None:
    """One task that hangs must not cost the others what they share."""
    submission = make()
    shared = kept(submission)
    own = submission.serve({"MINE": "1"})
    world = submission.world()

    submission.pool.end_task("1.1")

    assert (True, False, False) == (shared.alive, own.alive, world.alive)
    assert "alive" == shared.client.get("/health/live").text


@pytest.mark.parametrize("files", [("src/main.py", "src/answer.py"), ()], ids=["some", "all"])
def test_a_task_sees_the_files_that_it_declares(make: Make, files: tuple[str, ...]) -> None:
    """A verdict can't depend on what is not there to be read."""
    whole = make({"src/secret.txt": "nothing of this task's"})
    tasks = tuple(task.model_copy(update={"files": files}) for task in whole.exercise.tasks)
    exercise = whole.exercise.model_copy(update={"tasks": tasks})

    with Submission(exercise, whole.pool.root, level("process"), seed=7) as submission:
        submission.begin_test("1.1")

        assert (not files) == submission.exists("src/secret.txt")
        assert submission.exists("src/answer.py")
