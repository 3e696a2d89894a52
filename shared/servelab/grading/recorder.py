"""The pytest plugin of a grading session: it runs what can run, and sends each verdict at once.

Fail closed: the ids that count are sent before the first test runs, and a test has
passed only when its call has: neither a setup that passes nor a skip is a pass.
"""

from collections.abc import Generator
from dataclasses import replace
from multiprocessing.connection import Connection

import pytest

from servelab.errors import GraderFaultError
from servelab.grading import manifest, plugin
from servelab.grading.failure import Failure, is_of_submission
from servelab.grading.job import Job
from servelab.grading.submission import Submission
from servelab.grading.task_clock import TaskClock
from servelab.grading.verdict import TestId, TestResult, Verdict


class Recorder:
    """Orders the tests by task, skips what cannot run, limits each task's time and sends the verdicts."""

    def __init__(
        self,
        job: Job,
        exercise: manifest.Exercise,
        submission: Submission,
        clock: TaskClock,
        pipe: Connection,
    ) -> None:
        self._job = job
        self._exercise = exercise
        self._submission = submission
        self._clock = clock
        self._pipe = pipe
        self._not_passed: set[str] = set()
        self._result: TestResult | None = None
        self._withheld: TestResult | None = None
        self._seconds = 0.0
        self._asked_before = 0
        self._inside_fixtures: set[str] = set()

    def pytest_configure(self, config: pytest.Config) -> None:
        """Hand the submission to the plugin."""
        config.stash[plugin.SUBMISSION] = self._submission
        config.stash[plugin.SHOWN] = self._job.shown

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Keep the tests of the wanted tasks, in the order of the tasks, and send their ids."""
        order = {task: number for number, task in enumerate(self._job.tasks)}
        tests = {item: plugin.test_id(item) for item in items}
        ids = [test.id for test in tests.values()]
        if doubled := {name for name in ids if ids.count(name) > 1}:
            msg = f"two graded tests are called {doubled.pop()}: one verdict would stand for both"
            raise pytest.UsageError(msg)
        wanted = [item for item in items if self._is_wanted(tests[item])]
        config.hook.pytest_deselected(items=[item for item in items if item not in wanted])
        items[:] = sorted(wanted, key=lambda item: order[tests[item].task])
        self._pipe.send(("expected", tuple(tests[item] for item in items)))

    def _is_wanted(self, test: TestId) -> bool:
        return test.task in self._job.tasks and (self._job.images or not test.image)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> None:
        """Withhold a test whose task needs one that has not passed, or whose task's time is over."""
        test = plugin.test_id(item)
        task = self._exercise.task(test.task)
        self._result, self._withheld, self._seconds = None, None, 0.0
        self._asked_before = self._submission.pool.values_asked
        # All that it needs, not the direct needs alone: one in between may not have been graded here.
        needs = (need.id for need in self._exercise.with_needs(task.id) if need != task)
        missing = [need for need in needs if need in self._not_passed]
        if missing and not self._job.ignore_needs:
            why = f"{test.task} not run: {missing[0]} fails"
            self._withheld = TestResult(test.id, "not-run", claim=test.claim, expected=why)
            return
        self._clock.begin(test.task, self._job.limit_s(task))
        if self._clock.expired(test.task):
            self._withheld = self._timeout(test, 0.0, "")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self) -> Generator[None, None, None]:
        """Let the end of the task's time interrupt its fixtures."""
        if self._withheld is not None:
            # In the course of a setup, so that what is left of the test before is torn down as always.
            raise plugin.WithheldError
        with self._clock.testing():
            yield

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self) -> Generator[None, None, None]:
        """Let the end of the task's time interrupt its test."""
        with self._clock.testing():
            yield

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[object]) -> Generator[None, object, object]:
        """Note which fixtures hold a value that learner code gave."""
        before = self._submission.pool.values_asked
        try:
            return (yield)
        finally:
            if self._submission.pool.values_asked != before:
                self._inside_fixtures.add(fixturedef.argname)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Derive the verdict from the phases of a test: the first that does not pass decides."""
        report = yield
        if self._withheld is not None:
            self._result = self._withheld
            self._not_passed.add(plugin.test_id(item).task)
            return report
        self._seconds = round(self._seconds + call.duration, 3)
        # A setup that passes is no verdict: a test that is then not called has none, and counts as failed.
        decides = report.when == "call" or not report.passed
        if decides and (self._result is None or self._result.verdict == "pass"):
            judged = self._judge(plugin.test_id(item), call, report, item.stash[plugin.FAILURE])
            self._result = replace(judged, inside=self._rests_on_a_value(item))
        return report

    def pytest_runtest_logfinish(self, nodeid: str) -> None:  # noqa: ARG002 - a hook's arguments have fixed names
        """Send the verdict of the test that has just run."""
        if self._result is not None:
            self._pipe.send(("result", self._result))

    def _rests_on_a_value(self, item: pytest.Item) -> bool:
        names = getattr(item, "fixturenames", ())
        return self._submission.pool.values_asked != self._asked_before or bool(
            self._inside_fixtures.intersection(names)
        )

    def _judge(
        self, test: TestId, call: pytest.CallInfo[None], report: pytest.TestReport, failure: Failure | None
    ) -> TestResult:
        # Also a test that passes now: its service may have been silent because it was ended.
        if self._clock.expired(test.task):
            result = self._timeout(test, self._seconds, failure.said if failure else "")
        elif report.passed:
            return TestResult(test.id, "pass", self._seconds, test.claim)
        elif failure is None or call.excinfo is None:
            why = f"the test was skipped: {report.longreprtext}"
            result = TestResult(test.id, "error", self._seconds, test.claim, expected=why)
        else:
            verdict = _verdict(call.when, call.excinfo.value)
            result = TestResult(
                test.id, verdict, self._seconds, test.claim, failure.call, failure.expected, failure.said
            )
        self._not_passed.add(test.task)
        return result

    def _timeout(self, test: TestId, seconds: float, said: str) -> TestResult:
        limit = self._job.limit_s(self._exercise.task(test.task))
        why = (
            f"the tests of task {test.task} did not end within {limit:g} s; does a handler or the start hang?"
        )
        return TestResult(test.id, "timeout", seconds, test.claim, self._submission.trace.last, why, said)


def _verdict(when: str, error: BaseException) -> Verdict:
    if isinstance(error, GraderFaultError):
        return "error"
    # What a fixture raises beside failed expectations is the tests' own mistake.
    return "fail" if when == "call" or is_of_submission(error) else "error"
