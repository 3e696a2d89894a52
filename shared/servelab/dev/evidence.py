"""Evidence that a run came out right, kept under the fingerprint of all that decides it.

One JSON file for each run, in `.servelab/evidence` of the clone. Only what was right is
kept. A file that can't be read, or was changed, is as good as none: then the run is due.
Leaves out: protection against somebody who wants to deceive themselves.
"""

import hashlib
import shutil
import threading
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from servelab import atomic_file
from servelab.course_root import COURSE_ROOT
from servelab.dev.row import Outcome, Run
from servelab.grading.verdict import Verdict

FOLDER = COURSE_ROOT / ".servelab" / "evidence"


class _Known(BaseModel):
    """What is kept of the outcome of one row."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    got: dict[str, Verdict]
    failed: tuple[str, ...]
    must_fail: tuple[str, ...]
    seconds: float


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    fingerprint: str
    rows: tuple[_Known, ...]
    checksum: str = ""

    def sealed(self) -> "_File":
        """Return it with the checksum of everything else in it."""
        bare = self.model_copy(update={"checksum": ""})
        return bare.model_copy(
            update={"checksum": hashlib.sha256(bare.model_dump_json().encode()).hexdigest()}
        )


class Evidence:
    """The evidence of this clone at one isolation level.

    Args:
        level: name of the isolation level.
        folder: where it lies.
    """

    def __init__(self, level: str, folder: Path = FOLDER) -> None:
        self._level = level
        self._folder = folder / level
        self._lock = threading.Lock()
        self._dropped: set[int] = set()

    def recall(self, run: Run, fingerprint: str | None) -> list[Outcome] | None:
        """Return the outcomes of a run that was right when its fingerprint was this; None when it is due."""
        try:
            kept = _File.model_validate_json(self._path(run).read_bytes())
        except (OSError, ValidationError):
            return None
        if fingerprint != kept.fingerprint or kept != kept.sealed() or len(run.rows) != len(kept.rows):
            return None
        return [
            Outcome(
                row, self._level, known.got, known.failed, known.must_fail, known.seconds, why="", kept=True
            )
            for row, known in zip(run.rows, kept.rows, strict=True)
        ]

    def keep(self, run: Run, fingerprint: str | None, outcomes: Sequence[Outcome]) -> None:
        """Keep the outcomes of a run if all are right, and forget what was known of it otherwise."""
        with self._lock:
            if run.rows[0].exercise not in self._dropped:
                self._write(run, fingerprint, outcomes)

    def _write(self, run: Run, fingerprint: str | None, outcomes: Sequence[Outcome]) -> None:
        path = self._path(run)
        if fingerprint is None or not all(outcome.ok for outcome in outcomes):
            path.unlink(missing_ok=True)
            return
        rows = tuple(
            _Known(
                got=dict(outcome.got),
                failed=outcome.failed,
                must_fail=outcome.must_fail,
                seconds=outcome.seconds,
            )
            for outcome in outcomes
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic_file.write_text(path, _File(fingerprint=fingerprint, rows=rows).sealed().model_dump_json())

    def drop(self, exercise: int) -> None:
        """Forget everything about an exercise, and keep nothing of it in this verification any more."""
        with self._lock:
            self._dropped.add(exercise)
            shutil.rmtree(self._folder / str(exercise), ignore_errors=True)

    def _path(self, run: Run) -> Path:
        return self._folder / str(run.rows[0].exercise) / f"{run.name}.json"
