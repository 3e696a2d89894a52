"""What was not graded, for want of a server or a package, is told apart from what failed in every report."""

import csv as csv_reader
import io
import json as json_reader
from dataclasses import replace
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest

from servelab.dev import report_preview
from servelab.grading.report import csv, html, json, junit, text
from servelab.grading.report.cohort import cohorts
from servelab.grading.verdict import Grade, TaskResult

NOW = datetime(2026, 3, 14, tzinfo=UTC)
NO_QUEUE = "rabbitmq is not on this machine; get it with: sudo apt-get install rabbitmq-server"
NO_TORCH = (
    "the environment torch (1.0 GB) is not on this machine; get it with: shared/setup/environment.sh torch"
)
LACKS = {"1.3": NO_TORCH, "1.4": NO_TORCH, "1.6": f"{NO_TORCH}\n{NO_QUEUE}", "1.9": NO_QUEUE}
TOLD = (f"1.3, 1.4, 1.6: {NO_TORCH}", f"1.6, 1.9: {NO_QUEUE}")


def lacking(path: str = "alice", skill: float = 3) -> Grade:
    """Return a made-up grade of a machine without RabbitMQ and torch: 32 of 100 points are not graded."""

    def left_out(task: TaskResult) -> TaskResult:
        why = LACKS.get(task.task)
        if why is None:
            return task
        return replace(
            task,
            verdict="not-run",
            points=0.0,
            seconds=0.0,
            message=why,
            tests=(),
            diagnosis="",
            graded=False,
        )

    whole = report_preview.grade(path, skill, seed=5)
    return replace(whole, tasks=tuple(map(left_out, whole.tasks)))


def test_the_terminal_says_of_how_many_points_and_why() -> None:
    """A full score of what could be graded must look like one, and never like 100 of 100."""
    report = text.render([lacking()])

    assert "68 of 68 graded here, of 100" in report
    assert "█" * 24 in report
    assert "bonus" not in report
    assert [f"not graded here: {each}" for each in TOLD] == [
        line for line in report.splitlines() if line.startswith("not graded here")
    ]


def test_the_page_says_the_same() -> None:
    """An instructor reads it without having seen the terminal."""
    page = html.render([lacking()], now=NOW)

    assert "of 68 graded here, of 100 points" in page
    assert all(f"<li>{each}</li>" in page for each in TOLD)
    assert "Bonus" not in page
    assert "Not graded here" not in html.render([report_preview.grade("bob", 3, 5)], now=NOW)


def test_json_has_no_points_for_it() -> None:
    """A program that sums points finds what could be had beside them."""
    submission = json_reader.loads(json.render([lacking()]))["submissions"][0]

    assert (68.0, 68, 100) == tuple(submission[key] for key in ("score", "graded_here", "out_of"))
    left_out = [task for task in submission["tasks"] if not task["graded"]]
    assert list(LACKS) == [task["task"] for task in left_out]
    assert {("not-run", None)} == {(task["verdict"], task["points"]) for task in left_out}


def test_junit_skips_it_with_the_reason() -> None:
    """Neither green nor red in a CI system."""
    root = ET.fromstring(junit.render([lacking()], now=NOW))  # noqa: S314 - our own, without entities

    assert ("0", "0") == (root.get("failures"), root.get("errors"))
    skipped = {case.get("name"): case.find("skipped") for case in root.iter("testcase")}
    why = skipped["task 1.3"]
    assert why is not None
    assert NO_TORCH == why.get("message")
    values = {each.get("name"): each.get("value") for each in root.iter("property")}
    assert ("68", "100") == (values["graded_here"], values["out_of"])


def test_csv_leaves_its_cell_empty() -> None:
    """A zero would be a mark."""
    rows = csv_reader.DictReader(io.StringIO(csv.render([lacking()]).removeprefix("\ufeff")))

    row = next(rows)
    assert ("68.0", "100", "68") == (row["score"], row["out_of"], row["graded_here"])
    assert {""} == {row[task] for task in LACKS}
    assert "8.0" == row["1.1"]


def test_a_cohort_leaves_it_out() -> None:
    """A task that nobody could be graded in has no difficulty, and lowers no mean."""
    (cohort,) = cohorts([lacking("alice"), lacking("bob")])

    assert (68, 100, 68.0) == (cohort.graded_here, cohort.out_of, cohort.mean)
    assert not LACKS.keys() & {task.task for task in cohort.tasks}
    assert (0, 2) == (sum(cohort.histogram[:9]), cohort.histogram[9])
    assert TOLD == cohort.lacks


@pytest.mark.parametrize("number", [2, 5])
def test_many_submissions_are_told_once_what_was_lacking(number: int) -> None:
    """It is the machine that lacks it, not each of them."""
    grades = [lacking(f"learner-{each}") for each in range(number)]

    report = text.render(grades)

    assert "mean 68 of 68 graded here, of 100" in report
    assert all(f"not graded here: {each}" in report for each in TOLD)
    assert "in tenths of 68 graded here, of 100 points" in html.render(grades, now=NOW)
