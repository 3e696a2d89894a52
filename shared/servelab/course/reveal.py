"""Revealing a task: the reference regions, with a commentary on why they are so.

Source: rustlings shows a solution only after the exercise is solved.
"""

from dataclasses import dataclass

from servelab.course.region import parse
from servelab.course.variant import source_files
from servelab.grading.manifest import Exercise


@dataclass(frozen=True)
class Reference:
    """One region of the solution; `line` counts from 1, `text` is without the markers."""

    name: str
    line: int
    title: str
    text: str


def reference(exercise: Exercise, task_id: str) -> list[Reference]:
    """Return the reference regions of a task, in the order of their files.

    Raises:
        MisuseError: this is a student edition, which has no solution.
    """
    exercise.require_solution()
    return [
        Reference(name, region.begin + 2, region.title, region.inner)
        for name, text in source_files(exercise).items()
        for region in parse(name, text)
        if region.task == task_id
    ]
