"""The reports for programs: JSON, JUnit and CSV as their readers expect them, whatever their text is."""

import csv as csv_reader
import io
import json as json_reader
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from servelab.dev import report_preview
from servelab.grading.report import csv, json, junit
from servelab.grading.verdict import Grade, TaskResult, TestResult, Verdict

NOW = datetime(2026, 3, 14, 9, 26, tzinfo=UTC)


def parse(document: str) -> ET.Element:
    """Return the root of an XML document."""
    return ET.fromstring(document)  # noqa: S314 - our own, without entities


def task(
    number: int, verdict: Verdict, points: float = 0.0, *tests: TestResult, stretch: bool = False
) -> TaskResult:
    """Return a task of eight points."""
    message = "" if verdict == "pass" else f"1.{number} {verdict}"
    return TaskResult(f"1.{number}", f"task {number}", verdict, points, 8, stretch, 1.5, message, "", tests)


GRADED = Grade(
    "alice.zip",
    1,
    "bubblewrap",
    (
        task(1, "pass", 8.0, TestResult("t.py::test_a", "pass", 0.5)),
        task(
            2,
            "fail",
            4.0,
            TestResult("t.py::test_b", "pass"),
            TestResult("t.py::test_c", "fail", 0.1, "why", "curl x", "4 != 5"),
        ),
        task(3, "timeout", 0.0, TestResult("t.py::test_d", "timeout", 5.0)),
        task(4, "not-run"),
        task(9, "pass", 6.0, stretch=True),
    ),
    12.5,
)
FAULTY = Grade(
    "bob.zip", 1, "bubblewrap", (task(1, "error", 3.0),), 0.5, fault="the sandbox could not be started"
)
PRACTICE = Grade("starter", 1, "process", (task(1, "pass", 8.0),), 1.0)


def test_json_has_the_shape_that_programs_rely_on() -> None:
    """Instructors' scripts read these keys; more may come, none may go."""
    document = json_reader.loads(json.render([GRADED]))

    assert ["submissions"] == list(document)
    submission = document["submissions"][0]
    assert ("alice.zip", "bubblewrap", 12.0, 32) == tuple(
        submission[key] for key in ("path", "isolation", "score", "out_of")
    )
    assert 6.0 == submission["bonus"]
    first = submission["tasks"][1]
    assert {
        "task": "1.2",
        "verdict": "fail",
        "points": 4.0,
        "out_of": 8,
        "seconds": 1.5,
        "message": "1.2 fail",
    } == {key: first[key] for key in ("task", "verdict", "points", "out_of", "seconds", "message")}
    assert "4 != 5" == first["tests"][1]["expected"]


def test_json_has_no_number_for_a_grade_without_a_score() -> None:
    """A program that sums points must not find a mark where the grader failed."""
    submission = json_reader.loads(json.render([FAULTY]))["submissions"][0]

    assert (None, None, None) == (submission["score"], submission["bonus"], submission["tasks"][0]["points"])
    assert "the sandbox could not be started" == submission["fault"]


def test_json_says_what_was_only_practice() -> None:
    """A score of level `process` must not be entered as a mark by a program."""
    document = json_reader.loads(json.render([GRADED, PRACTICE]))

    assert [False, True] == [submission["practice"] for submission in document["submissions"]]


def test_junit_counts_failures_errors_and_skips_apart() -> None:
    """A CI system shows a fault of the grader in another colour than a learner's mistake."""
    root = parse(junit.render([GRADED, FAULTY], now=NOW))

    suites = root.findall("testsuite")
    assert [("6", "2", "0", "1"), ("2", "0", "2", "0")] == [
        tuple(suite.get(name) for name in ("tests", "failures", "errors", "skipped")) for suite in suites
    ]
    assert ("8", "2", "2") == (root.get("tests"), root.get("failures"), root.get("errors"))
    outcomes = {case.get("name"): [child.tag for child in case] for case in suites[0].findall("testcase")}
    assert {
        "t.py::test_a": [],
        "t.py::test_b": [],
        "t.py::test_c": ["failure"],
        "t.py::test_d": ["failure"],
        "task 1.4": ["skipped"],
        "task 1.9": [],
    } == outcomes


