"""What a prediction is, inside the service."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Outcome:
    """What a model says about one row: a probability for each class, and the likeliest class."""

    label: str
    probabilities: dict[str, float]


@dataclass(frozen=True)
class Feedback:
    """What the client says that the answer should have been."""

    label: str


@dataclass(frozen=True)
class Prediction:
    """An outcome that is kept under an id, so that it can be read again, judged and deleted."""

    id: str
    model: str
    model_version: str
    label: str
    probabilities: dict[str, float]
    created_at: datetime
    feedback: Feedback | None = None
