"""Mutants: known mistakes, kept as replacements inside a task's region.

Each says which tests must catch it, no more and no fewer, and the sentence that a
learner with the same mistake reads.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from servelab.errors import MisuseError
from servelab.grading.manifest import Exercise, Replacement


class _MutantFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    task: str
    teaches: str = Field(min_length=20)
    must_fail: tuple[str, ...] = Field(min_length=1)
    replace: tuple[Replacement, ...] = Field(min_length=1)


@dataclass(frozen=True)
class Mutant:
    """A known-wrong variant of the solution.

    Attributes:
        name: file name without its ending, such as "1.06-blocks-the-loop".
        must_fail: ids of exactly the tests that fail.
        teaches: the sentence for a learner whose submission fails in the same way.
    """

    name: str
    task: str
    teaches: str
    must_fail: frozenset[str]
    replacements: tuple[Replacement, ...]


def mutants(exercise: Exercise) -> tuple[Mutant, ...]:
    """Return the mutants of an exercise, in the order of their names; none in a student edition.

    Raises:
        MisuseError: a file is broken, or names a task that is not there.
    """
    return tuple(_load(exercise, path) for path in sorted((exercise.folder / "mutants").glob("*.toml")))


def _load(exercise: Exercise, path: Path) -> Mutant:
    try:
        read = _MutantFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except tomllib.TOMLDecodeError as error:
        msg = f"{path} is not valid TOML: {error}"
        raise MisuseError(msg) from error
    except ValidationError as error:
        first = error.errors()[0]
        msg = f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}"
        raise MisuseError(msg) from error
    exercise.task(read.task)
    return Mutant(path.stem, read.task, read.teaches, frozenset(read.must_fail), read.replace)
