"""The report for CI systems: JUnit XML, a suite for each submission, a case for each test.

A wrong answer is a failure, a fault of the grader an error, a task that was not
run is skipped. A task that has not passed gets a case of its own when none of
its tests shows it, so that no reader takes silence for success.
Source: `junit-10.xsd` of Jenkins' xUnit plugin, which GitLab and GitHub's readers follow.
Leaves out: points, which JUnit has no place for but properties.
"""

from collections.abc import Sequence
from datetime import datetime
from xml.etree import ElementTree as ET

from servelab.grading.report.checked import checked
from servelab.grading.report.wording import PRACTICE, VERDICT_WORDS, is_practice, no_score_reason, number
from servelab.grading.verdict import Grade, TaskResult, TestResult, Verdict

_TAGS: dict[Verdict, str] = {"fail": "failure", "timeout": "failure", "error": "error", "not-run": "skipped"}
_COUNTED = {"failures": "failure", "errors": "error", "skipped": "skipped"}


def render(grades: Sequence[Grade], *, now: datetime) -> str:
    """Return the grades as one XML document.

    Raises:
        GraderFaultError: a grade holds a number that can't be.
    """
    root = ET.Element("testsuites", name="servelab")
    for grade in checked(grades):
        root.append(_suite(grade, now))
    for name in ("tests", "failures", "errors"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    root.set("time", f"{sum(float(suite.get('time', '0')) for suite in root):.3f}")
    ET.indent(root)
    # As bytes first: as text, the declaration would name the encoding of the machine.
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document.decode("utf-8") + "\n"


def _suite(grade: Grade, now: datetime) -> ET.Element:
    name = f"{grade.path} ({PRACTICE})" if is_practice(grade) else grade.path
    suite = ET.Element("testsuite", name=name, timestamp=now.strftime("%Y-%m-%dT%H:%M:%S"))
    suite.set("time", f"{grade.seconds:.3f}")
    suite.append(_properties(grade))
    cases = [case for task in grade.tasks for case in _cases(grade, task)]
    if grade.fault or not cases:
        reason = no_score_reason(grade) or "no task was run"
        cases.append(_with_outcome(_case("grading", "the submission is graded", 0.0), "error", reason))
    suite.extend(cases)
    suite.set("tests", str(len(cases)))
    for attribute, tag in _COUNTED.items():
        suite.set(attribute, str(sum(case.find(tag) is not None for case in cases)))
    return suite


def _properties(grade: Grade) -> ET.Element:
    properties = ET.Element("properties")
    values = {
        "isolation": grade.isolation,
        "out_of": number(grade.out_of),
        "graded_here": number(grade.graded_here),
    }
    if grade.score is not None:
        values |= {"score": number(grade.score), "bonus": number(grade.bonus)}
    for name, value in values.items():
        ET.SubElement(properties, "property", name=name, value=value)
    return properties


def _cases(grade: Grade, task: TaskResult) -> list[ET.Element]:
    # A dot parts packages in the readers of this format: "1.4" would become two of them.
    title = f"{task.task.replace('.', '-')} {task.title.replace('.', '')}"
    group = f"exercise-{grade.exercise:02}.{title}"
    cases = [_test_case(group, test, task.message) for test in task.tests]
    shown = {test.verdict for test in task.tests}
    if not cases or (task.verdict != "pass" and task.verdict not in shown):
        case = _case(group, f"task {task.task}", task.seconds)
        cases.append(_with_outcome(case, task.verdict, task.message or VERDICT_WORDS[task.verdict]))
    return cases


def _test_case(group: str, test: TestResult, message: str) -> ET.Element:
    parts = (test.claim, test.expected, test.call, test.said and f"your service said:\n{test.said}")
    reason = test.expected.partition("\n")[0] or test.claim or message
    return _with_outcome(
        _case(group, test.id, test.seconds), test.verdict, reason, "\n\n".join(filter(None, parts))
    )


def _case(group: str, name: str, time_s: float) -> ET.Element:
    return ET.Element("testcase", classname=group, name=name, time=f"{time_s:.3f}")


def _with_outcome(case: ET.Element, verdict: Verdict, message: str, body: str = "") -> ET.Element:
    if tag := _TAGS.get(verdict):
        outcome = ET.SubElement(case, tag, message=" ".join(message.split()), type=verdict)
        outcome.text = body or None
    return case
