"""A reset puts one task back, keeps what was there, and leaves the other tasks alone where it can."""

import shutil
import subprocess
from pathlib import Path

import pytest

from servelab.course.backup import Backup
from servelab.course.reset import reset
from servelab.errors import MisuseError
from servelab.grading.manifest import Exercise


def answer(exercise: Exercise) -> Path:
    """Return the file that holds all three tasks."""
    return exercise.starter / "src" / "answer.py"


def solve(exercise: Exercise) -> str:
    """Solve tasks 1.1 and 1.3 and return the generated text from before."""
    generated = answer(exercise).read_text(encoding="utf-8")
    lines = generated.split("\n")
    numbers = [number for number, line in enumerate(lines) if "raise NotImplementedError" in line]
    lines[numbers[0]], lines[numbers[1]] = '    return "alive"  # mine', '    return "ready"  # mine'
    answer(exercise).write_text("\n".join(lines), encoding="utf-8")
    return generated


def test_with_both_markers_only_the_region_is_replaced(miniature: Exercise, tmp_path: Path) -> None:
    """The other tasks of the file are the learner's work."""
    solve(miniature)
    mine = answer(miniature).read_text(encoding="utf-8")

    [replaced] = reset(miniature, "1.1", Backup(tmp_path))

    text = answer(miniature).read_text(encoding="utf-8")
    assert 'raise NotImplementedError("task 1.1: say that the process answers")' in text
    assert 'return "ready"  # mine' in text
    assert not replaced.whole
    assert replaced.kept is not None
    assert mine == replaced.kept.read_text(encoding="utf-8")


def test_without_a_marker_the_whole_file_is_replaced(miniature: Exercise, tmp_path: Path) -> None:
    """Where the region ends is then anyone's guess."""
    generated = solve(miniature)
    text = answer(miniature).read_text(encoding="utf-8")
    answer(miniature).write_text(text.replace("    # end task 1.1\n", ""), encoding="utf-8")

    [replaced] = reset(miniature, "1.1", Backup(tmp_path))

    assert replaced.whole
    assert generated == answer(miniature).read_text(encoding="utf-8")


def test_a_deleted_file_comes_back(miniature: Exercise, tmp_path: Path) -> None:
    """There is nothing to keep then."""
    generated = answer(miniature).read_text(encoding="utf-8")
    answer(miniature).unlink()

    [replaced] = reset(miniature, "1.1", Backup(tmp_path))

    assert None is replaced.kept
    assert generated == answer(miniature).read_text(encoding="utf-8")


def test_a_task_in_its_first_state_is_left_alone(miniature: Exercise, tmp_path: Path) -> None:
    """No backup for nothing."""
    assert [] == reset(miniature, "1.1", Backup(tmp_path))
    assert not (tmp_path / ".servelab").exists()


def test_a_student_edition_takes_the_file_from_its_git_history(miniature: Exercise, tmp_path: Path) -> None:
    """Without a solution the generated file is found by its digest, also behind the learner's commits."""
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "the course")
    generated = solve(miniature)
    git(tmp_path, "commit", "-q", "-a", "-m", "mine")
    shutil.rmtree(miniature.solution)

    reset(miniature, "1.1", Backup(tmp_path))
    reset(miniature, "1.3", Backup(tmp_path))

    assert generated == answer(miniature).read_text(encoding="utf-8")


def git(folder: Path, *arguments: str) -> None:
    """Run git with an author of its own."""
    author = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["/usr/bin/env", "git", *author, *arguments], cwd=folder, check=True, timeout=20)


def test_without_solution_and_history_it_says_what_to_do(miniature: Exercise, tmp_path: Path) -> None:
    """A download without git has nothing to take the file from."""
    mine = solve(miniature) and answer(miniature).read_text(encoding="utf-8")
    shutil.rmtree(miniature.solution)

    with pytest.raises(MisuseError, match="fresh clone"):
        reset(miniature, "1.1", Backup(tmp_path))

    assert mine == answer(miniature).read_text(encoding="utf-8")


def test_a_task_without_files_is_refused(miniature: Exercise, tmp_path: Path) -> None:
    """A missing lock is said, not taken for nothing to do."""
    (miniature.folder / "starter.lock").unlink()

    with pytest.raises(MisuseError, match=r"starter\.lock"):
        reset(miniature, "1.1", Backup(tmp_path))
