"""The verification matrix: what it asks of each variant, and that it tells when the grader is wrong."""

from pathlib import Path
from textwrap import dedent

import pytest

from servelab.course import variant
from servelab.dev import hostile, matrix, verification
from servelab.dev.evidence import Evidence
from servelab.dev.row import Outcome, Row, Run
from servelab.errors import MisuseError
from servelab.grading.manifest import Exercise, Task

MUTANT = """\
task = "1.1"
teaches = "a probe that says something else is not understood"
must_fail = [
    "test_01_live.py::test_liveness_answers",
    "test_01_live.py::test_the_answer_needs_no_service",
    "test_01_live.py::test_every_probe_gets_the_same_answer",
]

[[replace]]
file = "src/answer.py"
old = 'return "alive"'
new = 'return "undead"'
"""
ATTACK = """\
title = "exits with 0 at import"
base = "empty"
tasks = ["1.1"]
verdicts = { "1.1" = "fail" }
points = 0
"""
EXIT = "import os\n\nos._exit(0)\n"


@pytest.fixture
def exercise(miniature: Exercise) -> Exercise:
    """The miniature exercise with a mutant and an attack of its own."""
    write_mutant(miniature, MUTANT)
    write_attack(miniature, ATTACK, EXIT)
    return miniature


def write_mutant(exercise: Exercise, text: str) -> None:
    """Write the one mutant."""
    variant.write({"mutants/1.01-undead.toml": text}, exercise.folder)


def write_attack(exercise: Exercise, toml: str, code: str = EXIT, make: str = "") -> None:
    """Write the one attack."""
    files = {
        "hostile.toml": toml,
        "files/src/__init__.py": code,
        **({"make.py": dedent(make)} if make else {}),
    }
    variant.write({f"hostile/01-exit/{name}": text for name, text in files.items()}, exercise.folder)


def verified(runs: list[Run]) -> dict[str, Outcome]:
    """Run a matrix at level process and return the outcomes by name."""
    evidence = Evidence("process", runs[0].exercise.folder / "evidence")
    plan = verification.plan(runs, "process", evidence, fresh=True)
    outcomes = verification.verify(plan, lambda _: None)
    return {outcome.row.name: outcome for outcome in outcomes}


def rows_of(runs: list[Run]) -> list[Row]:
    """Return the rows of some runs."""
    return [row for run in runs for row in run.rows]


def named(runs: list[Run], *kinds: str) -> list[Run]:
    """Return the runs of some kinds."""
    return [run for run in runs if run.rows[0].kind in kinds]


def test_every_variant_has_its_rows(exercise: Exercise) -> None:
    """A row for each task of solution, starter, prefix and hole; one for each mutant and attack."""
    rows = rows_of(matrix.runs(exercise, "process"))

    kinds = [row.kind for row in rows]
    counts = {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)}
    assert {"solution": 3, "starter": 3, "prefix": 3, "hole": 3, "mutant": 1, "hostile": 1} == counts


def test_a_hole_takes_what_needs_it_along(exercise: Exercise) -> None:
    """It fails, what needs it is not run, all others pass."""
    holes = named(matrix.runs(exercise, "process"), "hole")

    assert {"1.1": "fail", "1.2": "not-run", "1.3": "not-run"} == holes[0].rows[0].expected
    assert {"1.1": "pass", "1.2": "pass", "1.3": "fail"} == holes[2].rows[0].expected


def test_a_prefix_fails_at_the_next_task(exercise: Exercise) -> None:
    """With all of its scoring tests."""
    row = named(matrix.runs(exercise, "process"), "prefix")[1].rows[0]

    assert ({"1.1": "pass", "1.2": "fail"}, None) == (row.expected, row.must_fail)


def test_a_prefix_runs_the_task_that_was_filled_and_the_next_one(exercise: Exercise) -> None:
    """Those before it are what the prefixes before were about."""
    prefixes = named(matrix.runs(exercise, "process"), "prefix")

    assert [["1.1"], ["1.1", "1.2"], ["1.2", "1.3"]] == [[task.id for task in run.tasks] for run in prefixes]


def test_a_mutant_runs_its_own_task(exercise: Exercise) -> None:
    """What it needs can't see the mistake: the hole of the task shows that."""
    mutant = named(matrix.runs(exercise, "process"), "mutant")[0]

    assert ["1.1"] == [task.id for task in mutant.tasks]


def test_a_hole_leaves_out_what_sees_the_same_files_as_in_the_reference(exercise: Exercise) -> None:
    """The row of the solution is the evidence for them; without a declaration a task sees all files."""
    files = {"1.1": ("src/answer.py",), "1.2": ("src/hello.py",), "1.3": ("src/ready.py",)}
    apart = tuple(task.model_copy(update={"files": files[task.id], "needs": ()}) for task in exercise.tasks)
    half = (*apart[:2], exercise.task("1.3"))

    def tasks_of_the_first_hole(tasks: tuple[Task, ...]) -> list[str]:
        runs = matrix.runs(exercise.model_copy(update={"tasks": tasks}), "process")
        return [task.id for task in named(runs, "hole")[0].tasks]

    assert ["1.1"] == tasks_of_the_first_hole(apart)
    assert ["1.1", "1.3"] == tasks_of_the_first_hole(half)


def test_attacks_on_the_grader_begin_with_their_control() -> None:
    """Where the reference does not pass, an attack on it that fails has shown nothing."""
    attacks = hostile.attacks_on_the_grader()

    runs = matrix.grader_runs(attacks, "bubblewrap")

    assert ["solution 1.1", "solution 1.2", "solution 1.3"] == [row.name for row in runs[0].rows]
    assert [attack.name for attack in attacks] == [run.rows[0].name for run in runs[1:]]
    assert {matrix.GRADER} == {row.exercise for row in rows_of(runs)}


