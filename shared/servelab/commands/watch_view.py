"""What watch mode shows: one screen a run, with the details of the first failure alone."""

import sys
from collections.abc import Sequence
from datetime import datetime

from rich.text import Text

from servelab.commands.output import make_console
from servelab.commands.report import print_summary, print_test
from servelab.commands.task_view import heading, print_task
from servelab.course.selection import shown
from servelab.errors import ServelabError
from servelab.grading.manifest import Exercise, Task
from servelab.grading.verdict import Grade, TestResult

KEYS = "h hint · r run again · a run all tasks · q quit"


class WatchView:
    """A `watch.View` at a terminal, or on a plain stream when there is none.

    Args:
        with_keys: whether key presses are read.
    """

    def __init__(self, *, with_keys: bool) -> None:
        """Nothing is shown yet."""
        self.console = make_console()
        self._with_keys = with_keys
        self._explained = False

    def begin(self, exercise: Exercise, tasks: Sequence[Task]) -> None:
        """Show a fresh screen for a run."""
        self._explained = False
        if self.console.is_terminal:
            self.console.clear()
        now = datetime.now().astimezone()
        what = (
            heading(tasks[0])
            if len(tasks) == 1
            else Text(f"Exercise {exercise.number}  {exercise.title}", "bold cyan")
        )
        self.console.print(what)
        self.console.print(
            Text(f"{now:%H:%M:%S}  running on {shown(exercise.starter)}\n", "dim"), soft_wrap=True
        )

    def tested(self, result: TestResult) -> None:
        """Show a test; the first failure of a run in full."""
        details = result.verdict not in ("pass", "not-run") and not self._explained
        self._explained = self._explained or details
        print_test(self.console, result, details=details)

    def finished(self, exercise: Exercise, outcome: Grade | ServelabError) -> None:  # noqa: ARG002 - the view's protocol
        """Show the verdicts of a run."""
        if isinstance(outcome, ServelabError):
            self.console.print(Text(f"\n{outcome}", "red"))
        else:
            print_summary(self.console, outcome)

    def hint(self, exercise: Exercise, task: Task) -> None:  # noqa: ARG002 - the view's protocol
        """Show the next hint of the task."""
        from servelab.commands.hint import show_next

        self.console.print()
        show_next(self.console, task)

    def turn_to(self, exercise: Exercise, task: Task) -> None:
        """Show the task that comes next."""
        self.console.rule(style="dim")
        print_task(self.console, exercise, task, self.console.height // 2)

    def done(self) -> None:
        """Say that the course is done, as far as it is here."""
        self.console.print(Text("\nAll tasks that are here have passed.", "bold green"))

    def prompt(self) -> None:
        """Say what is waited for."""
        keys = KEYS if self._with_keys else "Ctrl-C to quit"
        self.console.print(Text(f"\nwaiting for a save   {keys}", "dim"))
        sys.stdout.flush()
