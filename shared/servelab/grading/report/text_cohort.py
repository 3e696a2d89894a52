"""What a cohort did not understand, and how each of it did, for a terminal.

Leaves out: the histogram, which the HTML page shows.
"""

from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from servelab.grading.report.cohort import Cohort
from servelab.grading.report.text_piece import VERDICT_STYLES, hanging, plain
from servelab.grading.report.wording import (
    PRACTICE,
    VERDICT_SIGNS,
    full,
    is_practice,
    no_score_reason,
    number,
)
from servelab.grading.verdict import Grade

_MOST: Final = 10


def show_cohort(cohort: Cohort, console: Console) -> None:
    """Print the statistics of a cohort: score, tasks, failed tests and known mistakes."""
    console.print(Rule(plain(f"{cohort.title}: {len(cohort.grades)} submissions", "bold"), align="left"))
    console.print(
        f"{cohort.scored} with a score: mean {number(cohort.mean)} of "
        f"{full(cohort.graded_here, cohort.out_of)}, "
        f"median {number(cohort.median)}, standard deviation {number(cohort.deviation)}"
    )
    for lack in cohort.lacks:
        # Not wrapped: the command in it is pasted.
        console.print(plain(f"not graded here: {lack}", "yellow"), soft_wrap=True)
    console.print()
    console.print(_statistics_table(cohort))
    for title, found in (("failed tests", cohort.failed_tests), ("known mistakes", cohort.mistakes)):
        if found:
            console.print()
            console.print(plain(title, "bright_black"))
            for one in found[:_MOST]:
                console.print(hanging(f"{one.count:>2} of {cohort.scored}  {one.task:<4}", one.text))
    console.print()


def show_list(grades: Sequence[Grade], console: Console) -> None:
    """Print one line about each submission."""
    console.print(Rule(plain("submissions", "bold"), align="left"))
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=False)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    for grade in grades:
        score = "no score" if grade.score is None else f"{number(grade.score)} of {grade.graded_here}"
        strip = Text()
        for task in grade.tasks:
            strip.append(VERDICT_SIGNS[task.verdict], VERDICT_STYLES[task.verdict])
        remark = no_score_reason(grade) or (PRACTICE if is_practice(grade) else "")
        table.add_row(score, strip, plain(grade.path + (f"  ({remark})" if remark else "")))
    console.print(table)


def _statistics_table(cohort: Cohort) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bright_black")
    table.add_column("task", no_wrap=True)
    table.add_column("", ratio=1)
    names = ["pass", "fail", "not run", "share"] + (["discr."] if cohort.is_analysed else [])
    for name in names:
        table.add_column(name, justify="right", no_wrap=True)
    for task in cohort.tasks:
        failed = task.counts.get("fail", 0) + task.counts.get("timeout", 0)
        counts = (task.counts.get("pass", 0), failed, task.counts.get("not-run", 0))
        numbers = [*map(str, counts), f"{task.difficulty:.0%}"]
        if cohort.is_analysed:
            numbers.append("" if task.discrimination is None else f"{task.discrimination:.2f}")
        table.add_row(plain(task.task), plain(task.title), *numbers)
    return table
