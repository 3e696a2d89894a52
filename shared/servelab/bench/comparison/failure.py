"""Whether one side fails more often than the other: then a ratio of latencies is not all there is to say.

A percentile of the latency may be the same where B refuses one request in a
hundred. So requests without a good answer are counted for each side, and so
are blocks in which the server fell behind.
Source: Wilson, 1927 (`proportion.py`); 95 % intervals of two equal shares lie
apart about once in 200 times.
Leaves out: that failures come in groups, which makes the two look different
too soon, never too late.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from servelab.bench.comparison.rounds import Block, Label
from servelab.bench.statistics.percentile import Bounded
from servelab.bench.statistics.proportion import wilson

# Rules that a server breaks; "value" is a figure that failed requests made infinite.
SERVER_RULES = frozenset({"achieved", "backlog", "errors", "value"})
Z_95 = 1.96


@dataclass(frozen=True)
class Excess:
    """What one side does more often than the other.

    Attributes:
        label: that side.
        sentence: what, with the counts of both, as a reason of a comparison.
    """

    label: Label
    sentence: str


def excesses(blocks: Sequence[Block]) -> Iterator[Excess]:
    """Yield in what one side is clearly worse than the other; blocks that are left out do not count."""
    counted = [block for block in blocks if not block.reasons]
    a, b = ([block for block in counted if block.label == label] for label in ("A", "B"))
    if not (a and b):
        return
    yield from _excess("errors", "requests without a good answer", _requests(a), _requests(b))
    yield from _excess("server", "blocks in which the server fell behind or failed", _faults(a), _faults(b))


def failures(blocks: Sequence[Block], label: Label) -> tuple[int, dict[str, int]]:
    """Requests of one side, and those without a good answer by category; all blocks, left out or not."""
    own = [block for block in blocks if block.label == label]
    errors = sum((Counter(block.errors) for block in own), Counter[str]())
    return sum(block.requests for block in own), dict(errors.most_common())


def _requests(blocks: Sequence[Block]) -> tuple[int, int]:
    return sum(sum(block.errors.values()) for block in blocks), sum(block.requests for block in blocks)


def _faults(blocks: Sequence[Block]) -> tuple[int, int]:
    broken = [{fault.partition(":")[0] for fault in block.faults} & SERVER_RULES for block in blocks]
    return sum(map(bool, broken)), len(blocks)


def _excess(rule: str, what: str, a: tuple[int, int], b: tuple[int, int]) -> Iterator[Excess]:
    share_a, share_b = _share(a), _share(b)
    if share_a.high < share_b.low or share_b.high < share_a.low:
        label: Label = "A" if share_b.high < share_a.low else "B"
        counts = f"A {a[0]} of {a[1]}, B {b[0]} of {b[1]}"
        yield Excess(label, f"{rule}: {what}: {counts}; {label} has clearly more of them")


def _share(count: tuple[int, int]) -> Bounded:
    return wilson(*count, z=Z_95) if count[1] else Bounded(0.0, 0.0, 1.0)
