"""Variants: starter, prefix, hole and mutant, all made from the solution by exchanging regions."""

from pathlib import Path

import pytest

from servelab.course import variant
from servelab.course.region import RegionError
from servelab.grading.manifest import Exercise, Replacement

ANSWER = "src/answer.py"


def stubs(files: dict[str, str]) -> set[str]:
    """Return the ids of the tasks that have to be written yet."""
    text = files[ANSWER]
    return {task for task in ("1.1", "1.2", "1.3") if f"TODO(task {task})" in text}


def test_the_solution_is_all_its_files(miniature: Exercise) -> None:
    """Caches are not part of it."""
    (miniature.solution / "src" / "__pycache__").mkdir()
    (miniature.solution / "src" / "__pycache__" / "answer.pyc").write_bytes(b"\xff")

    assert ["src/__init__.py", ANSWER, "src/main.py"] == list(variant.source_files(miniature))


def test_the_starter_lacks_every_task(miniature: Exercise) -> None:
    """And nothing else: what is given is given."""
    files = variant.starter(miniature)

    assert {"1.1", "1.2", "1.3"} == stubs(files)
    assert variant.source_files(miniature)["src/main.py"] == files["src/main.py"]


@pytest.mark.parametrize(("last", "left"), [(0, {"1.1", "1.2", "1.3"}), (1, {"1.2", "1.3"}), (3, set())])
def test_a_prefix_has_the_first_tasks(miniature: Exercise, last: int, left: set[str]) -> None:
    """The course can be solved in its order."""
    assert left == stubs(variant.prefix(miniature, last))


def test_a_hole_lacks_one_task(miniature: Exercise) -> None:
    """Each task is told from the others by what fails without it."""
    assert {"1.3"} == stubs(variant.hole(miniature, "1.3"))


def with_stub(exercise: Exercise, task_id: str, *stub: Replacement) -> Exercise:
    """Return the exercise with naive texts for the starter of one task."""
    tasks = tuple(
        task.model_copy(update={"stub": stub}) if task.id == task_id else task for task in exercise.tasks
    )
    return exercise.model_copy(update={"tasks": tasks})


def test_a_task_may_begin_with_a_naive_text(miniature: Exercise) -> None:
    """A service that works, but wrongly, is something to improve."""
    naive = with_stub(miniature, "1.1", Replacement(file=ANSWER, new="    return 'perhaps'\n"))

    text = variant.starter(naive)[ANSWER]

    assert "# TODO(task 1.1): say that the process answers\n    return 'perhaps'\n" in text
    assert 'NotImplementedError("task 1.1' not in text


def test_a_naive_text_may_replace_a_part(miniature: Exercise) -> None:
    """The rest of the region stays."""
    naive = with_stub(miniature, "1.1", Replacement(file=ANSWER, old='"alive"', new='"dead"'))

    assert '    return "dead"\n' in variant.starter(naive)[ANSWER]


def test_a_naive_text_that_fits_nowhere_is_told(miniature: Exercise) -> None:
    """The solution has changed, and the manifest has not."""
    naive = with_stub(miniature, "1.1", Replacement(file=ANSWER, old="no such text", new="x"))

    with pytest.raises(RegionError, match="fits no region"):
        variant.starter(naive)


def test_a_mutant_changes_one_text_of_its_task(miniature: Exercise) -> None:
    """Everything else is the solution."""
    change = Replacement(file=ANSWER, old='"alive"', new='"undead"')

    files = variant.mutated(miniature, "1.1", [change])

    assert variant.source_files(miniature)[ANSWER].replace('"alive"', '"undead"') == files[ANSWER]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (Replacement(file=ANSWER, old="no such text", new="x"), "occurs 0 times"),
        (Replacement(file=ANSWER, old='"ready"', new="x"), "occurs 0 times in the regions of task 1.1"),
        (Replacement(file=ANSWER, old="e", new="x"), "it must occur once"),
        (Replacement(file="src/none.py", old="x", new="y"), "is not a file of the solution"),
    ],
)
def test_a_mutant_that_does_not_fit_is_told(miniature: Exercise, change: Replacement, complaint: str) -> None:
    """A mutant that changes nothing, or another task, would prove nothing."""
    with pytest.raises(RegionError, match=complaint):
        variant.mutated(miniature, "1.1", [change])


def test_a_variant_is_written_below_a_folder(miniature: Exercise, tmp_path: Path) -> None:
    """With the folders that it needs."""
    variant.write(variant.source_files(miniature), tmp_path / "here")

    assert (tmp_path / "here" / ANSWER).is_file()
