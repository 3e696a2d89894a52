"""The text of a screen without what differs from run to run: times, temporary paths, process ids.

So a kept screen is stale only when it would read differently.
Leaves out: the details of every failure but the first, which say the same again.
"""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

FAILED = "  ✗ "
DETAIL = " " * 6
_STARTING = re.compile(
    r"\s+INFO:\s+(Started server|Waiting for application|Application startup|Uvicorn running)"
)
TOO_LONG = "  took too long"

_NORMAL = (
    (re.compile(r"\bin \d+\.\d+ s\b"), "in … s"),
    (re.compile(r"\b\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)"), "…"),
    (re.compile(r'(?<="duration_ms": )[\d.]+'), "…"),
    (re.compile(rf"{re.escape(tempfile.gettempdir())}/[\w./-]+"), "…"),
    (re.compile(r"\[\d{2,}\]"), "[…]"),
    (re.compile(r"\b0x[0-9a-f]{6,}\b"), "0x…"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "…"),
    (re.compile(r"[ \t]+$", re.MULTILINE), ""),
)


def normal(text: str, clone: Path) -> str:
    """Return a screen without what differs from run to run, with the details of its first failure alone.

    >>> normal("1.2 fails: 1 of 2 tests pass in 3.4 s  ", Path("/nowhere"))
    '1.2 fails: 1 of 2 tests pass in … s'
    """
    text = text.replace(f"{clone}/", "")
    for pattern, replacement in _NORMAL:
        text = pattern.sub(replacement, text)
    return "\n".join(_shortened(text.strip("\n").split("\n")))


def _shortened(lines: list[str]) -> Iterator[str]:
    r"""Yield the lines of a screen without the details of every failure but the first.

    What can arrive late from the test before is left out: a repeated line, the server's start.

    >>> print("\n".join(_shortened(["  ✗ a", "      why", "", "  ✗ b", "      why", "", "✗ 1.2 fails"])))
      ✗ a
          why
    <BLANKLINE>
      ✗ b
    <BLANKLINE>
    ✗ 1.2 fails
    """
    failures = 0
    before = ""
    ended = False
    for line in lines:
        failures += line.startswith(FAILED)
        late = (line == before or _STARTING.match(line)) and line.startswith(DETAIL)
        if late or (failures > 1 and (not line or line.startswith(DETAIL))):
            continue
        if failures > 1 and not ended and not line.startswith(" "):
            ended = True
            yield ""
        # How many tests fit into the time limit of the task differs from run to run.
        before = line.removesuffix(TOO_LONG)
        yield before
