"""A task ends in its time, whatever it waits for."""

from collections.abc import Callable

import pytest

from servelab.grading.verdict import Grade

GradeBy = Callable[..., Grade]
Verdicts = Callable[[Grade], dict[str, str]]


def test_a_task_beyond_its_time_times_out_and_the_next_one_runs(grade: GradeBy, verdicts: Verdicts) -> None:
    """A time-out is a verdict with its own name, and never full marks."""
    graded = grade(
        """
        @task("1.1")
        def test_quick(service): assert service.alive

        @task("1.1")
        def test_waits(service):
            with service.in_background(lambda client: client.get("/health/live")):
                time.sleep(0.9)
            assert not service.alive, "ended with the time of the task, so this passes"

        @task("1.1")
        def test_after(): pass
        """,
        ready="@task('1.3')\ndef test_ready(submission): assert submission.serve().alive",
        ignore_needs=True,
        time_limit_s=0.8,
    )

    expected = {"test_quick": "pass", "test_waits": "timeout", "test_after": "timeout", "test_ready": "pass"}
    assert expected == verdicts(graded)
    assert ["timeout", "pass"] == [task.verdict for task in graded.tasks]
    assert "did not end within 0.8 s" in graded.tasks[0].message


def test_a_test_that_computes_for_ever_is_interrupted(grade: GradeBy, verdicts: Verdicts) -> None:
    """An answer can be made to be slow to read; the grader must not be the one that hangs."""
    graded = grade(
        """
        from servelab.grading import task_clock
        task_clock.PATIENCE_S = 0.2

        @task("1.1")
        def test_x():
            while True:
                try:
                    for number in range(10_000): number ** 2
                except ZeroDivisionError:
                    pass
        """,
        time_limit_s=0.3,
    )

    assert {"test_x": "timeout"} == verdicts(graded)


def test_no_service_starts_when_the_time_is_over(grade: GradeBy, verdicts: Verdicts) -> None:
    """A test that starts one service after the other would outlast its time by each of them."""
    graded = grade(
        """
        @task("1.1")
        def test_x(submission):
            started = 0
            end = time.monotonic() + 5
            try:
                while time.monotonic() < end:
                    submission.serve().kill()
                    started += 1
            except AssertionError as error:
                print(error)
            assert time.monotonic() < end, "it went on"
        """,
        time_limit_s=0.8,
    )

    assert {"test_x": "timeout"} == verdicts(graded)


def test_a_session_ends_in_its_own_time(grade: GradeBy, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even one long call into C, which nothing interrupts, ends with the session."""
    monkeypatch.setattr("servelab.grading.session.GRACE_S", 0.5)
    monkeypatch.setattr("servelab.grading.session.LEAVE_S", 0.1)
    tests = """
        @task("1.1")
        def test_x():
            signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32))
            time.sleep(60)
    """

    graded = grade(tests, time_limit_s=0.3)

    assert ("the session did not end in time", None) == (graded.fault, graded.score)
