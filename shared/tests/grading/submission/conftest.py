"""A submission at each isolation level, with a door through which a test runs code beside the learner's."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from servelab.course import variant
from servelab.grading.isolation import bubblewrap
from servelab.grading.isolation.level import level
from servelab.grading.manifest import Exercise
from servelab.grading.submission import Submission

Make = Callable[..., Submission]
Inside = Callable[[Submission, str], Any]
PROBE = """\
import os


def probe(code):
    scope = {}
    exec(code, scope)
    return scope["told"]


def wrong():
    print("about to fail")
    raise ValueError("it failed")


async def later(value):
    return value
"""


@pytest.fixture(params=["process", "bubblewrap"])
def make(request: pytest.FixtureRequest, miniature: Exercise, tmp_path: Path) -> Iterator[Make]:
    """Make a submission of the reference with some files exchanged: `make({"src/answer.py": "…"})`."""
    if request.param == "bubblewrap" and (reason := bubblewrap.lacking()):
        pytest.skip(reason)
    variant.write({"src/probe.py": PROBE}, miniature.solution)
    with ExitStack() as stack:

        def made(files: dict[str, str] | None = None) -> Submission:
            root = tmp_path / "copy"
            variant.write(variant.source_files(miniature) | (files or {}), root)
            return stack.enter_context(Submission(miniature, root, level(request.param), seed=7))

        yield made


@pytest.fixture
def inside() -> Inside:
    """Run code beside the submission's, and return what it puts into `told`."""
    return lambda submission, code: submission.call("src.probe:probe", code=dedent(code))
