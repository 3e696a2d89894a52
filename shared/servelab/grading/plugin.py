"""The pytest plugin of graded tests: the `submission` fixture and failures that teach.

Plain `pytest` inside an exercise folder uses it through that folder's `pytest.ini`
and tests `starter/` at level "process"; a grading session uses it with a recorder
beside it (`session_child.py`).
"""

import re
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from servelab.grading import manifest
from servelab.grading.failure import EXPECTED_GOT, Failure, explain
from servelab.grading.intake import SubmissionError, take
from servelab.grading.isolation import level as isolation
from servelab.grading.lack import lacks
from servelab.grading.submission import Submission
from servelab.grading.verdict import TestId

SUBMISSION = pytest.StashKey[Submission]()
SHOWN = pytest.StashKey[str]()
FAILURE = pytest.StashKey[Failure | None]()
"""On a test: why its last phase failed."""
PRACTICE_SEED = 20240601
ODD_ANSWERS = (AssertionError, LookupError, TypeError, ValueError)
"""How tests end that got an answer, only not the right one: what they have used can serve the next one."""
MAX_VALUE = 300
"""Characters of a value in a comparison: a line or four at a terminal."""
_TEST_FILE = re.compile(r"test_(\d+)_.*\.py")
"""The tests of task 4 stand in `test_04_….py`."""


class WithheldError(Exception):
    """This test is not to run; its result is known already."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of plain pytest."""
    group = parser.getgroup("servelab")
    group.addoption("--impl", default="starter", help="starter, solution or the path of an implementation")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the mark."""
    config.addinivalue_line(
        "markers",
        "task(id, guard=False, image=False): the task of the exercise that a graded test belongs to",
    )


class _LackingModule(pytest.Module):
    """Tests that require what this machine lacks: skipped before they import it."""

    why = ""

    def collect(self) -> NoReturn:
        """Skip the whole file."""
        pytest.skip(self.why, allow_module_level=True)


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Under plain pytest, skip the tests for which something is lacking; a session leaves them out."""
    number = _TEST_FILE.match(module_path.name)
    if number is None or SUBMISSION in parent.config.stash:
        return None
    exercise = manifest.load(parent.config.rootpath)
    task = next((task for task in exercise.tasks if task.number == int(number[1])), None)
    if task is None or not (found := lacks(exercise, task)):
        return None
    module: _LackingModule = _LackingModule.from_parent(parent, path=module_path)
    module.why = f"{task.id} not run: {'; '.join(map(str, found))}"
    return module


def test_id(item: pytest.Item) -> TestId:
    """Return what is known of a test before any learner code runs.

    Raises:
        pytest.UsageError: the test has no `@task`.
    """
    mark = item.get_closest_marker("task")
    if mark is None:
        msg = f"{item.nodeid} names no task: mark it with @task"
        raise pytest.UsageError(msg)
    name = f"{item.path.name}::{item.name}"
    claim = " ".join((getattr(item, "obj", None).__doc__ or "").split())
    guard, image = (bool(mark.kwargs.get(name, False)) for name in ("guard", "image"))
    return TestId(name, mark.args[0], guard, claim, image)


@pytest.fixture(scope="session")
def submission(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Submission]:
    """The implementation under test."""
    config = request.config
    given = config.stash.get(SUBMISSION, None)
    if given is not None:
        yield given
        return
    exercise = manifest.load(config.rootpath)
    named = config.getoption("--impl")
    path = exercise.folder / named if named in ("starter", "solution") else Path(named)
    copy = tmp_path_factory.mktemp("submission")
    try:
        take(path, exercise, copy)
    except SubmissionError as error:
        pytest.exit(f"{path}: {error}", returncode=2)
    with Submission(exercise, copy, isolation.level("process"), PRACTICE_SEED) as made:
        config.stash[SUBMISSION] = made
        config.stash[SHOWN] = str(path)
        yield made


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Forget the calls of the test before."""
    made = item.config.stash.get(SUBMISSION, None)
    if made is not None:
        made.begin_test(test_id(item).task)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Replace pytest's account of a failure by one that speaks to the author of the submission."""
    report = yield
    item.stash[FAILURE] = None
    made = item.config.stash.get(SUBMISSION, None)
    if call.excinfo is None or isinstance(call.excinfo.value, WithheldError):
        return report
    if made is not None and not report.skipped:
        failure = explain(call.excinfo.value, made, item.config.stash[SHOWN])
        report.longrepr = f"{test_id(item).claim}\n\n{failure}\n"
        item.stash[FAILURE] = failure
        if not isinstance(call.excinfo.value, ODD_ANSWERS):
            made.end_kept()
    return report


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Say which side is expected: graded tests write `expected == actual`."""
    if op == "==":
        return [EXPECTED_GOT, f"expected: {_repr(left)}", f"got:      {_repr(right)}"]
    return None


def _repr(value: object) -> str:
    try:
        text = repr(value)
    except RecursionError:
        return "what is nested too deeply to be shown"
    return text if len(text) <= MAX_VALUE else f"{text[:MAX_VALUE]}…"
