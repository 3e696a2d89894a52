"""What a ratio and the noise floor allow to be said.

Source: Schuirmann, 1987, on equivalence: "same" is shown by an interval
inside the margin, never assumed because no difference was found.
"""

from typing import Literal

from servelab.bench.statistics.percentile import Bounded

Verdict = Literal["better", "worse", "same", "inconclusive"]


def decide(ratio: Bounded, noise: Bounded, margin: float, *, lower_is_better: bool) -> Verdict:
    """The verdict on B from its ratio to A and from what A's ratio to itself can reach.

    >>> decide(Bounded(1.05, 1.04, 1.06), Bounded(1.0, 0.99, 1.01), 0.02, lower_is_better=True)
    'worse'
    >>> decide(Bounded(1.05, 1.04, 1.06), Bounded(1.0, 0.93, 1.07), 0.02, lower_is_better=True)
    'inconclusive'
    """
    if _within(ratio, margin):
        # Where A itself strays past the margin, nothing so fine can be said.
        return "same" if _within(noise, margin) else "inconclusive"
    # Nor is a difference one where the likeliest ratio is within the margin, however sure its sign.
    if ratio.low > 1 and ratio.value > max(noise.high, 1 + margin):
        return "worse" if lower_is_better else "better"
    if ratio.high < 1 and ratio.value < min(noise.low, 1 / (1 + margin)):
        return "better" if lower_is_better else "worse"
    return "inconclusive"


def why_undecided(ratio: Bounded, noise: Bounded, margin: float, untrimmed: float) -> str:
    """Why a ratio decides nothing, in one sentence with the numbers."""
    return (
        f"undecided: the ratio {ratio.value:.4g} lies in {ratio.low:.4g} to {ratio.high:.4g}, "
        f"the mean of all rounds is {untrimmed:.4g}, "
        f"A against itself reaches {noise.low:.4g} to {noise.high:.4g}: "
        f"neither surely within {100 * margin:.3g} % of 1, nor beyond that and that noise and surely not 1; "
        "allow more time"
    )


def _within(interval: Bounded, margin: float) -> bool:
    return 1 / (1 + margin) <= interval.low and interval.high <= 1 + margin
