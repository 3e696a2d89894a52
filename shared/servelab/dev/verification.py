"""Run the verification matrix: the proof that the grader grades.

Each run is intake and grading session as `servelab grade` does them, several at a time.
A run whose fingerprint has not changed since it was right is known by its evidence; one
in twenty of these is run again all the same, drawn anew each time, because a fingerprint
that leaves something out would go unnoticed otherwise.
"""

import os
import random
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Any

from servelab.container_engine import engine_lacking
from servelab.dev.evidence import Evidence
from servelab.dev.fingerprint import Fingerprints
from servelab.dev.matrix import GRADER
from servelab.dev.row import Outcome, Run, judge
from servelab.grading.intake import SubmissionError, discard, take
from servelab.grading.job import Job
from servelab.grading.session import grade_job
from servelab.grading.session_process import in_parallel
from servelab.grading.verdict import Grade

SEED = 20240601
"""Fixed, so that three verifications in a row give the same rows; a grading run draws its own."""
AGAIN = 20
"""Of so many runs that are known, one is run again."""
SURPRISE = "right before, though nothing in its fingerprint has changed; the evidence of its exercise goes"

OnRun = Callable[[list[Outcome]], None]


@dataclass(frozen=True)
class Plan:
    """What of a matrix is to be run.

    Attributes:
        matrix: all its runs.
        level: name of the isolation level.
        evidence: where outcomes are kept.
        known: place in the matrix -> outcomes of a run that was right before.
        again: place -> what is tried once more of a run although it is known.
    """

    matrix: Sequence[Run]
    level: str
    evidence: Evidence
    fingerprints: Fingerprints
    known: dict[int, list[Outcome]] = field(default_factory=dict)
    again: dict[int, Run] = field(default_factory=dict)

    @property
    def due(self) -> list[int]:
        """Places of the runs that are run, those of many tasks first: the last one should not be long."""
        settled = self.known.keys() - self.again.keys()
        places = [place for place in range(len(self.matrix)) if place not in settled]
        return sorted(places, key=self._length, reverse=True)

    def _length(self, place: int) -> tuple[int, float]:
        seconds = max((outcome.seconds for outcome in self.known.get(place, ())), default=0.0)
        return len((self.again.get(place) or self.matrix[place]).tasks), seconds


def plan(matrix: Sequence[Run], level: str, evidence: Evidence, *, fresh: bool = False) -> Plan:
    """Find out what of a matrix is known, and draw what is run again.

    Args:
        matrix: the runs; see `matrix.runs`.
        level: name of the isolation level.
        evidence: what is known from before.
        fresh: run everything.
    """
    fingerprints = Fingerprints(level, SEED)
    if fresh:
        return Plan(matrix, level, evidence, fingerprints)
    recalled = {
        place: outcomes
        for place, run in enumerate(matrix)
        if (outcomes := evidence.recall(run, fingerprints.of(run))) is not None
    }
    drawn = random.sample(sorted(recalled), -(-len(recalled) // AGAIN))
    again = {place: _part(matrix[place]) for place in drawn}
    return Plan(matrix, level, evidence, fingerprints, recalled, again)


def _part(run: Run) -> Run:
    """Draw one task of a run that has several: a surprise in any of them is one for all of its exercise."""
    if run.rows[0].kind == "hostile":
        return run
    decided = [task for task in run.tasks if run.rows[0].expected.get(task.id) != "not-run"]
    return run.tried_by(random.choice(decided))  # noqa: S311 - no secret


def verify(plan: Plan, on_run: OnRun, workers: int | None = None) -> list[Outcome]:
    """Run what is due, and return the outcome of every row, in the order of the matrix.

    Evidence is kept of what is right. When a run that was known is wrong now, all evidence
    of its exercise goes: something decides it that the fingerprint does not cover.

    Args:
        plan: what to run.
        on_run: called with the outcomes of each run as it ends.
        workers: runs at a time, five for every two cores by default.
    """

    def work(place: int) -> list[Outcome]:
        outcomes = _again(plan, place) if place in plan.again else _anew(plan, place)
        on_run(outcomes)
        return outcomes

    due = plan.due
    done = dict(zip(due, in_parallel(work, due, workers or _workers()), strict=True))
    if Fingerprints(plan.level, SEED).shared != plan.fingerprints.shared:
        # Somebody has edited the grader: nobody knows which of these runs it was part of.
        for number in {run.rows[0].exercise for run in plan.matrix}:
            plan.evidence.drop(number)
    return list(chain.from_iterable((plan.known | done)[place] for place in range(len(plan.matrix))))


def _anew(plan: Plan, place: int) -> list[Outcome]:
    run = plan.matrix[place]
    fingerprint = plan.fingerprints.of(run)
    outcomes = _run(run, plan.level)
    # What was edited meanwhile may or may not have been part of the run.
    unchanged = fingerprint if fingerprint == plan.fingerprints.of(run) else None
    plan.evidence.keep(run, unchanged, outcomes)
    return outcomes


def _again(plan: Plan, place: int) -> list[Outcome]:
    """Return the outcomes of a run that is known, with what came of the part that was tried again."""
    tried = {outcome.row.name: outcome for outcome in _run(plan.again[place], plan.level)}
    return [
        _compared(plan, known, tried[known.row.name]) if known.row.name in tried else known
        for known in plan.known[place]
    ]


def _compared(plan: Plan, known: Outcome, tried: Outcome) -> Outcome:
    if tried.ok:
        return replace(known, seconds=tried.seconds, kept=False)
    if tried.not_run:
        return replace(tried, row=known.row)
    plan.evidence.drop(known.row.exercise)
    return replace(tried, row=known.row, why=f"{SURPRISE}: {tried.why}")


def _workers() -> int:
    # A run often waits: for processes to start and end, for variants that hang, for held models.
    return max(2, 5 * (os.cpu_count() or 1) // 2)


def _run(run: Run, level: str) -> list[Outcome]:
    scratch = Path(tempfile.mkdtemp(prefix="sv-"))
    scratch.chmod(0o711)
    variant = scratch / "submission"
    variant.mkdir()
    try:
        run.variant.build(variant)
        take(variant, run.exercise, scratch / "copy")
        job = Job(
            exercise=run.exercise.folder,
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
        grade = Grade(str(variant), run.exercise.number, level, (), 0.0)
        return [judge(row, grade, str(error)) for row in run.rows]
    finally:
        discard(scratch)


def as_json(outcomes: list[Outcome], seconds: float) -> dict[str, Any]:
    """Return outcomes in the form of the command's JSON report."""
    kinds = Counter(outcome.row.kind for outcome in outcomes)
    kept = sum(outcome.kept for outcome in outcomes)
    summary = {
        "rows": len(outcomes),
        "run": len(outcomes) - kept,
        "kept": kept,
        "wrong": sum(not outcome.ok and not outcome.not_run for outcome in outcomes),
        "not_run": sum(outcome.not_run for outcome in outcomes),
        "tasks": len(
            {
                (outcome.row.exercise, outcome.row.task)
                for outcome in outcomes
                if outcome.row.kind == "solution" and outcome.row.exercise != GRADER
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
        "kept": outcome.kept,
        "why": outcome.why,
        "seconds": outcome.seconds,
    }
