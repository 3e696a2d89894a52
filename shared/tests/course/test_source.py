"""The digest of a task's sources changes with what can break it, and with nothing else."""

from pathlib import Path

from servelab.course import source
from servelab.grading.manifest import Exercise


def answer(exercise: Exercise) -> Path:
    """Return the file that holds all three tasks."""
    return exercise.starter / "src" / "answer.py"


def edit(exercise: Exercise, old: str, new: str) -> None:
    """Replace text in the learner's file."""
    path = answer(exercise)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def digest(exercise: Exercise, task_id: str) -> str:
    """Return the digest of a task in the starter."""
    return source.digest(exercise, task_id, exercise.starter)


def test_the_places_of_a_task_are_its_markers(miniature: Exercise) -> None:
    """A learner clicks on the place and is there."""
    assert [source.Place(answer(miniature), 5)] == source.places(miniature, "1.1")


def test_without_its_markers_a_task_is_at_the_top_of_its_file(miniature: Exercise) -> None:
    """A learner who deleted the markers still finds the file."""
    edit(miniature, "    # end task 1.1\n", "")

    assert [source.Place(answer(miniature), 1)] == source.places(miniature, "1.1")


def test_a_task_without_a_lock_has_no_places(miniature: Exercise) -> None:
    """A clone whose starter was never generated must not break the overview."""
    (miniature.folder / "starter.lock").unlink()

    assert [] == source.places(miniature, "1.1")


def test_solving_another_task_in_the_same_file_changes_nothing(miniature: Exercise) -> None:
    """Else every task would look changed as soon as the next one is done."""
    before = digest(miniature, "1.1")

    edit(
        miniature, 'raise NotImplementedError("task 1.3: say whether the service can work")', 'return "ready"'
    )

    assert before == digest(miniature, "1.1")


def test_editing_the_region_changes_the_digest(miniature: Exercise) -> None:
    """A passed task that was edited has to be run again."""
    before = digest(miniature, "1.1")

    edit(miniature, 'raise NotImplementedError("task 1.1: say that the process answers")', 'return "dead"')

    assert before != digest(miniature, "1.1")


def test_editing_the_code_around_the_regions_changes_the_digest(miniature: Exercise) -> None:
    """A function that the learner adds beside a region can break it."""
    before = digest(miniature, "1.1")

    edit(miniature, '"/health/live": live', '"/health/live": ready')

    assert before != digest(miniature, "1.1")


def test_a_file_that_is_gone_or_is_no_text_has_a_digest(miniature: Exercise) -> None:
    """The overview must stand whatever the learner's folder holds."""
    before = digest(miniature, "1.1")

    answer(miniature).write_bytes(b"\xff\xfe\x00")
    binary = digest(miniature, "1.1")
    answer(miniature).unlink()

    assert 3 == len({before, binary, digest(miniature, "1.1")})


def test_code_that_does_not_compile_still_shows_its_markers(miniature: Exercise) -> None:
    """A file is mostly broken while it is being written."""
    edit(miniature, "def live() -> str:", "def live( -> str:")

    assert [source.Place(answer(miniature), 5)] == source.places(miniature, "1.1")
