"""Check 6: a comparison seldom sees what is not there, and seldom misses what is."""

from typing import Final

import numpy as np

from servelab.bench.statistics.proportion import wilson
from servelab.dev.acceptance.check import Check
from servelab.dev.acceptance.recording import record, replay

COMPARISONS: Final = 400
SLOWDOWN: Final = 1.05
MOST_ALARMS: Final = 0.05
LEAST_FOUND: Final = 0.80


def check(comparisons: int = COMPARISONS, seed: int = 6) -> Check:
    """Compare recorded blocks with themselves, and with themselves slowed down by 5 %."""
    recording = np.array(record())
    itself = [replay(recording, 1.0, seed + index).verdict for index in range(comparisons)]
    slower = [replay(recording, SLOWDOWN, seed + index).verdict for index in range(comparisons)]
    alarms = wilson(itself.count("better") + itself.count("worse"), comparisons)
    found = wilson(slower.count("worse"), comparisons)
    return Check(
        id=6,
        claim=(
            f"share of {comparisons} comparisons over recorded blocks that find a slowdown of 5 %; of A with "
            f"itself {alarms.value:.2%} ({alarms.low:.2%} to {alarms.high:.2%}) are false alarms, "
            f"{itself.count('same') / comparisons:.0%} say same"
        ),
        value=found.value,
        interval=(found.low, found.high),
        bound=">= 0.80, with <= 0.05 false alarms, both with their whole intervals",
        ok=found.low >= LEAST_FOUND and alarms.high <= MOST_ALARMS,
    )
