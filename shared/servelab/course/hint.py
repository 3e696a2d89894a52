"""Hints in three levels: a nudge, the approach, and almost there.

The learner gets the next one that they have not seen, so that nobody reads the
last before the first.
Source: rustlings gives one hint per exercise; three levels are our own.
"""

from dataclasses import dataclass

from servelab.grading.manifest import Task

LEVELS = ("nudge", "approach", "almost there")


@dataclass(frozen=True)
class Hint:
    """One hint; `number` counts from 1."""

    number: int
    level: str
    text: str


def hints(task: Task) -> tuple[Hint, ...]:
    """Return all hints of a task, in order."""
    named = zip(LEVELS, task.hints, strict=True)
    return tuple(Hint(number, level, text.strip()) for number, (level, text) in enumerate(named, start=1))


def next_hint(task: Task, seen: int) -> Hint | None:
    """Return the first hint that the learner has not seen, or None when they have seen all."""
    return hints(task)[seen] if seen < len(LEVELS) else None
