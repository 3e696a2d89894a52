"""One acceptance check of the harness: a claim, the measured value and its bound."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """What one check measured.

    Attributes:
        id: number of the check, 1 to 7.
        claim: one sentence on what the harness can do.
        value: the measured figure, in the unit that the claim names.
        interval: (low, high) of the value, or None where it has no chance in it.
        bound: what the value must keep, such as ">= 0.99".
        ok: whether the claim holds.
    """

    id: int
    claim: str
    value: float
    interval: tuple[float, float] | None
    bound: str
    ok: bool
