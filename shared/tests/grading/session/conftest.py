"""Graded tests of one or two tasks, written on the spot, against the miniature reference."""

from collections.abc import Callable
from textwrap import dedent
from typing import Any

import pytest

from servelab.grading.job import Job
from servelab.grading.manifest import Exercise
from servelab.grading.session import grade_job
from servelab.grading.verdict import Grade

HEAD = """\
import os
import signal
import time

import pytest

from servelab.errors import GraderFaultError
from servelab.grading.marks import task
from servelab.grading.service import StartFailed
"""

GradeBy = Callable[..., Grade]
Verdicts = Callable[[Grade], dict[str, str]]


@pytest.fixture
def grade(miniature: Exercise) -> GradeBy:
    """Grade the reference by the given tests of task 1.1: `grade("def test_x(): …")`."""

    def by(tests: str, ready: str | None = None, conftest: str = "", **options: Any) -> Grade:  # noqa: ANN401
        folder = miniature.folder / "tests"
        (folder / "test_01_live.py").write_text(HEAD + dedent(tests), encoding="utf-8")
        if ready is not None:
            (folder / "test_03_ready.py").write_text(HEAD + dedent(ready), encoding="utf-8")
        if conftest:
            path = folder / "conftest.py"
            path.write_text(path.read_text(encoding="utf-8") + HEAD + dedent(conftest), encoding="utf-8")
        tasks = ["1.1"] if ready is None else ["1.1", "1.3"]
        root = miniature.solution
        return grade_job(Job(miniature.folder, root, str(root), tuple(tasks), "process", 1, **options))

    return by


@pytest.fixture
def verdicts() -> Verdicts:
    """The verdict of each test by its name."""
    return lambda grade: {test.id.split("::")[1]: test.verdict for task in grade.tasks for test in task.tests}
