"""Runs tests in a thread beside the watch loop, one run at a time, each of which can be cut short.

The grading session is a child process. Cutting a run short ends that child, and
what it started ends with it; one that does not listen is killed.
"""

import threading
from collections.abc import Callable, Sequence

from servelab.course.watch import Event, Finished, Judged
from servelab.errors import GraderFaultError, ServelabError
from servelab.grading.manifest import Exercise, Task
from servelab.grading.session_process import end_sessions, kill_sessions
from servelab.grading.verdict import Grade, TestResult

GRACE_S = 3
LAST_GRACE_S = 7

Practise = Callable[[Exercise, Sequence[Task], Callable[[TestResult], None]], Grade]


class ThreadRunner:
    """A `watch.Runner` over a function that runs tests and returns a grade.

    Args:
        practise: runs the tests; called in a thread.
        put: takes the events.
    """

    def __init__(self, practise: Practise, put: Callable[[Event], None]) -> None:
        """Nothing runs yet."""
        self._practise = practise
        self._put = put
        self._number = 0
        self._thread: threading.Thread | None = None

    def start(self, exercise: Exercise, tasks: Sequence[Task]) -> int:
        """Begin a run, ending the one before, and return its number."""
        self.cancel()
        self._number += 1
        self._thread = threading.Thread(target=self._run, args=(self._number, exercise, tasks), daemon=True)
        self._thread.start()
        return self._number

    def cancel(self) -> None:
        """End the run that goes on, with all its processes."""
        thread = self._thread
        if thread is None or not thread.is_alive():
            return
        # Asked again each second: a session that is just being forked does not hear the first time.
        for second in range(GRACE_S + LAST_GRACE_S):
            end_sessions() if second < GRACE_S else kill_sessions()
            thread.join(1.0)
            if not thread.is_alive():
                return

    def _run(self, number: int, exercise: Exercise, tasks: Sequence[Task]) -> None:
        outcome: Grade | ServelabError
        try:
            outcome = self._practise(exercise, tasks, lambda result: self._put(Judged(number, result)))
        except ServelabError as error:
            outcome = error
        except OSError as error:
            outcome = GraderFaultError(f"the tests could not run: {error}")
        except Exception as error:  # noqa: BLE001 - a thread must not end in silence: the loop waits for its event
            outcome = GraderFaultError(f"the tests could not run, by a defect of servelab: {error!r}")
        self._put(Finished(number, outcome))
