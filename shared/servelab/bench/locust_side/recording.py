"""Locust's request events as the samples of a run, which is always a closed loop.

Leaves out: when bytes went to the kernel, which Locust does not tell: a request
counts as sent when Locust issued it.
"""

import math
from dataclasses import dataclass, field

from servelab.bench.run import Load, Run
from servelab.bench.samples import Samples

_KINDS = {"Timeout": "timeout", "TimeoutError": "timeout", "ConnectionError": "connection"}
_REJECTED = "rejected by the user"
_BAD = 400

Row = tuple[float, float, float, float, str]


@dataclass
class Recording:
    """What a test has sent so far.

    Attributes:
        began_s: when the test began; this and all times below are of one monotonic clock.
        settled_s: when all users were there; what came before is the warm-up. None: never.
        users: the most that there were.
    """

    began_s: float
    settled_s: float | None = None
    users: int = 1
    _rows: list[Row] = field(default_factory=list)

    def add(self, planned_s: float | None, sent_s: float, ended_s: float, error: str) -> None:
        """Record one request.

        Args:
            planned_s: when the user meant to start it; None when the answer before it led to it.
            sent_s: when Locust issued it.
            ended_s: when its answer was there, or its error.
            error: "" for a good answer.
        """
        # A plan can't be later than what it led to; clocks of the two may differ by microseconds.
        intended_s = sent_s if planned_s is None else min(planned_s, sent_s)
        begin = self.began_s
        # A user's first plan may be a moment older than the test.
        row = (max(0.0, intended_s - begin), sent_s - begin, sent_s - begin, ended_s - begin, error)
        self._rows.append(row)

    def to_run(self, stopped_s: float, *, target: str, cpu_share: float) -> Run:
        """Return the run that ended at `stopped_s`.

        Raises:
            MisuseError: the test had no time.
        """
        duration_s = stopped_s - self.began_s
        settled_s = stopped_s if self.settled_s is None else self.settled_s
        warm_up_s = settled_s - self.began_s
        load = Load(
            kind="closed",
            arrivals="",
            rate_per_s=0.0,
            duration_s=duration_s,
            # Without a moment at which all users were there, all of it counts.
            warm_up_s=warm_up_s if 0 < warm_up_s < duration_s else 0.0,
            connections=self.users,
            timeout_s=math.inf,
        )
        return Run(load=load, samples=Samples.from_rows(self._rows), cpu_share=cpu_share, target=target)


def category(exception: BaseException | None, status: int) -> str:
    """Name what went wrong with a request; "" for a good answer, and for one that the user called good.

    Args:
        exception: of Locust's event.
        status: of the answer; 0 without one.

    >>> category(None, 503), category(ValueError("no"), 503), category(TimeoutError(), 0)
    ('', 'status 503', 'timeout')
    """
    if exception is None:
        return ""
    if status >= _BAD:
        return f"status {status}"
    # By name: the classes are those of `requests`, which comes with Locust alone.
    names = [kind.__name__ for kind in type(exception).__mro__]
    known = next((_KINDS[name] for name in names if name in _KINDS), "")
    return known or (_REJECTED if status else "connection")
