"""A made-up cohort, for looking at the report while its templates are changed.

    python -m servelab.dev.report_preview OUT

writes OUT/one and OUT/many. Nothing is graded; the numbers come from a seeded
generator, the hostile text from attack 25 of the course's grading rules.
"""

import random
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from servelab.grading.report import write_all
from servelab.grading.verdict import Grade, TaskResult, TestResult, Verdict, points

NOW: Final = datetime(2026, 3, 14, 9, 26, tzinfo=UTC)

_TASKS: Final = (
    ("application factory, settings, lifespan", 8, ()),
    ("health", 6, ("1.1",)),
    ("request and response models", 8, ("1.1",)),
    ("resources", 12, ("1.3",)),
    ("batch", 8, ("1.4",)),
    ("async pool", 12, ("1.4",)),
    ("errors", 10, ("1.4",)),
    ("images", 8, ("1.4",)),
    ("stream", 10, ("1.4",)),
    ("being seen", 10, ("1.4",)),
    ("OpenAPI", 6, ("1.5",)),
    ("your own tests", 8, ("1.4",)),
    ("Dockerfile", 4, ("1.1",)),
)
_STRETCH: Final = "1.9"
_HARD: Final = ("1.6", "1.9", "1.12")
_NAMES: Final = (
    "liveness_stays_quick_while_the_model_is_busy",
    "a_client_that_leaves_frees_its_place",
    "the_same_feedback_twice_changes_nothing",
    "one_bad_row_is_named_by_its_index",
    "readiness_says_503_when_a_model_is_down",
)
_CLAIMS: Final = (
    "An orchestrator restarts a service whose liveness probe waits behind a prediction.",
    "A client that left must not cost the model a call.",
    "What is sent twice must not be stored twice.",
    "One bad row must not cost the others their answer.",
    "A probe must tell a dead service from a busy one.",
)
_DIAGNOSIS: Final = (
    "your handler runs the model on the event loop: while it computes, nobody else is answered"
)
_CALL: Final = """curl -sS -X POST http://localhost/v1/models/digits/predictions \\
  -H 'content-type: application/json' -d '{"features": [0, 0, 5, 13, 9, 1, 0, 0]}'"""
_EXPECTED: Final = """GET /health/live must answer within 0.5 s while a prediction runs; see hint 1.6
expected  200 within 0.5 s
got       no answer for 0.5 s"""
_SAID: Final = """INFO:     Application startup complete.
Traceback (most recent call last):
  File "starter/src/routers/predictions.py:42", in predict
    probabilities = model.run(rows)
  File "starter/src/services/inference.py:17", in run
    raise RuntimeError("no slot is free")
RuntimeError: no slot is free"""
HOSTILE: Final = (
    "=cmd|' /C calc'!A0 <script>alert(1)</script>\x1b[2J\x1b]0;owned\x07\x00\u202e]]> &amp; "
    "::error::100 of 100\r\n"
    '" onmouseover="alert(1)" {{ 7 * 7 }} [bold]x[/bold] ##vso[task.complete result=Succeeded;]'
)


class _Learner:
    """Somebody who passes a test with probability `skill`."""

    def __init__(self, skill: float, seed: int) -> None:
        self._skill = skill
        self._dice = random.Random(seed)  # noqa: S311 - nothing is kept secret by it

    def results(self) -> tuple[TaskResult, ...]:
        results: list[TaskResult] = []
        for number, (title, out_of, needs) in enumerate(_TASKS, start=1):
            passed = {result.task for result in results if result.verdict == "pass"}
            missing = [need for need in needs if need not in passed]
            results.append(self._task(f"1.{number}", title, out_of, missing))
        return tuple(results)

    def _task(self, task: str, title: str, out_of: int, missing: list[str]) -> TaskResult:
        stretch = task == _STRETCH
        if missing:
            message = f"{task} not run: {missing[0]} fails"
            return TaskResult(task, title, "not-run", 0.0, out_of, stretch, 0.0, message)
        tests = tuple(self._test(task, number) for number in range(4))
        failed = [test for test in tests if test.verdict != "pass"]
        verdict: Verdict = "fail" if failed else "pass"
        message = f"{len(failed)} of {len(tests)} tests fail; see servelab hint {task}" if failed else ""
        diagnosis = _DIAGNOSIS if failed and task == "1.6" else ""
        earned = points(out_of, tests, frozenset())
        took_s = sum(test.seconds for test in tests)
        return TaskResult(task, title, verdict, earned, out_of, stretch, took_s, message, diagnosis, tests)

    def _test(self, task: str, number: int) -> TestResult:
        place = (number + int(task.split(".")[1])) % len(_CLAIMS)
        name = f"test_{task.split('.')[1]:0>2}.py::test_{_NAMES[place]}"
        took_s = self._dice.uniform(0.05, 1.5)
        if self._dice.random() < self._skill - (0.12 if task in _HARD else 0.0):
            return TestResult(name, "pass", took_s, _CLAIMS[place])
        return TestResult(name, "fail", took_s, _CLAIMS[place], _CALL, _EXPECTED, _SAID)


def grade(path: str, skill: float, seed: int, isolation: str = "bubblewrap") -> Grade:
    """Return the made-up grade of a learner who passes a test with probability `skill`."""
    results = _Learner(skill, seed).results()
    return Grade(path, 1, isolation, results, sum(result.seconds for result in results))


def cohort(size: int) -> list[Grade]:
    """Return a made-up cohort, one of them hostile and one without a score."""
    dice = random.Random(7)  # noqa: S311 - nothing is kept secret by it
    grades = [
        grade(f"submissions/learner-{number:02}.zip", dice.uniform(0.88, 1.04), number)
        for number in range(size)
    ]
    fault = Grade(
        "submissions/unlucky.zip", 1, "bubblewrap", (), 0.4, fault="the sandbox could not be started"
    )
    return [*grades, hostile(), fault]


def hostile() -> Grade:
    """Return a grade with every text as an attacker would have it."""
    test = TestResult("test_01.py::test_x", "fail", 0.1, HOSTILE, HOSTILE, HOSTILE, HOSTILE * 3)
    task = TaskResult("1.1", "app", "fail", 0.0, 8, stretch=False, seconds=0.1, message=HOSTILE)
    task = replace(task, diagnosis=HOSTILE, tests=(test,))
    return Grade(HOSTILE, 1, "bubblewrap", (task,), 0.1, notes=(HOSTILE,))


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    write_all([grade("submissions/alice.zip", 0.93, 6)], folder / "one", now=NOW)
    write_all([grade("starter", 0.9, 3, isolation="process")], folder / "practice", now=NOW)
    write_all([grade("solution", 9, 3)], folder / "full", now=NOW)
    write_all(cohort(24), folder / "many", now=NOW)
