"""Mutants: known mistakes, kept as replacements inside a task's region.

Each says which tests must catch it, no more and no fewer, and the sentence that a
learner with the same mistake reads.
Leaves out: diagnosing a mistake that fails the same tests as another one; a guess would mislead.
"""

import tomllib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from servelab.errors import MisuseError
from servelab.grading.manifest import Exercise, Replacement
from servelab.grading.verdict import Grade, TaskResult


class Mutant(BaseModel):
    """A known-wrong variant of the solution.

    Attributes:
        name: file name without its ending, such as "1.06-blocks-the-loop".
        teaches: the sentence for a learner whose submission fails in the same way.
        must_fail: ids of exactly the tests that fail.
        replacements: `[[replace]]` in the file.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    task: str
    teaches: str = Field(min_length=20)
    must_fail: frozenset[str] = Field(min_length=1)
    replacements: tuple[Replacement, ...] = Field(alias="replace", min_length=1)


def mutants(exercise: Exercise) -> tuple[Mutant, ...]:
    """Return the mutants of an exercise, in the order of their names; none in a student edition.

    Raises:
        MisuseError: a file is broken, or names a task that is not there.
    """
    return tuple(_load(exercise, path) for path in sorted((exercise.folder / "mutants").glob("*.toml")))


def _load(exercise: Exercise, path: Path) -> Mutant:
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        mutant = Mutant.model_validate({**raw, "name": path.stem})
    except tomllib.TOMLDecodeError as error:
        msg = f"{path} is not valid TOML: {error}"
        raise MisuseError(msg) from error
    except ValidationError as error:
        first = error.errors()[0]
        msg = f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}"
        raise MisuseError(msg) from error
    exercise.task(mutant.task)
    return mutant


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
