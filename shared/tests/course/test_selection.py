"""What a learner types is a task, an exercise or an implementation, or it is one sentence."""

from pathlib import Path

import pytest

from servelab.course import progress, selection
from servelab.errors import MisuseError
from servelab.grading.manifest import Exercise


@pytest.mark.parametrize(
    "name", ["1", "01", "exercise-01", "exercise-01-fastapi-fundamentals", "exercise-01-x/"]
)
def test_an_exercise_has_many_names(miniature: Exercise, name: str) -> None:
    """The shell completes the folder's name."""
    assert miniature.number == selection.select_exercise(name).number


def test_a_task_and_an_exercise_select_their_tasks(miniature: Exercise) -> None:
    """`test 1.3` runs one task, `test 1` all of them."""
    assert ["1.3"] == [task.id for task in selection.select("1.3")[1]]
    assert miniature.tasks == selection.select("1")[1]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("1.9", "there is no task 1.9; exercise 1 has 1.1 to 1.3"),
        ("9.1", "'9.1' is not a task"),
        ("2", "exercise 2 .* is coming"),
        ("7", "there is no exercise 7"),
        ("banana", "'banana' is neither a task, such as 1.4, nor an exercise"),
        ("", "'' is neither a task"),
    ],
)
@pytest.mark.usefixtures("miniature")
def test_any_other_name_is_one_sentence(name: str, sentence: str) -> None:
    """The sentence says what there is instead."""
    with pytest.raises(MisuseError, match=sentence):
        selection.select(name)


def test_an_implementation_must_be_a_folder_with_src(miniature: Exercise, tmp_path: Path) -> None:
    """A wrong path is said before anything runs."""
    assert miniature.solution == selection.implementation(miniature, "solution")
    assert miniature.starter == selection.implementation(miniature, str(miniature.starter))
    with pytest.raises(MisuseError, match="there is no folder"):
        selection.implementation(miniature, str(tmp_path / "nowhere"))
    with pytest.raises(MisuseError, match="no folder src"):
        selection.implementation(miniature, str(tmp_path))


def test_without_a_next_task_one_has_to_be_named(miniature: Exercise) -> None:
    """Who has finished may still run what they like."""

    def pass_all(kept: progress.Progress) -> None:
        for task in miniature.tasks:
            kept.mark_passed(task.id, "")

    progress.change(selection.root(), pass_all)

    with pytest.raises(MisuseError, match="all tasks that are here have passed"):
        selection.select(None)
    assert "1.1" == selection.select_task("1.1")[1].id


def test_paths_are_shown_as_they_can_be_clicked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Relative below the current folder, absolute elsewhere."""
    monkeypatch.chdir(tmp_path)

    assert "a/b.py" == selection.shown(tmp_path / "a" / "b.py")
    assert "/elsewhere/b.py" == selection.shown(Path("/elsewhere/b.py"))
