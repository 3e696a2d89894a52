"""`servelab watch`: run the current task's tests on every save, and move on when they pass."""

from typing import TYPE_CHECKING

from servelab.commands.test import TaskArgument

if TYPE_CHECKING:
    from collections.abc import Sequence

    from servelab.course.practice import OnTest
    from servelab.course.watch import Events
    from servelab.grading.manifest import Exercise, Task
    from servelab.grading.verdict import Grade


def watch(task: TaskArgument = None) -> None:
    """Run the task's tests on every save; move on when they pass."""
    from servelab.course.selection import select_task

    chosen = select_task(task)
    watch_task(*chosen, at_once=True)


def watch_task(exercise: "Exercise", task: "Task", *, at_once: bool) -> None:
    """Watch the starters of the course until the learner quits."""
    import queue
    import threading

    from servelab.commands.watch_view import WatchView
    from servelab.course.file_watcher import watch_files
    from servelab.course.keyboard import keys
    from servelab.course.progress import load, next_task
    from servelab.course.runner import ThreadRunner
    from servelab.course.selection import implementation, root
    from servelab.course.watch import Key, Saved, Watch
    from servelab.grading.manifest import exercises

    implementation(exercise, "starter")  # refuses a starter that is not there
    events: Events = queue.Queue()
    here = exercises()

    def follow(passed: "Task") -> "tuple[Exercise, Task] | None":
        return next_task(here, load(root()), after=passed)

    # Their folders and not their starters: git may take a starter away and put it back.
    listening = watch_files(
        [each.folder for each in here], [each.starter for each in here], lambda _: events.put(Saved())
    )
    with keys(lambda key: events.put(Key(key))) as with_keys, listening:
        view = WatchView(with_keys=with_keys)
        # Beside the loop: the learner reads the brief meanwhile.
        threading.Thread(target=_warm_up, daemon=True).start()
        runner = ThreadRunner(practise_starter, events.put)
        Watch(runner, view, follow, exercise, task).loop(events, at_once=at_once)


def _warm_up() -> None:
    """Make the first run as quick as those behind it."""
    import servelab.grading.session  # noqa: F401 - importing it takes most of the time
    from servelab.grading.session_process import warm_up

    warm_up()


def practise_starter(exercise: "Exercise", tasks: "Sequence[Task]", on_test: "OnTest") -> "Grade":
    """Run tasks against the learner's starter."""
    from servelab.course.practice import practise
    from servelab.course.selection import implementation

    return practise(exercise, implementation(exercise, "starter"), tasks, on_test)
