"""How a row is judged by a grade: what makes it wrong, and what makes it neither right nor wrong."""

from dataclasses import replace
from pathlib import Path

import pytest

from servelab.dev import verification
from servelab.dev.row import Row, judge
from servelab.grading.verdict import Grade, TaskResult, TestResult, Verdict


def graded(*tests: tuple[str, Verdict], fault: str = "") -> Grade:
    """Return a grade of task 1.1."""
    results = tuple(TestResult(name, verdict) for name, verdict in tests)
    verdict: Verdict = "pass" if all(test.verdict == "pass" for test in results) else "fail"
    task = TaskResult("1.1", "x", verdict, 0.0, 8, False, 0.0, "", tests=results, guards=frozenset({"g"}))  # noqa: FBT003
    return Grade("x", 1, "process", (task,), 0.0, fault)


ROW = Row(1, "1.1", "starter", "starter 1.1", {"1.1": "fail"}, must_fail=None)


def test_every_scoring_test_must_fail_on_the_starter() -> None:
    """A test that passes there tests nothing; a guard may."""
    assert judge(ROW, graded(("a", "fail"), ("b", "timeout"), ("g", "pass")), "").ok
    assert "must fail but did not: b" == judge(ROW, graded(("a", "fail"), ("b", "pass")), "").why


def test_a_test_that_was_not_run_has_not_failed() -> None:
    """It has shown nothing."""
    assert not judge(ROW, graded(("a", "fail"), ("b", "not-run")), "").ok


def test_a_fault_of_the_grader_holds_no_row() -> None:
    """Not even one that expects a failure."""
    assert "the grader failed: it broke" == judge(ROW, graded(("a", "fail"), fault="it broke"), "").why


def without(grade: Grade, task: str = "1.1") -> Grade:
    """Return a grade with one more task, which this machine could not grade."""
    left_out = TaskResult(task, "y", "not-run", 0.0, 8, False, 0.0, "no torch; get it with: x", graded=False)  # noqa: FBT003
    return replace(grade, tasks=(*(each for each in grade.tasks if each.task != task), left_out))


def test_what_this_machine_lacks_makes_a_row_neither_right_nor_wrong() -> None:
    """A proof that was not made is counted apart, and says what it takes."""
    outcome = judge(ROW, without(graded()), "")

    assert (False, True, "no torch; get it with: x") == (outcome.ok, outcome.not_run, outcome.why)
    summary = verification.as_json([outcome, judge(ROW, graded(("a", "fail")), "")], 1.0)["summary"]
    assert (2, 0, 1) == (summary["rows"], summary["wrong"], summary["not_run"])


def test_a_lack_hides_no_fault_and_no_escape(tmp_path: Path) -> None:
    """What has gone wrong already is wrong whatever else could not be tried."""
    escaped = replace(ROW, must_not_exist=(tmp_path,))

    assert "the grader failed: it broke" == judge(ROW, without(graded(fault="it broke")), "").why
    assert f"it got out: {tmp_path} exists" == judge(escaped, without(graded()), "").why


@pytest.mark.parametrize(
    ("row", "decided"),
    [
        (replace(ROW, expected={"1.1": "fail", "1.2": "pass"}), True),
        (replace(ROW, expected={"1.1": "fail", "1.2": "fail"}, points=0), True),
        (replace(ROW, points=4), False),
        (replace(ROW, must_fail=frozenset({"a"}), only=True), False),
        (replace(ROW, says="something"), False),
    ],
    ids=["hole", "worthless", "points", "mutant", "says"],
)
def test_a_row_is_decided_by_the_other_tasks_where_these_suffice(row: Row, *, decided: bool) -> None:
    """A machine without torch still proves what needs none."""
    outcome = judge(row, without(graded(("a", "fail")), "1.2"), "")

    assert (decided, not decided) == (outcome.ok, outcome.not_run)


def test_only_what_must_fail_may_fail() -> None:
    """For mutants, which are about one mistake."""
    row = replace(ROW, must_fail=frozenset({"a"}), only=True)

    assert judge(row, graded(("a", "fail"), ("b", "pass")), "").ok
    assert "failed but must not: b" == judge(row, graded(("a", "fail"), ("b", "fail")), "").why
