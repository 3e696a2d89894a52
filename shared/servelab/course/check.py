"""One thing that `servelab doctor` looks at."""

from dataclasses import dataclass
from typing import Literal

Need = Literal["learners", "grading", "optional"]


@dataclass(frozen=True)
class Check:
    """One thing looked at: who needs it, whether it is there, what was found, and what mends it."""

    name: str
    need: Need
    ok: bool
    found: str
    mend: str = ""
