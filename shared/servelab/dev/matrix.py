"""The verification matrix: which variants are graded, by which tests, and what must come of each.

| kind     | variant              | tests that run      | claim                                              |
|----------|----------------------|---------------------|----------------------------------------------------|
| solution | the reference        | all                 | every task passes                                  |
| starter  | every region stubbed | all                 | every scoring test of every task fails             |
| prefix   | tasks 1 to k filled  | those of k, k + 1   | k passes, every scoring test of k + 1 fails        |
| hole     | task k stubbed       | all that can see it | k fails, what needs it is not run, the rest passes |
| mutant   | a known mistake in k | those of k          | exactly the tests that it names fail               |
| hostile  | an attack            | those that it names | the verdicts and points that it names, no harm     |

A row runs what can tell its variant from the others. That the tasks before k pass with
k + 1 stubbed is said by the prefixes before; that a mistake in k leaves other tasks as
they are, by the hole of k, in which k is missing altogether. Where tasks declare `files`,
a hole leaves out those that see the same files as in the reference: the solution's row
is the evidence for them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from servelab.course import variant
from servelab.course.mutant import Mutant, mutants
from servelab.dev.hostile import Hostile, hostiles
from servelab.dev.row import Row, Run
from servelab.grading.manifest import Exercise, Task
from servelab.grading.view import visible

if TYPE_CHECKING:
    from servelab.grading.verdict import Verdict

GRADER = 0
"""The exercise number of rows that are about the grader itself."""


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
        made += [_hostile(attack) for attack in hostiles(exercise) if level in attack.held_by]
    return made


def grader_runs(attacks: Iterable[Hostile], level: str) -> list[Run]:
    """Return the runs of the attacks on the grader itself.

    The first is their control: the reference that they are laid over passes at this level,
    so what fails behind it fails because the attack is held.
    """
    held = [attack for attack in attacks if level in attack.held_by]
    exercises = {attack.exercise.folder: attack.exercise for attack in held}
    control = [_solution(exercise, exercise.tasks, GRADER) for exercise in exercises.values()]
    return [*control, *(_hostile(attack, GRADER) for attack in held)]


@dataclass(frozen=True)
class _Regions:
    """A variant that is made by exchanging regions of the reference."""

    files: Callable[[], dict[str, str]]

    def build(self, folder: Path) -> None:
        """Write it into an empty folder."""
        variant.write(self.files(), folder)

    def sources(self) -> dict[str, bytes]:
        """Return its files."""
        return {name: text.encode() for name, text in self.files().items()}


def _solution(exercise: Exercise, tasks: tuple[Task, ...], number: int | None = None) -> Run:
    about = exercise.number if number is None else number
    rows = tuple(Row(about, task.id, "solution", f"solution {task.id}", {task.id: "pass"}) for task in tasks)
    return Run(exercise, rows, tasks, _Regions(partial(variant.source_files, exercise)), images=True)


def _starter(exercise: Exercise, tasks: tuple[Task, ...]) -> Run:
    rows = tuple(
        Row(exercise.number, task.id, "starter", f"starter {task.id}", {task.id: "fail"}, must_fail=None)
        for task in tasks
    )
    return Run(exercise, rows, tasks, _Regions(partial(variant.starter, exercise)), ignore_needs=True)


def _prefix(exercise: Exercise, following: Task) -> Run:
    filled = exercise.tasks[: following.number - 1][-1:]
    expected: dict[str, Verdict] = {task.id: "pass" for task in filled}
    last = filled[0].id if filled else "nothing"
    row = Row(
        exercise.number,
        following.id,
        "prefix",
        f"prefix {last}",
        expected | {following.id: "fail"},
        must_fail=None,
    )
    files = partial(variant.prefix, exercise, following.number - 1)
    return Run(exercise, (row,), (*filled, following), _Regions(files))


def _hole(exercise: Exercise, task: Task) -> Run:
    files = partial(variant.hole, exercise, task.id)
    needing = exercise.needing(task.id)
    changed = {name for name, _ in files().items() ^ variant.source_files(exercise).items()}
    tasks = tuple(
        other
        for other in exercise.tasks
        if other == task or other in needing or _sees(exercise, other, changed)
    )
    expected: dict[str, Verdict] = {
        other.id: "fail" if other == task else "not-run" if other in needing else "pass" for other in tasks
    }
    row = Row(exercise.number, task.id, "hole", f"hole {task.id}", expected)
    return Run(exercise, (row,), tasks, _Regions(files))


def _sees(exercise: Exercise, task: Task, names: Iterable[str]) -> bool:
    """Say whether the tests of a task can see one of these files."""
    seen = visible(exercise, (task,))
    return any(seen.matches(tuple(name.split("/"))) for name in names)


def _mutant(exercise: Exercise, mutant: Mutant) -> Run:
    task = exercise.task(mutant.task)
    row = Row(exercise.number, task.id, "mutant", mutant.name, {task.id: "fail"}, mutant.must_fail, only=True)
    files = partial(variant.mutated, exercise, task.id, mutant.replacements)
    return Run(exercise, (row,), (task,), _Regions(files))


def _hostile(attack: Hostile, number: int | None = None) -> Run:
    exercise = attack.exercise
    tasks = tuple(exercise.task(task_id) for task_id in attack.tasks)
    expected: dict[str, Verdict] = {task.id: attack.verdicts.get(task.id, "not-run") for task in tasks}
    row = Row(
        exercise.number if number is None else number,
        tasks[0].id,
        "hostile",
        attack.name,
        {} if attack.refused else expected,
        points=attack.points,
        refused=attack.refused,
        must_not_exist=attack.must_not_exist,
        says=attack.says,
    )
    return Run(exercise, (row,), tasks, attack, time_limit_s=attack.time_limit_s)
