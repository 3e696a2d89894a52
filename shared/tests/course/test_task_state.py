"""Where a learner stands follows from what passed and from what changed since."""

from servelab.course import source
from servelab.course.progress import Progress, next_task, task_states
from servelab.grading.manifest import Exercise


def passed(exercise: Exercise, *task_ids: str) -> Progress:
    """Return progress in which tasks have passed with the sources of now."""
    progress = Progress()
    for task_id in task_ids:
        progress.mark_passed(task_id, source.digest(exercise, task_id, exercise.starter))
    return progress


def next_id(exercise: Exercise, progress: Progress, after: str | None = None) -> str | None:
    """Return the id of the next task."""
    following = next_task([exercise], progress, exercise.task(after) if after else None)
    return following[1].id if following else None


def test_a_passed_task_whose_source_changed_is_shown_as_changed(miniature: Exercise) -> None:
    """A pass is a statement about one text."""
    progress = passed(miniature, "1.1", "1.3")
    path = miniature.starter / "src" / "answer.py"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("task 1.1: say that", "task 1.1: say not that"), encoding="utf-8")

    states = {row.task.id: row.state for row in task_states(miniature, progress)}

    assert {"1.1": "changed since it passed", "1.2": "open", "1.3": "passed"} == states


def test_core_tasks_come_before_stretch_tasks(miniature: Exercise) -> None:
    """Who is short of time must not be led into a bonus."""
    assert "1.1" == next_id(miniature, passed(miniature))
    assert "1.3" == next_id(miniature, passed(miniature, "1.1"))
    assert "1.2" == next_id(miniature, passed(miniature, "1.1", "1.3"))
    assert None is next_id(miniature, passed(miniature, "1.1", "1.2", "1.3"))


def test_after_a_task_the_next_open_one_behind_it_comes_first(miniature: Exercise) -> None:
    """Who begins in the middle goes on from there, and later comes back to what is open."""
    assert "1.3" == next_id(miniature, passed(miniature), after="1.1")
    assert "1.1" == next_id(miniature, passed(miniature, "1.3"), after="1.3")
