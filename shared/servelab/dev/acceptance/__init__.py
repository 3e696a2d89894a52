"""The checks that the harness itself must pass before its figures are believed."""

from collections.abc import Callable
from typing import Final

from servelab.dev.acceptance import client, coverage, knee, oracle, queue, sensitivity, stall
from servelab.dev.acceptance.check import Check

# In the order of their numbers, 1 to 7.
CHECKS: Final[tuple[Callable[[], Check], ...]] = (
    stall.check,
    client.check,
    oracle.check,
    queue.check,
    coverage.check,
    sensitivity.check,
    knee.check,
)
