"""Every request of a run, one row each, failed ones included.

A request has four moments. The gap between the first two is the generator's
own lateness; stamping latency at the third instead of the first hides every
stall of the server ("coordinated omission", Gil Tene, "How NOT to Measure
Latency", 2013). So latency starts at the intended start, always.
Leaves out: sizes, headers and bodies.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

UNANSWERED = "unanswered"


@dataclass(frozen=True, eq=False)
class Samples:
    """Every request of a run, ordered by intended start; times are seconds since the start of the run.

    Attributes:
        intended: (n,) when the arrival process wanted the request sent.
        issued: (n,) when the generator got to it; nan: never.
        sent: (n,) when its bytes went to the kernel, after waiting for a connection; nan: never.
        ended: (n,) last byte of the answer, or the moment of its error; nan: neither by the end.
        error: n categories, "" for a good answer: "timeout", "connection", "status 503", "dropped", …

    Raises:
        ValueError: the columns differ in length, or intended starts are not finite and in order.
    """

    intended: FloatArray
    issued: FloatArray
    sent: FloatArray
    ended: FloatArray
    error: tuple[str, ...]

    def __post_init__(self) -> None:
        lengths = [len(self.intended), len(self.issued), len(self.sent), len(self.ended), len(self.error)]
        if len(set(lengths)) > 1:
            msg = f"columns of lengths {lengths}: every request has one row in each"
            raise ValueError(msg)
        if not np.isfinite(self.intended).all() or (np.diff(self.intended) < 0).any():
            msg = "intended starts must be finite and in order; build samples with from_rows() or merge()"
            raise ValueError(msg)

    @classmethod
    def from_rows(cls, rows: Iterable[tuple[float, float, float, float, str]]) -> Self:
        """Samples of rows (intended, issued, sent, ended, error) in any order.

        >>> Samples.from_rows([(1.0, 1.0, 1.0, 1.5, ""), (0.0, 0.0, 0.0, 0.25, "")]).latency.tolist()
        [0.25, 0.5]
        """
        ordered = sorted(rows, key=lambda row: row[0])
        times = np.array([row[:4] for row in ordered], dtype=np.float64).reshape(-1, 4)
        return cls(
            intended=times[:, 0].copy(),
            issued=times[:, 1].copy(),
            sent=times[:, 2].copy(),
            ended=times[:, 3].copy(),
            error=tuple(row[4] for row in ordered),
        )

    @classmethod
    def merge(cls, parts: Sequence["Samples"]) -> Self:
        """One set of samples from several generator processes, whose clocks share their zero."""
        intended = np.concatenate([np.zeros(0), *(part.intended for part in parts)])
        order = np.argsort(intended, kind="stable")
        errors = [error for part in parts for error in part.error]
        return cls(
            intended=intended[order],
            issued=np.concatenate([np.zeros(0), *(part.issued for part in parts)])[order],
            sent=np.concatenate([np.zeros(0), *(part.sent for part in parts)])[order],
            ended=np.concatenate([np.zeros(0), *(part.ended for part in parts)])[order],
            error=tuple(errors[index] for index in order),
        )

    def __len__(self) -> int:
        return len(self.intended)

    @property
    def failed(self) -> BoolArray:
        """(n,) whether a request got no good answer; one that is still open at the end has failed."""
        return np.array([error != "" for error in self.error], dtype=np.bool_) | np.isnan(self.ended)

    @property
    def latency(self) -> FloatArray:
        """Seconds from intended start to last byte, of the good answers alone; report `errors` beside it."""
        return (self.ended - self.intended)[~self.failed]

    @property
    def felt(self) -> FloatArray:
        """(n,) seconds that each caller waited for a good answer: inf where none came.

        Percentiles are taken of these: left out, the requests that a server
        drops under load would make it look faster the more it drops.
        """
        return np.where(self.failed, np.inf, self.ended - self.intended)

    @property
    def lag(self) -> FloatArray:
        """(n,) seconds by which the generator was late; nan where it never got to the request."""
        return self.issued - self.intended

    @property
    def errors(self) -> dict[str, int]:
        """Count of failed requests by category, the most frequent first."""
        failed = self.failed
        counts = Counter(error or UNANSWERED for error, bad in zip(self.error, failed, strict=True) if bad)
        return dict(counts.most_common())

    def after(self, warm_up_s: float) -> "Samples":
        """The requests whose intended start is at or past the warm-up; times keep their zero."""
        first = int(np.searchsorted(self.intended, warm_up_s, side="left"))
        return self.slice(first, len(self))

    def slice(self, first: int, past: int) -> "Samples":
        """The requests with index first, …, past - 1; times keep their zero."""
        return Samples(
            intended=self.intended[first:past],
            issued=self.issued[first:past],
            sent=self.sent[first:past],
            ended=self.ended[first:past],
            error=self.error[first:past],
        )
