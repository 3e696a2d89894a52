"""A run in the background always ends in an event, and a cancelled one ends at once."""

import threading
from collections.abc import Callable, Sequence
from queue import Queue

import pytest

from servelab.course import runner
from servelab.course.runner import ThreadRunner
from servelab.course.watch import Event, Finished, Judged
from servelab.errors import MisuseError, ServelabError
from servelab.grading.manifest import Exercise, Task
from servelab.grading.verdict import Grade, TestResult

OnTest = Callable[[TestResult], None]
GRADE = Grade("starter", 1, "process", (), 0.0)


def test_results_and_grade_come_with_the_number_of_their_run(miniature: Exercise) -> None:
    """The loop tells an overtaken run from the current one by it."""
    result = TestResult("t", "pass")

    def practise(_exercise: Exercise, _tasks: Sequence[Task], on_test: OnTest) -> Grade:
        on_test(result)
        return GRADE

    events: Queue[Event] = Queue()

    number = ThreadRunner(practise, events.put).start(miniature, miniature.tasks)

    assert Judged(number, result) == events.get(timeout=5)
    assert Finished(number, GRADE) == events.get(timeout=5)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (MisuseError("no folder"), "no folder"),
        (OSError(28, "No space left on device"), "No space left"),
        (ZeroDivisionError("oops"), "defect of servelab"),
    ],
)
def test_an_error_in_the_thread_reaches_the_loop(miniature: Exercise, error: Exception, text: str) -> None:
    """Else the learner would wait for ever."""

    def practise(_exercise: Exercise, _tasks: Sequence[Task], _on_test: OnTest) -> Grade:
        raise error

    events: Queue[Event] = Queue()

    ThreadRunner(practise, events.put).start(miniature, miniature.tasks)

    finished = events.get(timeout=5)
    assert isinstance(finished, Finished)
    assert isinstance(finished.outcome, ServelabError)
    assert text in str(finished.outcome)


def test_a_new_run_waits_until_the_old_one_has_ended(
    miniature: Exercise, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two services at once would answer for each other."""
    told_to_end, alive = threading.Event(), []

    def practise(_exercise: Exercise, _tasks: Sequence[Task], _on_test: OnTest) -> Grade:
        alive.append(threading.current_thread())
        told_to_end.wait(5)
        return GRADE

    monkeypatch.setattr(runner, "end_sessions", told_to_end.set)
    made = ThreadRunner(practise, lambda _: None)
    made.start(miniature, miniature.tasks)

    made.start(miniature, miniature.tasks)

    assert not alive[0].is_alive()
    made.cancel()


def test_cancelling_when_nothing_runs_does_nothing() -> None:
    """Quitting is always possible."""
    ThreadRunner(lambda *_: GRADE, lambda _: None).cancel()
