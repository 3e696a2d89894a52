"""The verification matrix of an exercise: which variants are graded, and what must come of each.

| kind     | variant                              | claim                                               |
|----------|--------------------------------------|-----------------------------------------------------|
| solution | the reference                        | every task passes                                   |
| starter  | every region stubbed                 | every scoring test of every task fails              |
| prefix   | tasks 1 to k filled                  | 1 to k pass, every scoring test of k + 1 fails      |
| hole     | task k stubbed                       | k fails, what needs it is not run, all others pass  |
| mutant   | a known mistake in k                 | exactly the tests that it names fail                |
| hostile  | an attack on the grader              | the verdicts and points that it names, and no harm  |
"""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from servelab.course import variant
from servelab.course.mutant import Mutant, mutants
from servelab.dev.hostile import Hostile, hostiles
from servelab.dev.row import Row, Run
from servelab.grading.manifest import Exercise, Task

if TYPE_CHECKING:
    from servelab.grading.verdict import Verdict

Files = Callable[[], dict[str, str]]


def runs(exercise: Exercise, level: str, only: Task | None = None) -> list[Run]:
    """Return the grading runs of an exercise's matrix; those of one task, when `only` is given."""
    made = [
        _solution(exercise, exercise.tasks if only is None else exercise.with_needs(only.id)),
        _starter(exercise, exercise.tasks if only is None else (only,)),
        *(_prefix(exercise, task) for task in exercise.tasks if only in (None, task)),
        *(_hole(exercise, task) for task in exercise.tasks if only in (None, task)),
        *(
            _mutant(exercise, mutant)
            for mutant in mutants(exercise)
            if only is None or mutant.task == only.id
        ),
    ]
    if only is None:
        made += [_hostile(exercise, attack) for attack in hostiles(exercise) if level in attack.held_by]
    return made


def not_held(exercise: Exercise, level: str) -> list[str]:
    """Return the names of the attacks that an isolation level does not claim to hold."""
    return [attack.name for attack in hostiles(exercise) if level not in attack.held_by]


def _build(files: Files) -> Callable[[Path], None]:
    return lambda folder: variant.write(files(), folder)


def _solution(exercise: Exercise, tasks: tuple[Task, ...]) -> Run:
    rows = tuple(
        Row(exercise.number, task.id, "solution", f"solution {task.id}", {task.id: "pass"}) for task in tasks
    )
    return Run(rows, tasks, _build(partial(variant.source_files, exercise)), images=True)


def _starter(exercise: Exercise, tasks: tuple[Task, ...]) -> Run:
    rows = tuple(
        Row(exercise.number, task.id, "starter", f"starter {task.id}", {task.id: "fail"}, must_fail=None)
        for task in tasks
    )
    return Run(rows, tasks, _build(partial(variant.starter, exercise)), ignore_needs=True)


def _prefix(exercise: Exercise, following: Task) -> Run:
    before = exercise.tasks[: following.number - 1]
    expected: dict[str, Verdict] = {task.id: "pass" for task in before}
    last = before[-1].id if before else "nothing"
    row = Row(
        exercise.number,
        following.id,
        "prefix",
        f"prefix {last}",
        expected | {following.id: "fail"},
        must_fail=None,
    )
    return Run((row,), (*before, following), _build(partial(variant.prefix, exercise, following.number - 1)))


def _hole(exercise: Exercise, task: Task) -> Run:
    needing = {other.id for other in exercise.needing(task.id)}
    expected: dict[str, Verdict] = {
        other.id: "fail" if other == task else "not-run" if other.id in needing else "pass"
        for other in exercise.tasks
    }
    row = Row(exercise.number, task.id, "hole", f"hole {task.id}", expected)
    return Run((row,), exercise.tasks, _build(partial(variant.hole, exercise, task.id)))


def _mutant(exercise: Exercise, mutant: Mutant) -> Run:
    tasks = exercise.with_needs(mutant.task)
    expected: dict[str, Verdict] = {task.id: "fail" if task.id == mutant.task else "pass" for task in tasks}
    row = Row(exercise.number, mutant.task, "mutant", mutant.name, expected, mutant.must_fail, only=True)
    return Run((row,), tasks, _build(partial(variant.mutated, exercise, mutant.task, mutant.replacements)))


def _hostile(exercise: Exercise, attack: Hostile) -> Run:
    tasks = tuple(exercise.task(task_id) for task_id in attack.tasks)
    expected: dict[str, Verdict] = {task.id: attack.verdicts.get(task.id, "not-run") for task in tasks}
    row = Row(
        exercise.number,
        tasks[0].id,
        "hostile",
        attack.name,
        {} if attack.refused else expected,
        points=attack.points,
        refused=attack.refused,
        must_not_exist=attack.must_not_exist,
        says=attack.says,
    )
    return Run((row,), tasks, partial(attack.build, exercise), time_limit_s=attack.time_limit_s)


def all_rows(matrix: list[Run]) -> Iterator[Row]:
    """Yield the rows of a matrix in order."""
    for run in matrix:
        yield from run.rows