def test_the_rows_of_one_task_are_a_part(exercise: Exercise) -> None:
    """Whoever works on one task does not wait for the others."""
    rows = rows_of(matrix.runs(exercise, "process", exercise.task("1.3")))

    assert {"1.1", "1.3"} == {row.task for row in rows}
    assert not [row for row in rows if row.kind in ("mutant", "hostile")]


def test_the_whole_matrix_holds(exercise: Exercise) -> None:
    """The miniature course proves its grading as the real one does."""
    outcomes = verified(matrix.runs(exercise, "process"))

    assert {} == {name: outcome.why for name, outcome in outcomes.items() if not outcome.ok}
    assert 14 == len(outcomes)


def test_every_task_of_a_run_can_be_tried_by_itself(exercise: Exercise) -> None:
    """What is run again of a run that is known is one of its tasks, drawn at random."""
    parts = [
        run.tried_by(task)
        for run in named(matrix.runs(exercise, "process"), "solution", "starter", "prefix", "hole")
        for task in run.tasks
        if run.rows[0].expected.get(task.id) != "not-run"
    ]

    wrong = {name: outcome.why for name, outcome in verified(parts).items() if not outcome.ok}

    assert {} == wrong
    assert {1} == {len(run.tasks) for run in parts}


def test_a_mutant_that_survives_is_told(exercise: Exercise) -> None:
    """Then the tests do not test what they claim."""
    write_mutant(exercise, MUTANT.replace('return "undead"', 'return "alive"  # still'))
    runs = named(matrix.runs(exercise, "process"), "mutant")

    outcome = verified(runs)["1.01-undead"]

    assert not outcome.ok
    assert "task 1.1: expected fail, got pass" in outcome.why


def test_a_mutant_that_dies_for_another_reason_is_told(exercise: Exercise) -> None:
    """Which tests must fail is part of the claim."""
    write_mutant(exercise, MUTANT.replace("::test_liveness_answers", "::test_something_else"))
    runs = named(matrix.runs(exercise, "process"), "mutant")

    assert "must fail but did not: test_01_live.py::test_something_else" in verified(runs)["1.01-undead"].why


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('"fail" }', '"pass" }', "expected pass, got fail"),
        ("points = 0", "points = 5", "it got 0 points, not 5"),
        ("points = 0", 'points = 0\nsays = "no such text"', "no message says 'no such text'"),
        ("points = 0", "points = 0\nrefused = true", "the intake took it, which it must not"),
    ],
)
def test_an_attack_with_another_outcome_is_told(exercise: Exercise, old: str, new: str, why: str) -> None:
    """An expectation that nothing could fail would be none."""
    write_attack(exercise, ATTACK.replace(old, new))

    outcome = verified(named(matrix.runs(exercise, "process"), "hostile"))["01-exit"]

    assert why in outcome.why


def test_an_attack_that_gets_out_is_told(exercise: Exercise, tmp_path: Path) -> None:
    """By the trace that it leaves."""
    trace = tmp_path / "trace"
    toml = ATTACK + f'must_not_exist = ["{trace}"]\n'
    write_attack(exercise, toml, f"open({str(trace)!r}, 'w').close()\n{EXIT}")

    outcome = verified(named(matrix.runs(exercise, "process"), "hostile"))["01-exit"]

    assert f"it got out: {trace} exists" == outcome.why


def test_an_attack_may_replace_the_submission_by_an_archive(exercise: Exercise) -> None:
    """What can't be stored in a repository is made at run time."""
    make = """
        import shutil, sys
        shutil.rmtree(sys.argv[1])
        open(sys.argv[1], "wb").write(b"PK\\x03\\x04 no archive")
    """
    write_attack(exercise, ATTACK + "refused = true\n", make=make)

    assert verified(named(matrix.runs(exercise, "process"), "hostile"))["01-exit"].ok


def test_an_attack_can_have_a_shorter_time(exercise: Exercise) -> None:
    """That nothing hangs for ever need not take a minute to prove."""
    toml = ATTACK.replace('"fail"', '"timeout"') + "time_limit_s = 0.7\n"
    write_attack(exercise, toml, "import time\n\ntime.sleep(60)\n")

    assert verified(named(matrix.runs(exercise, "process"), "hostile"))["01-exit"].ok


def test_an_attack_that_a_level_does_not_hold_is_not_run(exercise: Exercise) -> None:
    """What the level for practice can't hold proves nothing there."""
    write_attack(exercise, ATTACK + 'held_by = ["bubblewrap"]\n')

    assert [] == named(matrix.runs(exercise, "process"), "hostile")
    assert 1 == len(named(matrix.runs(exercise, "bubblewrap"), "hostile"))


@pytest.mark.parametrize(
    "toml", [ATTACK.replace("points", "pionts"), "title = ", ATTACK.replace("empty", "full")]
)
def test_a_broken_attack_is_misuse(exercise: Exercise, toml: str) -> None:
    """With its path."""
    write_attack(exercise, toml)

    with pytest.raises(MisuseError, match=r"hostile\.toml"):
        hostile.hostiles(exercise)


@pytest.mark.parametrize("base", ["starter", "solution", "hole 1.3", "empty"])
def test_an_attack_stands_on_its_base(exercise: Exercise, tmp_path: Path, base: str) -> None:
    """Its own files lie over those of the base."""
    write_attack(exercise, ATTACK.replace("empty", base))
    (tmp_path / "built").mkdir()

    hostile.hostiles(exercise)[0].build(tmp_path / "built")

    assert EXIT == (tmp_path / "built" / "src" / "__init__.py").read_text()
    assert (base != "empty") == (tmp_path / "built" / "src" / "answer.py").exists()
