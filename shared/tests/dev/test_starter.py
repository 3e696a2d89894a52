"""`sync` keeps solution, lock and starter in step, and never takes a learner's work."""

from pathlib import Path

import pytest

from servelab.course import source
from servelab.course.backup import Backup
from servelab.course_root import available_exercises
from servelab.dev import generation
from servelab.dev.starter import Synced, differences, sync
from servelab.errors import MisuseError
from servelab.grading import manifest
from servelab.grading.manifest import Exercise

HEADER = '"""What the service says."""'


def change_solution(exercise: Exercise, old: str = HEADER, new: str = "# What it says.") -> None:
    """Edit the one source."""
    path = exercise.solution / "src" / "answer.py"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def edit_starter(exercise: Exercise) -> str:
    """Edit the starter as a learner does, and return its text."""
    path = exercise.starter / "src" / "answer.py"
    path.write_text(path.read_text(encoding="utf-8") + "# mine\n", encoding="utf-8")
    return path.read_text(encoding="utf-8")


def starter_text(exercise: Exercise, name: str = "src/answer.py") -> str:
    """Return the text of a file of the starter."""
    return (exercise.starter / name).read_text(encoding="utf-8")


def test_a_second_sync_has_nothing_to_do(miniature: Exercise, tmp_path: Path) -> None:
    """Generation depends on the solution alone."""
    assert Synced() == sync(miniature, Backup(tmp_path))
    assert [] == differences(miniature)


def test_the_lock_says_which_tasks_are_in_a_file(miniature: Exercise) -> None:
    """A student edition has no solution to ask."""
    kept = source.read_lock(miniature.folder)

    assert kept is not None
    assert ("src/answer.py",) == kept.files_of("1.3")


def test_an_unedited_file_follows_the_solution(miniature: Exercise, tmp_path: Path) -> None:
    """This is how a contributor's change reaches the starter."""
    change_solution(miniature)

    done = sync(miniature, Backup(tmp_path))

    assert Synced(written=["src/answer.py"]) == done
    assert starter_text(miniature).startswith("# What it says.")
    assert [] == differences(miniature)


def test_an_edited_file_is_kept_and_stays_kept(miniature: Exercise, tmp_path: Path) -> None:
    """What a learner wrote is never overwritten, also not by the sync after the next."""
    mine = edit_starter(miniature)
    change_solution(miniature)

    first, second = sync(miniature, Backup(tmp_path)), sync(miniature, Backup(tmp_path))

    assert (["src/answer.py"], ["src/answer.py"]) == (first.kept, second.kept)
    assert mine == starter_text(miniature)


def test_force_overwrites_an_edited_file_and_keeps_a_copy(miniature: Exercise, tmp_path: Path) -> None:
    """Even who asks for it gets their text back."""
    mine = edit_starter(miniature)
    backup = Backup(tmp_path)

    done = sync(miniature, backup, force=True)

    assert ["src/answer.py"] == done.written
    assert "# mine" not in starter_text(miniature)
    assert [mine] == [copy.read_text(encoding="utf-8") for copy in backup.kept]


def test_a_file_that_is_no_longer_generated_goes_when_unedited(miniature: Exercise, tmp_path: Path) -> None:
    """A renamed module must not stay behind and be imported."""
    nested = miniature.solution / "src" / "old" / "gone.py"
    nested.parent.mkdir()
    nested.write_text("X = 1\n", encoding="utf-8")
    sync(miniature, Backup(tmp_path))
    nested.unlink()

    done = sync(miniature, Backup(tmp_path))

    assert ["src/old/gone.py"] == done.removed
    assert not (miniature.starter / "src" / "old").exists()


def test_a_file_that_is_no_longer_generated_stays_when_edited(miniature: Exercise, tmp_path: Path) -> None:
    """It has become the learner's."""
    extra = miniature.solution / "src" / "gone.py"
    extra.write_text("X = 1\n", encoding="utf-8")
    sync(miniature, Backup(tmp_path))
    extra.unlink()
    (miniature.starter / "src" / "gone.py").write_text("X = 2\n", encoding="utf-8")

    done = sync(miniature, Backup(tmp_path))

    assert ["src/gone.py"] == done.kept
    assert "X = 2\n" == starter_text(miniature, "src/gone.py")


def test_check_names_what_is_out_of_step(miniature: Exercise) -> None:
    """CI says which file, not that something differs."""
    change_solution(miniature)
    (miniature.starter / "src" / "main.py").unlink()
    (miniature.starter / "src" / "mine.py").write_text("", encoding="utf-8")

    assert [
        "starter.lock is not of this solution",
        "starter/src/answer.py is not what the solution gives",
        "starter/src/main.py is missing",
        "starter/src/mine.py is not generated",
    ] == differences(miniature)


def test_a_starter_with_an_undefined_name_is_refused(miniature: Exercise, tmp_path: Path) -> None:
    """What only a region defines is missing for every other task."""
    if generation.find_ruff() is None:
        pytest.skip("ruff is not installed")
    change_solution(miniature, '"/hello": lambda: "hello",', '**(extra := {"/hello": live}),')
    change_solution(miniature, "}\n", "}\nprint(extra)\n")

    with pytest.raises(MisuseError, match=r"answer\.py:\d+: Undefined name `extra`"):
        sync(miniature, Backup(tmp_path))


def test_a_starter_that_does_not_parse_is_refused(miniature: Exercise, tmp_path: Path) -> None:
    """A file that does not compile fails every task at once."""
    change_solution(miniature, "# task 1.3: say", "# task 1.3, declaration: say")

    with pytest.raises(MisuseError, match=r"broken starter: src/answer\.py:\d+"):
        sync(miniature, Backup(tmp_path))


def test_a_broken_lock_is_one_sentence(miniature: Exercise) -> None:
    """A merge conflict in it is not a traceback."""
    (miniature.folder / "starter.lock").write_text("<<<<<<< HEAD", encoding="utf-8")

    with pytest.raises(MisuseError, match="restore it with git"):
        source.read_lock(miniature.folder)


@pytest.mark.parametrize("number", available_exercises())
def test_the_lock_of_every_exercise_is_of_its_solution(number: int) -> None:
    """Whatever a learner does to the starter, the generation that it came from is known."""
    exercise = manifest.exercise(number)
    if not exercise.solution.is_dir():
        pytest.skip("a student edition has no solution")

    assert [] == [line for line in differences(exercise) if line.startswith(source.LOCK_NAME)]
