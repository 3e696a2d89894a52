"""When a user meant to start: the end of the time to think, or the next beat of the user's own pace.

Locust tells when a request was sent. A user who wanted to click every second and
sat before a frozen page for ten has ten late clicks, not one slow one and nine
that never were.
Source: Schroeder, Wierman and Harchol-Balter, "Open versus closed", NSDI 2006.
Leaves out: the clicks that such a user gives up for good; all of them are caught up with.
"""


class Plan:
    """The plan of one user.

    Args:
        now_s: when the user begins; all times are of one monotonic clock.
        pace_s: seconds between the planned starts of tasks, however long answers
            take; None for a user who thinks after each task.
    """

    def __init__(self, now_s: float, pace_s: float | None = None) -> None:
        self._beat_s = now_s
        self._pace_s = pace_s
        self._planned_s: float | None = None

    def wait_s(self, now_s: float, think_s: float) -> float:
        """Plan the next task and return how long to wait for it; 0 when it is late already.

        >>> plan = Plan(now_s=0.0, pace_s=1.0)
        >>> plan.wait_s(0.25, think_s=0.0), plan.wait_s(3.5, think_s=0.0), plan.take()
        (0.75, 0.0, 2.0)
        """
        if self._pace_s is None:
            self._planned_s = now_s + think_s
        else:
            self._beat_s += self._pace_s
            self._planned_s = self._beat_s
        return max(0.0, self._planned_s - now_s)

    def take(self) -> float | None:
        """Return when the next request was meant to start; None when the last answer has led to it.

        A task may send several requests. Only the first was planned.
        """
        planned_s, self._planned_s = self._planned_s, None
        return planned_s
