"""Name the known mistake that a submission makes: its failing tests are those of a mutant.

Leaves out: mistakes that fail the same tests as another one; a guess would mislead.
"""

from collections.abc import Iterable
from dataclasses import replace

from servelab.course.mutant import Mutant
from servelab.grading.verdict import Grade, TaskResult


def diagnosed(grade: Grade, known: Iterable[Mutant]) -> Grade:
    """Return the grade with the sentence of the matching mutant beside each failed task."""
    mutants = tuple(known)
    return replace(grade, tasks=tuple(_diagnose(task, mutants) for task in grade.tasks))


def _diagnose(task: TaskResult, mutants: tuple[Mutant, ...]) -> TaskResult:
    failing = frozenset(test.id for test in task.tests if test.verdict in ("fail", "timeout"))
    sentences = {
        mutant.teaches for mutant in mutants if mutant.task == task.task and mutant.must_fail == failing
    }
    return replace(task, diagnosis=sentences.pop()) if len(sentences) == 1 else task
