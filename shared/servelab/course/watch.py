"""Watch mode: a save runs the current task's tests, and a pass moves on to the next task.

One loop takes events off one queue: saves, keys, results. A run happens in a
thread (`course/runner.py`); results of a run that was overtaken are dropped.
Source: rustlings' watch mode.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import Empty, Queue
from typing import Protocol

from servelab.errors import ServelabError
from servelab.grading.manifest import Exercise, Task
from servelab.grading.verdict import Grade, TestResult


@dataclass(frozen=True)
class Saved:
    """A file of the starter has changed."""


@dataclass(frozen=True)
class Key:
    """A key was pressed."""

    character: str


@dataclass(frozen=True)
class Judged:
    """A test of a run has ended."""

    run: int
    result: TestResult


@dataclass(frozen=True)
class Finished:
    """A run has ended, with a grade or with the error that prevented one."""

    run: int
    outcome: Grade | ServelabError


Event = Saved | Key | Judged | Finished
Events = Queue[Event]
LOOK_S = 0.25


def _next(events: Events) -> Event:
    # With a time-out, because a signal that another thread has taken is handled only when this one wakes.
    while True:
        try:
            return events.get(timeout=LOOK_S)
        except Empty:
            continue


class Runner(Protocol):
    """Runs tests in the background and reports on the queue."""

    def start(self, exercise: Exercise, tasks: Sequence[Task]) -> int:
        """Begin a run, ending the one before, and return its number."""

    def cancel(self) -> None:
        """End the run that goes on, with all its processes."""


class View(Protocol):
    """What a learner sees."""

    def begin(self, exercise: Exercise, tasks: Sequence[Task]) -> None:
        """A run begins."""

    def tested(self, result: TestResult) -> None:
        """A test has ended."""

    def finished(self, exercise: Exercise, outcome: Grade | ServelabError) -> None:
        """The run has ended."""

    def hint(self, exercise: Exercise, task: Task) -> None:
        """A hint is asked for."""

    def turn_to(self, exercise: Exercise, task: Task) -> None:
        """Another task is the current one."""

    def done(self) -> None:
        """There is no further task."""

    def prompt(self) -> None:
        """Nothing runs; the keys are worth showing."""


NextTask = Callable[[Task], tuple[Exercise, Task] | None]


class Watch:
    """The loop.

    Args:
        runner: runs tests.
        view: shows what happens.
        follow: gives the task that comes after one that has just passed.
        exercise: the exercise to begin with.
        task: the task to begin with.
    """

    def __init__(self, runner: Runner, view: View, follow: NextTask, exercise: Exercise, task: Task) -> None:
        """Stand at a task; nothing runs yet."""
        self._runner = runner
        self._view = view
        self._follow = follow
        self.exercise = exercise
        self.task = task
        self._tasks: Sequence[Task] = (task,)
        self._run: int | None = None

    def loop(self, events: Events, *, at_once: bool) -> None:
        """Handle events until the learner quits; whatever ends it, no run goes on.

        Args:
            events: where runner, keyboard and file watcher put them.
            at_once: run the task's tests before the first save.
        """
        try:
            if at_once:
                self._start((self.task,))
            else:
                self._view.prompt()
            while self._handle(_next(events)):
                pass
        finally:
            self._runner.cancel()

    def _handle(self, event: Event) -> bool:
        match event:
            case Saved():
                self._start((self.task,))
            case Key("a"):
                self._start(self.exercise.tasks)
            case Key("r"):
                self._start(self._tasks)
            case Key("h"):
                self._view.hint(self.exercise, self.task)
                if self._run is None:
                    self._view.prompt()
            case Key("q"):
                return False
            case Judged(run, result) if run == self._run:
                self._view.tested(result)
            case Finished(run, outcome) if run == self._run:
                self._finish(outcome)
        return True

    def _start(self, tasks: Sequence[Task]) -> None:
        self._tasks = tasks
        # The old run ends before the screen is the new one's.
        self._runner.cancel()
        self._view.begin(self.exercise, tasks)
        self._run = self._runner.start(self.exercise, tasks)

    def _finish(self, outcome: Grade | ServelabError) -> None:
        self._run = None
        self._view.finished(self.exercise, outcome)
        if isinstance(outcome, Grade) and self._passed(outcome):
            self._move_on()
        self._view.prompt()

    def _passed(self, grade: Grade) -> bool:
        return any(result.task == self.task.id and result.verdict == "pass" for result in grade.tasks)

    def _move_on(self) -> None:
        following = self._follow(self.task)
        if following is None:
            self._view.done()
        elif following[1] != self.task:
            self.exercise, self.task = following
            self._tasks = (self.task,)
            self._view.turn_to(self.exercise, self.task)
