"""The page of a comparison: the verdict, the ratio with its interval, and every block behind it."""

from datetime import datetime
from typing import Final

from servelab.bench.comparison.rounds import Block
from servelab.bench.comparison.verdict import Verdict
from servelab.bench.report import quantity
from servelab.bench.report.machine import Machine
from servelab.bench.report.page import Page, Table, Tile, Tone, render
from servelab.bench.report.pairing import Pairing, round_ratio
from servelab.bench.report.plot.blocks import blocks
from servelab.bench.report.plot.figure import Figure
from servelab.bench.report.plot.ratio import ratio

_TONES: Final[dict[Verdict, Tone]] = {
    "better": "good",
    "same": "good",
    "worse": "bad",
    "inconclusive": "doubt",
}
NOISE_NOTE: Final = (
    "Every third round plays A against itself in the same minutes. How far that reaches from 1 is the noise "
    "floor: no smaller difference is believed."
)
SAME_NOTE: Final = (
    "“Same” is shown, not assumed: the whole interval lies within the margin. What shows neither a "
    "difference nor sameness is inconclusive, and more time may decide it."
)
_NOTES: Final = (
    "Blocks of both are measured in turn, A B B A: what drifts evenly on this machine touches both alike.",
    NOISE_NOTE,
    SAME_NOTE,
)


def of_comparison(pairing: Pairing, machine: Machine, *, now: datetime) -> str:
    """Return the page of a comparison."""
    found = pairing.comparison
    return render(
        Page(
            kicker="Comparison",
            title=f"{pairing.b} against {pairing.a}",
            verdict=found.verdict.upper(),
            tone=_TONES[found.verdict],
            means=pairing.means,
            reasons=found.reasons,
            tiles=_tiles(pairing),
            figures=tuple(filter(None, _figures(pairing))),
            tables=(_failures(pairing), _table(pairing)),
            described=tuple(pairing.described()),
            machine=machine,
            now=now,
            notes=_NOTES,
        )
    )


def _tiles(pairing: Pairing) -> tuple[Tile, ...]:
    found = pairing.comparison
    ratio_of = f"{pairing.statistic}, B / A"
    if found.ratio is None:
        tiles = [Tile(ratio_of, "none", "too few rounds that count")]
    else:
        ends = f"{found.ratio.low:.3f} to {found.ratio.high:.3f}"
        tiles = [
            Tile(ratio_of, f"{found.ratio.value:.3f}", f"{ends}, {quantity.percent(found.confidence)} sure")
        ]
    floor = "unknown" if pairing.floor is None else quantity.percent(pairing.floor)
    return (
        *tiles,
        Tile("noise floor", floor, "A against itself"),
        Tile("margin", quantity.percent(found.margin), "counts as the same"),
        Tile("time", quantity.duration(found.elapsed_s), pairing.counted()),
    )


def _figures(pairing: Pairing) -> tuple[Figure | None, ...]:
    found = pairing.comparison
    ratios, noise = pairing.ratios(noise=False), pairing.ratios(noise=True)
    plotted = ratio(ratios, found.ratio, noise, found.noise, found.margin) if found.ratio else None
    return (plotted, blocks(found.blocks, pairing.statistic, pairing.write))


def _table(pairing: Pairing) -> Table:
    head = ("round", "played", "first", "second", "third", "fourth", "inner / outer")
    rows = tuple(_row(pairing, number, blocks) for number, blocks in enumerate(pairing.rounds, start=1))
    return Table(
        f"Every round: {pairing.statistic}",
        head,
        rows,
        f"{pairing.counted()}; ✗: a block that tells nothing of its service, and is left out; "
        "!: one that broke a rule of the server, or did not hold still, and counts",
    )


def _failures(pairing: Pairing) -> Table:
    rows = tuple(
        (label, str(requests), str(failed), named) for label, requests, failed, named in pairing.failed()
    )
    return Table("Requests without a good answer", ("side", "requests", "failed", "what happened"), rows)


def _row(pairing: Pairing, number: int, blocks: tuple[Block, ...]) -> tuple[str, ...]:
    values = [f"{_mark(block)}{pairing.write(block.value)}" for block in blocks]
    ratio_of = round_ratio(blocks)
    return (
        str(number),
        " ".join(block.label for block in blocks),
        *values,
        "left out" if ratio_of is None else f"{ratio_of:.3f}",
    )


def _mark(block: Block) -> str:
    if block.reasons:
        return "✗ "
    return "! " if block.faults else ""
