"""Every command says what a task lacks on this machine and the one command that mends it; none passes it."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from servelab import cli
from servelab.course import equipment
from servelab.grading import manifest
from servelab.grading.manifest import Exercise

LACK = "the environment torch (1.0 GB) is not on this machine; get it with: shared/setup/environment.sh torch"
TORCH = """
[[environment]]
name = "torch"
extra = "torch"
where = "base"
modules = ["no_such_module"]
size = "1.0 GB"
"""
Require = Callable[..., Exercise]


@pytest.fixture
def require(miniature: Exercise, monkeypatch: pytest.MonkeyPatch) -> Require:
    """Let tasks of the miniature exercise require torch, which is not here: `require("1.3")`."""
    monkeypatch.setenv("COLUMNS", "80")

    def changed(*tasks: str) -> Exercise:
        path = miniature.folder / "exercise.toml"
        text = path.read_text(encoding="utf-8")
        for task in tasks:
            text = text.replace(f'id = "{task}"\n', f'id = "{task}"\nenvironments = ["torch"]\n')
        path.write_text(text + TORCH, encoding="utf-8")
        manifest.exercise.cache_clear()
        return manifest.exercise(1)

    return changed


def servelab(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    """Run a command that is expected to end so, and return what it printed."""
    capsys.readouterr()
    ended = cli.run(list(arguments))
    captured = capsys.readouterr()
    assert code == ended, captured.out + captured.err
    return captured.out + captured.err


def test_an_exercise_is_tested_as_far_as_it_can_be(
    require: Require, capsys: pytest.CaptureFixture[str]
) -> None:
    """All that could be tested passes, and what that is of how much is said."""
    require("1.3")

    said = servelab(capsys, "test", "1", "--impl", "solution")

    assert "· 1.3 was not run\n" in said
    assert f"1.3: {LACK}\n60 of 60 graded here, of 100\n" in said


def test_a_task_that_could_not_be_tested_has_not_passed(
    require: Require, capsys: pytest.CaptureFixture[str]
) -> None:
    """An exit code of 0 would be read as a pass."""
    require("1.3")

    assert f"1.3: {LACK}\n" in servelab(capsys, "test", "1.3", "--impl", "solution", code=1)
    assert LACK in servelab(capsys, "debug", "1.3", code=2)


def test_the_next_task_says_what_its_tests_lack(require: Require, capsys: pytest.CaptureFixture[str]) -> None:
    """A learner fetches it while they read the brief."""
    require("1.1")

    assert f"Its tests can't run yet: {LACK}\n" in servelab(capsys, "start")


def test_progress_counts_what_can_be_graded_here(
    require: Require, capsys: pytest.CaptureFixture[str]
) -> None:
    """The way to the full score leads over a command."""
    require("1.3")

    assert f"1.3: {LACK}\n0 of 60 graded here, of 100\n" in servelab(capsys, "progress")
    tasks = json.loads(servelab(capsys, "progress", "--json", "-"))["exercises"][0]["tasks"]
    assert [[], [], [LACK]] == [task["lacks"] for task in tasks]


def test_grading_goes_on_without_it(
    require: Require, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is graded here passes, so it is 0; that it is not all stands on the screen."""
    exercise = require("1.3")

    said = servelab(capsys, "grade", str(exercise.solution), "--out", str(tmp_path / "report"))

    assert "60 of 60 graded here, of 100" in said
    assert f"not graded here: 1.3: {LACK}\n" in said


def test_marks_are_refused_before_anything_is_graded(
    require: Require, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A mark is of 100 points, or there is none."""
    exercise = require("1.3")
    out = tmp_path / "report"

    said = servelab(capsys, "grade", str(exercise.solution), "--out", str(out), "--require-all", code=2)

    assert LACK in said
    assert not (out / "report.json").exists()


def test_where_nothing_can_be_graded_nothing_has_passed(
    require: Require, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An exit code of 0 would be read as a pass."""
    exercise = require("1.1", "1.2", "1.3")

    servelab(capsys, "grade", str(exercise.solution), "--out", str(tmp_path / "report"), code=1)


def test_plain_pytest_skips_it_with_the_same_sentence(require: Require) -> None:
    """The file is not even imported: what it imports may be what is lacking."""
    exercise = require("1.3")
    (exercise.folder / "tests" / "test_03_ready.py").write_text("import no_such_module", encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-rs", "--impl", "solution"],
        cwd=exercise.folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert f"1.3 not run: {LACK}" in " ".join(done.stdout.split()), done.stdout
    assert "4 passed, 1 skipped" in done.stdout


def test_the_doctor_lists_environments_and_services(require: Require) -> None:
    """With their state, and the command where they are lacking."""
    require("1.3")

    (torch,) = equipment.environments()
    services = {check.name: check for check in equipment.services()}

    assert ("environment: torch", "is not on this machine (1.0 GB)") == (torch.name, torch.found)
    assert ("optional", False, "shared/setup/environment.sh torch") == (torch.need, torch.ok, torch.mend)
    assert {"service: redis", "service: rabbitmq", "service: jaeger"} < services.keys()
    assert all(bool(check.mend) != check.ok and check.found for check in services.values())
