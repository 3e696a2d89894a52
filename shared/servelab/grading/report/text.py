"""The report for a terminal: what a person reads first.

Written by rich onto any console, so that it has colour at a terminal and none
in a pipe or a file; eighty columns are enough.
Leaves out: the tests that passed, which the HTML page shows.
"""

import io
from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from servelab.grading.report import escape
from servelab.grading.report.checked import checked
from servelab.grading.report.cohort import cohorts
from servelab.grading.report.text_cohort import show_cohort, show_list
from servelab.grading.report.text_piece import VERDICT_STYLES, hanging, indented, plain
from servelab.grading.report.wording import (
    PRACTICE,
    PRACTICE_REASON,
    VERDICT_SIGNS,
    VERDICT_WORDS,
    exercise_title,
    full,
    is_practice,
    isolation,
    lacks,
    no_score_reason,
    number,
    seconds,
    sentence,
    verdict_counts,
)
from servelab.grading.verdict import Grade, TaskResult, TestResult

WIDTH: Final = 80

_BAR_CELLS = 24
_SAID_LINES = 24
_MOST_TABLES = 3


def render(grades: Sequence[Grade], *, width: int = WIDTH) -> str:
    """Return the report as plain text.

    Raises:
        GraderFaultError: a grade holds a number that can't be.
    """
    buffer = io.StringIO()
    show(
        grades,
        Console(file=buffer, width=width, color_system=None, highlight=False, emoji=False, markup=False),
    )
    lines = (line.rstrip() for line in buffer.getvalue().splitlines())
    return "\n".join(lines) + "\n"


def show(grades: Sequence[Grade], console: Console) -> None:
    """Print the report: the cohorts first, then each submission, in one line when there are many.

    Raises:
        GraderFaultError: a grade holds a number that can't be.
    """
    clean = checked(grades)
    for cohort in cohorts(clean):
        show_cohort(cohort, console)
    if len(clean) > _MOST_TABLES:
        show_list(clean, console)
        return
    for grade in clean:
        _show_submission(grade, console, details=len(clean) == 1)


def _show_submission(grade: Grade, console: Console, *, details: bool) -> None:
    console.print(Rule(plain(grade.path, "bold"), align="left", style="bright_black"))
    about = f"{exercise_title(grade)} · isolation {isolation(grade)} · {seconds(grade.seconds)}"
    console.print(plain(about, "bright_black"))
    console.print(_score_line(grade))
    if is_practice(grade):
        console.print(plain(PRACTICE.upper(), "bold yellow"), plain(PRACTICE_REASON))
    for lack in lacks(grade.tasks):
        # Not wrapped: the command in it is pasted.
        console.print(plain(f"not graded here: {lack}", "yellow"), soft_wrap=True)
    for note in grade.notes:
        console.print(plain(f"note: {note}", "bright_black"))
    console.print()
    console.print(_task_table(grade))
    for task in grade.tasks if details else ():
        _show_failures(task, console)


def _score_line(grade: Grade) -> Text:
    if grade.score is None:
        return plain(f"no score: {no_score_reason(grade)}", "bold magenta")
    filled = round(_BAR_CELLS * grade.score / grade.graded_here) if grade.graded_here else 0
    line = plain(f"{number(grade.score)} of {full(grade.graded_here, grade.out_of)}  ", "bold")
    line.append("█" * filled, "green").append("░" * (_BAR_CELLS - filled), "bright_black")
    if bonus := grade.bonus_graded_here:
        line.append(f"  bonus {number(grade.bonus)} of {bonus}")
    return line.append(f"  ({verdict_counts(grade)})", "bright_black")


def _task_table(grade: Grade) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bright_black")
    for name in ("task", "", "verdict"):
        table.add_column(name, ratio=1 if not name else None, no_wrap=bool(name))
    for name in ("points", "time"):
        table.add_column(name, justify="right", no_wrap=True)
    for task in grade.tasks:
        style = VERDICT_STYLES[task.verdict]
        sign = f"{VERDICT_SIGNS[task.verdict]} {VERDICT_WORDS[task.verdict]}"
        has_points = grade.score is not None and task.graded
        points = f"{number(task.points)} of {task.out_of}" if has_points else ""
        ran = seconds(task.seconds) if task.verdict != "not-run" else ""
        table.add_row(plain(task.task), _words(task), plain(sign, style), points, ran)
    return table


def _words(task: TaskResult) -> Text:
    words = plain(task.title + (" *" if task.stretch else ""))
    message = task.message if task.graded else ""  # what is lacking stands above, once for all tasks
    for said, style in ((message, "bright_black"), (task.diagnosis, "bold yellow")):
        if said:
            words.append("\n").append(escape.command_free(said), style)
    return words


def _show_failures(task: TaskResult, console: Console) -> None:
    failed = [test for test in task.tests if test.verdict not in {"pass", "not-run"}]
    if not failed:
        return
    console.print()
    console.print(plain(f"{task.task} {task.title}", "bold"))
    if task.diagnosis:
        console.print(indented(plain(f"this looks like a known mistake: {task.diagnosis}", "bold yellow")))
    for test in failed:
        _show_failure(test, console)


def _show_failure(test: TestResult, console: Console) -> None:
    console.print()
    console.print(hanging(VERDICT_SIGNS[test.verdict], sentence(test.id), VERDICT_STYLES[test.verdict]))
    if test.claim:
        console.print(hanging(" ", test.claim, "bright_black"))
    for part in filter(None, (test.expected, test.call)):
        _print_lines(part, "    ", console)
    if test.said:
        console.print(plain("    your service said:", "bright_black"))
        lines = test.said.splitlines()
        dropped = [f"({len(lines) - _SAID_LINES} lines more)"] if len(lines) > _SAID_LINES else []
        _print_lines("\n".join(lines[:_SAID_LINES] + dropped), "    │ ", console, "bright_black")


def _print_lines(text: str, margin: str, console: Console, style: str = "") -> None:
    for line in text.splitlines():
        # Not wrapped: a call must be whole when it is pasted into a shell.
        console.print(plain(f"{margin}{line}", style), soft_wrap=True)
