"""One trial, round after round: start, use, stop, look for what is left."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING, Literal

from servelab.dev.selftest.trial import Trial
from servelab.services.errors import LackingServiceError
from servelab.services.leftover import left_over

if TYPE_CHECKING:
    from servelab.services.running import Running

State = Literal["ok", "failed", "not run"]


@dataclass(frozen=True)
class Proof:
    """What came of a trial.

    Attributes:
        name: of what really ran, else of the trial.
        state: "not run" where this machine can't have the service.
        rounds: how many were completed.
        origin: where the service was taken from.
        version: what the server says.
        stand_in: whether it is another program than the service is called after.
        ready_s: median seconds to the first answer.
        used: what was done with it.
        stopped: whether it stopped in every round; what was not started here is never stopped.
        left_over: what was left of it after stopping.
        why: sentence when it failed or was not run.
    """

    name: str
    state: State = "failed"
    rounds: int = 0
    origin: str = ""
    version: str = ""
    stand_in: bool = False
    ready_s: float = 0.0
    used: str = ""
    stopped: bool = False
    left_over: tuple[str, ...] = ()
    why: str = ""

    @property
    def ok(self) -> bool:
        """Whether everything was seen to work."""
        return self.state == "ok"


def prove(trial: Trial, rounds: int) -> Iterator[Proof]:
    """Yield what is known after each round, and end with the first that fails.

    Args:
        trial: what to try.
        rounds: how often.
    """
    ready_s: list[float] = []
    for done in range(1, rounds + 1):
        proof = replace(_round(trial), rounds=done)
        ready_s.append(proof.ready_s)
        yield replace(proof, ready_s=median(ready_s))
        if not proof.ok:
            return


def _round(trial: Trial) -> Proof:
    running: Running | None = None
    used = why = ""
    try:
        with ExitStack() as stack, trial.open(stack) as running:
            used = trial.use(running)
    except LackingServiceError as error:
        return Proof(trial.name, state="not run", why=str(error))
    except Exception as error:  # noqa: BLE001 - whatever a client or a server does is the result
        why = f"{type(error).__name__}: {error}"
    if running is None:
        return Proof(trial.name, why=why)
    ours = running.origin != "environment"
    left = tuple(left_over(running)) if ours else ()
    return Proof(
        running.name,
        state="failed" if why or left else "ok",
        origin=running.origin,
        version=running.version,
        stand_in=running.stand_in,
        ready_s=running.ready_s,
        used=used,
        stopped=ours and not left,
        left_over=left,
        why=why or (f"left behind: {', '.join(left)}" if left else ""),
    )
