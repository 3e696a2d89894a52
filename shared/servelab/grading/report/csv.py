"""The report for a spreadsheet: one row a submission, one column a task.

Text that a spreadsheet would take for a formula begins with an apostrophe;
numbers stay numbers, and what has no score, or was not graded, has empty cells.
Source: RFC 4180; OWASP, "CSV Injection".
"""

import csv
import io
from collections.abc import Sequence

from servelab.grading.report import escape
from servelab.grading.report.checked import checked
from servelab.grading.report.wording import no_score_reason
from servelab.grading.verdict import Grade

Row = list[str | float | int]

_BYTE_ORDER_MARK = "\ufeff"


def render(grades: Sequence[Grade]) -> str:
    """Return the grades as CSV with a header, in the order given.

    Raises:
        GraderFaultError: a grade holds a number that can't be.
    """
    rows = checked(grades)
    tasks = list(dict.fromkeys(task.task for grade in rows for task in grade.tasks))
    buffer = io.StringIO()
    # Quotes around all text: a task "1.10" stands for itself and not for 1.1.
    writer = csv.writer(buffer, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(
        [
            "path",
            "exercise",
            "isolation",
            "score",
            "out_of",
            "bonus",
            *tasks,
            "seconds",
            "no_score",
            "graded_here",
        ]
    )
    writer.writerows(_row(grade, tasks) for grade in rows)
    # Without the mark, spreadsheets read UTF-8 as something else.
    return _BYTE_ORDER_MARK + buffer.getvalue()


def _row(grade: Grade, tasks: list[str]) -> Row:
    score = grade.score
    points = {task.task: task.points for task in grade.tasks if score is not None and task.graded}
    return [
        escape.cell(grade.path),
        grade.exercise,
        escape.cell(grade.isolation),
        "" if score is None else score,
        grade.out_of,
        "" if score is None else grade.bonus,
        *(points.get(task, "") for task in tasks),
        round(grade.seconds, 3),
        escape.cell(no_score_reason(grade)),
        grade.graded_here,
    ]