def test_junit_has_only_what_its_schema_allows() -> None:
    """Readers of the format drop a file with an attribute that they don't know."""
    allowed = {
        "testsuites": {"name", "time", "tests", "failures", "errors"},
        "testsuite": {"name", "time", "tests", "failures", "errors", "skipped", "timestamp"},
        "testcase": {"name", "time", "classname"},
        "failure": {"type", "message"},
        "error": {"type", "message"},
        "skipped": {"type", "message"},
        "properties": set(),
        "property": {"name", "value"},
    }

    root = parse(junit.render([GRADED, FAULTY, PRACTICE], now=NOW))

    for element in root.iter():
        assert set(element.keys()) <= allowed[element.tag], element.tag
    assert "2026-03-14T09:26:00" == root[0].get("timestamp")


def test_junit_shows_a_failed_task_whose_tests_all_passed() -> None:
    """Silence is not success: a verdict that no test shows must still turn the build red."""
    grade = Grade("a", 1, "bubblewrap", (task(1, "fail", 0.0, TestResult("t.py::test_a", "pass")),), 1.0)

    root = parse(junit.render([grade], now=NOW))

    assert ["task 1.1"] == [
        case.get("name") for case in root.iter("testcase") if case.find("failure") is not None
    ]


def test_junit_without_any_task_is_an_error() -> None:
    """An empty suite is green in every CI system."""
    root = parse(junit.render([Grade("a", 1, "bubblewrap", (), 0.0)], now=NOW))

    assert "1" == root.get("errors")


def test_csv_has_a_row_a_submission_and_a_column_a_task() -> None:
    """A spreadsheet is what most instructors keep marks in."""
    rows = list(csv_reader.DictReader(io.StringIO(csv.render([GRADED, FAULTY]).removeprefix("\ufeff"))))

    assert [
        "path",
        "exercise",
        "isolation",
        "score",
        "out_of",
        "bonus",
        "1.1",
        "1.2",
        "1.3",
        "1.4",
        "1.9",
    ] == list(rows[0])[:11]
    assert ["alice.zip", "12.0", "8.0", "4.0", "6.0"] == [
        rows[0][key] for key in ("path", "score", "1.1", "1.2", "1.9")
    ]
    assert ["", "", "", ""] == [rows[1][key] for key in ("score", "bonus", "1.1", "1.2")]
    assert "the sandbox could not be started" == rows[1]["no_score"]


def test_csv_leaves_numbers_unquoted_and_quotes_text() -> None:
    """A quoted number is text, and the header "1.10" without quotes would become 1.1."""
    header, row = csv.render([GRADED]).splitlines()

    assert '"1.1","1.2"' in header
    assert '"alice.zip",1,"bubblewrap",12.0,32,6.0,8.0' in row


def test_hostile_text_survives_no_format() -> None:
    """Attack 25: one submission attacks every reader of the reports at once."""
    grade = report_preview.hostile()

    as_json = json.render([grade])
    as_junit = junit.render([grade], now=NOW)
    as_csv = csv.render([grade])

    for text in (as_json, as_junit, as_csv):
        assert not set(text) & {"\x1b", "\x07", "\x00", "\u202e", "\r"} - (
            {"\r"} if text is as_csv else set()
        )
    assert json_reader.loads(as_json)["submissions"][0]["path"].startswith("=cmd")
    failure = parse(as_junit).find(".//failure")
    assert failure is not None
    assert "<script>alert(1)</script>" in str(failure.text)
    row = list(csv_reader.reader(io.StringIO(as_csv.removeprefix("\ufeff"))))[1]
    assert row[0].startswith("'=cmd")
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row)
