"""The learner's commands say what there is to do, where, and what came of it."""

import json
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from servelab import cli
from servelab.commands import output
from servelab.course import practice, progress
from servelab.grading.manifest import Exercise, Task
from servelab.grading.verdict import Grade, TaskResult, TestResult

FAILURE = TestResult(
    "test_01_live.py::test_liveness_answers[digits]",
    "fail",
    0.1,
    "An orchestrator restarts what does not answer.",
    "curl -i http://127.0.0.1:8000/health/live",
    "expected: 200\ngot:      500",
    "\x1b[2JTraceback: starter/src/answer.py:6",
)


@pytest.fixture(autouse=True)
def _course(miniature: Exercise, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test works in the miniature course, at a wide terminal's width."""
    assert miniature.tasks
    monkeypatch.setenv("COLUMNS", "100")


def servelab(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    """Run a command that is expected to end so, and return what it printed."""
    capsys.readouterr()
    ended = cli.run(list(arguments))
    captured = capsys.readouterr()
    assert code == ended, captured.err
    return captured.out


def grades(monkeypatch: pytest.MonkeyPatch, *results: TestResult, diagnosis: str = "") -> None:
    """Have every practice run end with these results."""

    def practise(
        exercise: Exercise,
        folder: Path,
        tasks: Sequence[Task],
        on_test: Callable[[TestResult], None],
        **_options: bool,
    ) -> Grade:
        for result in results:
            on_test(result)
        verdict = "pass" if all(result.verdict == "pass" for result in results) else "fail"
        graded = tuple(
            TaskResult(
                task.id,
                task.title,
                "pass" if verdict == "pass" else "fail",
                0.0,
                task.points,
                task.stretch,
                0.1,
                "",
                diagnosis,
                results,
            )
            for task in tasks
        )
        return Grade(str(folder), exercise.number, "process", graded, 0.1)

    monkeypatch.setattr(practice, "practise", practise)


def passed(root: Path, task_id: str) -> None:
    """Remember that a task has passed, with sources that have changed since."""
    progress.change(root, lambda kept: kept.mark_passed(task_id, "digest"))


def test_start_shows_the_course_the_next_task_and_where_to_edit(capsys: pytest.CaptureFixture[str]) -> None:
    """One screen answers: where am I, what is next, where do I type."""
    said = servelab(capsys, "start")

    for text in (
        "0 of 2 tasks",
        "Serving frameworks        coming",
        "Task 1.1  Say that the service lives",
        "60 points, about 20 minutes",
        "A probe asks GET /health/live every few seconds.",
        "exercise-01-fastapi-fundamentals/starter/src/answer.py:5",
        "hint 1.1",
    ):
        assert text in said


def test_start_shortens_a_long_brief_and_says_where_it_goes_on(
    miniature: Exercise, capsys: pytest.CaptureFixture[str]
) -> None:
    """The commands must not be pushed off the screen."""
    path = miniature.folder / "README.md"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("A probe asks", "long\n\n" * 80 + "A probe asks"), encoding="utf-8")

    said = servelab(capsys, "start")

    assert "reads on in exercise-01-fastapi-fundamentals/README.md:3" in said
    assert 70 > said.count("\n")


def test_start_says_when_all_is_done(
    miniature: Exercise, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The end is said."""
    for task in miniature.tasks:
        passed(tmp_path, task.id)

    assert "All tasks that are here have passed." in servelab(capsys, "start")


def test_a_failure_has_its_parts_and_nothing_steers_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The call can be pasted, and what the service printed is only text."""
    grades(monkeypatch, FAILURE)

    said = servelab(capsys, "test", "1.1", code=1)

    for text in (
        "✗ liveness answers [digits]",
        "An orchestrator restarts what does not answer.",
        "expected: 200",
        "curl -i http://127.0.0.1:8000/health/live",
        "?[2JTraceback: starter/src/answer.py:6",
        "1.1 fails: 0 of 1 tests pass",
    ):
        assert text in said


def test_a_known_mistake_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The sentence of a mutant is worth more than a traceback."""
    grades(monkeypatch, FAILURE, diagnosis="your handler answers with a dead model")

    assert "your handler answers with a dead model" in servelab(capsys, "test", "1.1", code=1)


def test_json_to_standard_output_is_json_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A program reads it."""
    grades(monkeypatch, FAILURE)

    report = json.loads(servelab(capsys, "test", "1.1", "--json", "-", code=1))

    assert ["1.1"] == [task["task"] for task in report["tasks"]]
    assert FAILURE.id == report["tasks"][0]["tests"][0]["id"]


def test_json_to_a_file_leaves_the_report_on_the_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who keeps a report reads it too."""
    grades(monkeypatch, TestResult("test_01.py::test_live", "pass"))

    said = servelab(capsys, "test", "1", "--json", str(tmp_path / "report.json"))

    assert "1.3 passes" in said
    assert "process" == json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["isolation"]


def test_hints_come_one_by_one_and_stay(capsys: pytest.CaptureFixture[str]) -> None:
    """All three at once would be the answer."""
    first, second = servelab(capsys, "hint"), servelab(capsys, "hint", "1.1")
    third, fourth = servelab(capsys, "hint", "1.1"), servelab(capsys, "hint", "1.1")

    assert "hint 1 of 3: nudge" in first
    assert "What does a probe ask?" in first
    assert "hint 2 of 3: approach" in second
    assert "hint 3 of 3: almost there" in third
    assert all(text in fourth for text in ("nudge", "approach", "almost there", "reveal 1.1 --give-up"))
    assert "nudge" in servelab(capsys, "hint", "1.1", "--again")


def test_progress_tells_every_task(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """What is done, what changed, what is next, what is a bonus."""
    passed(tmp_path, "1.1")

    said, report = servelab(capsys, "progress"), json.loads(servelab(capsys, "progress", "--json", "-"))

    assert "changed since it passed" in said
    assert "+5" in said
    assert "1.3" == report["next"]
    states = [row["state"] for row in report["exercises"][0]["tasks"]]
    assert ["changed since it passed", "open", "open"] == states


def test_reset_says_where_the_old_text_is(
    miniature: Exercise, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing that a learner wrote is lost, and the task is open again."""
    path = miniature.starter / "src" / "answer.py"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('raise NotImplementedError("task 1.1', 'return str("'), encoding="utf-8")
    passed(tmp_path, "1.1")

    said = servelab(capsys, "reset", "1.1")

    assert text == path.read_text(encoding="utf-8")
    assert "reset (task 1.1 alone)" in said
    assert "what you had: .servelab/backup/" in said
    assert {} == progress.load(tmp_path).passed
    assert "nothing to reset" in servelab(capsys, "reset", "1.1")


def test_reveal_shows_the_reference_after_a_pass_or_to_who_gives_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A solution that is read too early teaches nothing."""
    given_up = servelab(capsys, "reveal", "1.1", "--give-up")
    passed(tmp_path, "1.1")
    after_pass = servelab(capsys, "reveal", "1.1")

    assert given_up == after_pass
    assert "exercise-01-fastapi-fundamentals/solution/src/answer.py:6" in given_up
    assert 'return "alive"' in given_up
    assert "restarts too much" in given_up


def test_sync_check_is_1_when_something_is_out_of_step(
    miniature: Exercise, capsys: pytest.CaptureFixture[str]
) -> None:
    """CI asks for it, and a learner's edit is what it finds."""
    assert "in step" in servelab(capsys, "sync", "--check")
    with (miniature.starter / "src" / "answer.py").open("a", encoding="utf-8") as file:
        file.write("# mine\n")

    assert "src/answer.py is not what the solution gives" in servelab(capsys, "sync", "--check", code=1)
    assert "kept src/answer.py" in servelab(capsys, "sync", code=1)
    assert "wrote src/answer.py" in servelab(capsys, "sync", "--force")


def test_a_student_edition_lacks_only_what_needs_the_solution(
    miniature: Exercise, capsys: pytest.CaptureFixture[str]
) -> None:
    """Learners work in it as in any other."""
    shutil.rmtree(miniature.solution)

    servelab(capsys, "start")
    servelab(capsys, "progress")
    servelab(capsys, "hint")
    for arguments in (["reveal", "1.1"], ["sync", "--check"], ["test", "--impl", "solution"]):
        assert 2 == cli.run(arguments)
        assert "student edition" in capsys.readouterr().err


def test_commands_are_named_as_the_shell_can_find_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`make start` does not put the environment on the PATH."""
    program = tmp_path / ".venv" / "bin" / "servelab"
    program.parent.mkdir(parents=True)
    program.write_text("", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "prefix", str(tmp_path / ".venv"))

    monkeypatch.setenv("PATH", "/usr/bin")
    away = output.program()
    monkeypatch.setenv("PATH", f"/usr/bin:{program.parent}")

    assert ".venv/bin/servelab" == away
    assert "servelab" == output.program()
