"""One run: the load that was asked for, and what came of it."""

import math
from dataclasses import dataclass
from typing import Literal

from servelab.bench.samples import Samples
from servelab.errors import MisuseError

Kind = Literal["open", "closed"]
ArrivalKind = Literal["poisson", "constant", "stepped", "recorded", ""]


@dataclass(frozen=True)
class Load:
    """The load asked for.

    Attributes:
        kind: "open": requests start when the arrivals say so; "closed": when an answer frees a connection.
        arrivals: the arrival process of an open loop, "" for a closed one.
        rate_per_s: offered requests per second (mean, for stepped and recorded arrivals); 0 for a closed
            loop, which offers only what the server takes.
        duration_s: seconds from the start of the run to its last arrival, warm-up included.
        warm_up_s: seconds at the start that are recorded and shown, and left out of every figure.
        seed: of the arrivals.
        connections: connections in sum over the processes.
        processes: generator processes.
        timeout_s: seconds from the moment at which the generator got to a request to its error "timeout".

    Raises:
        MisuseError: a load that no generator could offer.
    """

    kind: Kind
    arrivals: ArrivalKind
    rate_per_s: float
    duration_s: float
    warm_up_s: float = 0.0
    seed: int = 0
    connections: int = 1
    processes: int = 1
    timeout_s: float = 10.0

    def __post_init__(self) -> None:
        if self.kind == "open" and not (self.arrivals and 0 < self.rate_per_s < math.inf):
            msg = f"an open loop needs arrivals and a rate: got {self.arrivals!r} at {self.rate_per_s:g}/s"
            raise MisuseError(msg)
        if self.kind == "closed" and (self.arrivals or self.rate_per_s):
            msg = "a closed loop has neither arrivals nor a rate: each answer starts the next request"
            raise MisuseError(msg)
        if not 0 <= self.warm_up_s < self.duration_s < math.inf:
            msg = f"a run of {self.duration_s:g} s with a warm-up of {self.warm_up_s:g} s measures nothing"
            raise MisuseError(msg)
        if self.processes < 1 or self.connections < self.processes or self.timeout_s <= 0:
            msg = (
                f"{self.connections} connections over {self.processes} processes with a timeout of "
                f"{self.timeout_s:g} s: each process needs a connection, and an answer needs time"
            )
            raise MisuseError(msg)

    @property
    def steady(self) -> bool:
        """Whether one rate is meant for the whole run."""
        return self.arrivals not in ("stepped", "recorded")


@dataclass(frozen=True, eq=False)
class Run:
    """What came of a load.

    Attributes:
        load: the load asked for.
        samples: every request, warm-up included.
        cpu_share: share of one core that the busiest generator process used, 0 to 1.
        target: name of what was measured.
    """

    load: Load
    samples: Samples
    cpu_share: float
    target: str

    @property
    def measured(self) -> Samples:
        """The requests past the warm-up: every figure comes from these."""
        return self.samples.after(self.load.warm_up_s)

    @property
    def measured_s(self) -> float:
        """Seconds of arrivals past the warm-up."""
        return self.load.duration_s - self.load.warm_up_s
