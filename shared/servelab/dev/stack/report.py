"""What came out of a smoke test: claims, each with whether it held and the figures behind it."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Check:
    """A claim, whether it held, and what was seen."""

    claim: str
    held: bool
    seen: str


@dataclass
class Report:
    """Claims in the order in which they were looked at, and figures that are no claims.

    Args:
        tell: is called with each check as soon as it is made.
        not_run: why nothing was looked at; empty when it was.
    """

    tell: Callable[[Check], None] = lambda _: None
    not_run: str = ""
    checks: list[Check] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)

    def check(self, claim: str, *, held: bool, seen: str) -> None:
        """Note a claim."""
        self.checks.append(Check(claim, held, seen))
        self.tell(self.checks[-1])

    @property
    def status(self) -> str:
        """`passed`, `failed` or `not run`; without any claim nothing has passed."""
        if self.not_run:
            return "not run"
        return "passed" if self.checks and all(check.held for check in self.checks) else "failed"

    def as_json(self) -> dict[str, Any]:
        """Return everything for a program."""
        return {
            "status": self.status,
            "reason": self.not_run,
            "checks": [asdict(check) for check in self.checks],
            "figures": self.figures,
        }
