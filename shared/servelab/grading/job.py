"""What one grading session is asked to do; it travels to the session's own process."""

from dataclasses import dataclass
from pathlib import Path

from servelab.grading import manifest

A_DAY_S = 86_400.0


@dataclass(frozen=True)
class Terminal:
    """Where `servelab debug` stops.

    Attributes:
        device: path of the learner's terminal.
        editor: wait for an editor to attach instead.
    """

    device: str
    editor: bool


@dataclass(frozen=True)
class Job:
    """What to grade.

    Attributes:
        exercise: folder of the exercise with its pristine tests.
        root: folder of the implementation, a copy that nobody else writes.
        shown: how the implementation's folder is named to its author.
        tasks: ids of the tasks whose tests run, with all that they need.
        ignore_needs: run a task even when one that it needs has not passed.
        time_limit_s: a limit for each task that is shorter than its own.
        images: also run the tests that build and run an image, which needs a container engine.
        terminal: debug at this terminal: nothing has a limit.
    """

    exercise: Path
    root: Path
    shown: str
    tasks: tuple[str, ...]
    level: str
    seed: int
    ignore_needs: bool = False
    time_limit_s: float | None = None
    images: bool = False
    terminal: Terminal | None = None

    def limit_s(self, task: manifest.Task) -> float:
        """Return the time limit of a task in this session."""
        if self.terminal is not None:
            return A_DAY_S
        return min(task.time_limit_s, self.time_limit_s or task.time_limit_s)
