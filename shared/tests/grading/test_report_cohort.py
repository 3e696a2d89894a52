"""Statistics of a cohort, against numbers worked out by hand or by numpy."""

from dataclasses import replace

import numpy as np
import pytest

from servelab.grading.report.cohort import cohorts
from servelab.grading.verdict import Grade, TaskResult, TestResult, Verdict


def grade(path: str, first: float, second: float, *, exercise: int = 1, bonus: float = 0.0) -> Grade:
    """Return a grade of two tasks of 10 and 20 points and a stretch task of 5."""
    return Grade(
        path,
        exercise,
        "bubblewrap",
        (task("1.2", first, 10), task("1.10", second, 20), task("1.9", bonus, 5, stretch=True)),
        1.0,
    )


def task(name: str, points: float, out_of: int, *, stretch: bool = False) -> TaskResult:
    """Return a task with one test that failed unless all points were earned."""
    verdict: Verdict = "pass" if points == out_of else "fail"
    tests = (TestResult(f"t{name}.py::test_all_of_it", verdict),)
    diagnosis = "you guessed" if points == 0 and name == "1.2" else ""
    return TaskResult(name, name, verdict, points, out_of, stretch, 1.0, "", diagnosis, tests)


def test_scores_are_summed_up() -> None:
    """Mean, median and spread are what an instructor compares with the last year."""
    (cohort,) = cohorts([grade("a", 10, 20), grade("b", 0, 10), grade("c", 5, 10)])

    assert (3, 30) == (cohort.scored, cohort.out_of)
    assert pytest.approx((55 / 3, 15.0, np.std([30, 10, 15], ddof=1))) == (
        cohort.mean,
        cohort.median,
        cohort.deviation,
    )
    assert (0, 0, 0, 1, 0, 1, 0, 0, 0, 1) == cohort.histogram


def test_a_grade_without_a_score_is_counted_and_nothing_else() -> None:
    """A broken grader must not lower the mean of a cohort."""
    (cohort,) = cohorts([grade("a", 10, 20), grade("b", 10, 20), replace(grade("c", 0, 0), fault="broken")])

    assert (3, 2, 30.0) == (len(cohort.grades), cohort.scored, cohort.mean)
    assert () == tuple(one for one in cohort.mistakes)


def test_failed_tests_and_mistakes_come_by_how_often_they_occur() -> None:
    """What most of a cohort got wrong is what the next lecture is about."""
    (cohort,) = cohorts(
        [grade("a", 0, 20), grade("b", 0, 10), grade("c", 0, 20), grade("d", 10, 20, bonus=5)]
    )

    assert [("1.2", "all of it", 3), ("1.9", "all of it", 3), ("1.10", "all of it", 1)] == [
        (one.task, one.text, one.count) for one in cohort.failed_tests
    ]
    assert [("1.2", "you guessed", 3)] == [(one.task, one.text, one.count) for one in cohort.mistakes]


def test_tasks_are_ordered_by_number_and_counted_by_verdict() -> None:
    """1.10 comes after 1.9, which a sort of words gets wrong."""
    (cohort,) = cohorts([grade("a", 10, 20), grade("b", 5, 0)])

    assert ["1.2", "1.9", "1.10"] == [one.task for one in cohort.tasks]
    assert {"pass": 1, "fail": 1} == cohort.tasks[0].counts
    assert [0.75, 0.0, 0.5] == [one.difficulty for one in cohort.tasks]


def test_discrimination_is_the_correlation_with_the_rest_of_the_score() -> None:
    """Without leaving the task itself out, every task would seem to discriminate."""
    dice = np.random.default_rng(1)
    points = dice.integers(0, 11, size=(12, 3))

    (cohort,) = cohorts(
        [grade(str(row), float(a), float(2 * b), bonus=float(c // 2)) for row, (a, b, c) in enumerate(points)]
    )

    first, second, bonus = points[:, 0], 2 * points[:, 1], points[:, 2] // 2
    expected = [
        np.corrcoef(first, second)[0, 1],
        np.corrcoef(bonus, first + second)[0, 1],
        np.corrcoef(second, first)[0, 1],
    ]
    assert pytest.approx(expected) == [one.discrimination for one in cohort.tasks]


def test_too_few_scores_or_equal_ones_give_no_discrimination() -> None:
    """A correlation of three points says nothing, one of equal points does not exist."""
    (few,) = cohorts([grade(str(number), number, number) for number in range(9)])
    (equal,) = cohorts([grade(str(number), 10, number) for number in range(12)])

    assert [False, True] == [few.is_analysed, equal.is_analysed]
    assert {None} == {one.discrimination for one in few.tasks}
    assert equal.tasks[0].discrimination is None


def test_each_exercise_has_its_own_cohort_and_one_submission_has_none() -> None:
    """Scores of different exercises have nothing in common."""
    grades = [grade("a", 1, 1, exercise=2), grade("b", 1, 1), grade("c", 1, 1), grade("d", 1, 1, exercise=2)]

    assert [1, 2] == [cohort.exercise for cohort in cohorts(grades)]
    assert () == cohorts(grades[:2])
