"""The learner's progress: one JSON file in the clone, ignored by git.

    {"version": 1,
     "passed": {"1.2": {"at": "2030-01-31T12:00:00+00:00", "digest": "…"}},
     "hints": {"1.2": 2}}

It is read, changed and written whole, so two commands at once lose at most the
older of two changes. A file that can't be understood is set aside, never fatal.
Source: rustlings' state file.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from servelab import atomic_file

NAME = ".servelab/progress.json"

_log = logging.getLogger(__name__)


class Pass(BaseModel):
    """When a task passed, and the digest of its sources then."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    at: datetime
    digest: str


class Progress(BaseModel):
    """What a learner has done."""

    model_config = ConfigDict(extra="forbid")

    version: Literal[1] = 1
    passed: dict[str, Pass] = Field(default_factory=dict)
    hints: dict[str, int] = Field(default_factory=dict)

    def mark_passed(self, task_id: str, digest: str, now: datetime | None = None) -> None:
        """Record that a task passed with these sources."""
        self.passed[task_id] = Pass(at=(now or datetime.now(tz=UTC)).replace(microsecond=0), digest=digest)

    def forget(self, task_id: str) -> None:
        """Record that a task does not pass."""
        self.passed.pop(task_id, None)


def load(root: Path) -> Progress:
    """Return the progress kept in a clone; an empty one, with a warning, when it can't be understood."""
    path = root / NAME
    try:
        return Progress.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        pass
    except OSError as error:
        _log.warning("your progress can't be read: %s: %s", path, error.strerror)
    except ValidationError:
        _set_aside(path)
    return Progress()


def change(root: Path, edit: Callable[[Progress], None]) -> None:
    """Read the progress, edit it and write it back; warn when it can't be kept."""
    progress = load(root)
    edit(progress)
    try:
        atomic_file.write_text(root / NAME, progress.model_dump_json(indent=2) + "\n")
    except OSError as error:
        _log.warning("your progress can't be kept: %s: %s", root / NAME, error.strerror)


def _set_aside(path: Path) -> None:
    aside = path.with_name(f"progress.broken-{datetime.now(tz=UTC):%Y%m%d-%H%M%S}.json")
    try:
        path.rename(aside)
    except OSError as error:
        _log.warning("your progress can't be understood, nor set aside: %s: %s", path, error.strerror)
    else:
        _log.warning("your progress could not be understood; it is now %s, and begins anew", aside)
