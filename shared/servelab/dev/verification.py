"""Run the verification matrix: the proof that the grader grades.

Each run is intake and grading session as `servelab grade` does them, two or more at a time.
"""

import os
import tempfile
from collections import Counter
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Any

from servelab.container_engine import engine_lacking
from servelab.dev.row import Outcome, Run, judge
from servelab.grading.intake import SubmissionError, discard, take
from servelab.grading.job import Job
from servelab.grading.manifest import Exercise
from servelab.grading.session import grade_job
from servelab.grading.session_process import in_parallel
from servelab.grading.verdict import Grade

SEED = 20240601
"""Fixed, so that three verifications in a row give the same rows; a grading run draws its own."""


def verify(
    exercise: Exercise,
    matrix: list[Run],
    level: str,
    on_run: Callable[[list[Outcome]], None],
    workers: int | None = None,
) -> list[Outcome]:
    """Run a matrix and return the outcome of every row, in the order of the matrix.

    Args:
        exercise: whose matrix it is.
        matrix: the runs; see `matrix.runs`.
        level: name of the isolation level.
        on_run: called with the outcomes of each run as it ends.
        workers: runs at a time, three for every two cores by default.
    """

    def work(run: Run) -> list[Outcome]:
        outcomes = _run(exercise, run, level)
        on_run(outcomes)
        return outcomes

    return list(chain.from_iterable(in_parallel(work, matrix, workers or _workers())))


def _workers() -> int:
    # A run waits about a third of its time: for variants that hang, and for models that are held.
    return max(2, 3 * (os.cpu_count() or 1) // 2)


def _run(exercise: Exercise, run: Run, level: str) -> list[Outcome]:
    scratch = Path(tempfile.mkdtemp(prefix="sv-"))
    scratch.chmod(0o711)
    variant = scratch / "submission"
    variant.mkdir()
    try:
        run.build(variant)
        take(variant, exercise, scratch / "copy")
        job = Job(
            exercise=exercise.folder,
            root=scratch / "copy",
            shown="submission",
            tasks=tuple(task.id for task in run.tasks),
            level=level,
            seed=SEED,
            ignore_needs=run.ignore_needs,
            time_limit_s=run.time_limit_s,
            images=run.images and not engine_lacking(),
        )
        grade = grade_job(job)
        return [judge(row, grade, "") for row in run.rows]
    except SubmissionError as error:
        grade = Grade(str(variant), exercise.number, level, (), 0.0)
        return [judge(row, grade, str(error)) for row in run.rows]
    finally:
        discard(scratch)


def as_json(outcomes: list[Outcome], seconds: float) -> dict[str, Any]:
    """Return outcomes in the form of the command's JSON report."""
    kinds = Counter(outcome.row.kind for outcome in outcomes)
    summary = {
        "rows": len(outcomes),
        "wrong": sum(not outcome.ok and not outcome.not_run for outcome in outcomes),
        "not_run": sum(outcome.not_run for outcome in outcomes),
        "tasks": len(
            {
                (outcome.row.exercise, outcome.row.task)
                for outcome in outcomes
                if outcome.row.kind == "solution"
            }
        ),
        "mutants": kinds["mutant"],
        "hostile": kinds["hostile"],
        "seconds": round(seconds, 1),
    }
    return {"summary": summary, "rows": [_row_json(outcome) for outcome in outcomes]}


def _row_json(outcome: Outcome) -> dict[str, Any]:
    row = outcome.row
    return {
        "exercise": row.exercise,
        "task": row.task,
        "kind": row.kind,
        "name": row.name,
        "isolation": outcome.isolation,
        "expected": "refused" if row.refused else dict(row.expected),
        "got": dict(outcome.got),
        "must_fail": list(outcome.must_fail),
        "failed": list(outcome.failed),
        "ok": outcome.ok,
        "not_run": outcome.not_run,
        "why": outcome.why,
        "seconds": outcome.seconds,
    }
