"""Say whether a rebuilt model is the committed one, bit for bit, or how far off it is."""

import hashlib
from dataclasses import dataclass

import numpy as np

from servelab.dev.zoo_build.recipe import Built
from servelab.zoo.card import Card
from servelab.zoo.golden_rows import golden
from servelab.zoo.onnx_model import OnnxModel


@dataclass(frozen=True)
class Comparison:
    """A rebuilt model beside the committed one, on the golden rows."""

    model: str
    identical: bool
    sha256: str
    max_difference: float
    accuracy: float
    committed_accuracy: float

    @property
    def verdict(self) -> str:
        """One sentence for a person."""
        if self.identical:
            return f"{self.model}: bit for bit the committed file"
        return (
            f"{self.model}: not the committed bytes; on the golden rows the probabilities differ "
            f"by at most {self.max_difference:.1e}, "
            f"accuracy {self.accuracy:.4f} (committed {self.committed_accuracy:.4f})"
        )


def compare(built: Built, card: Card) -> Comparison:
    """Hold a rebuilt model against its card and the committed golden answers."""
    rows = golden(card.name)
    probabilities = OnnxModel(built.content, label=f"the rebuilt {card.name}").run(rows.instances)
    sha256 = hashlib.sha256(built.content).hexdigest()
    return Comparison(
        model=card.name,
        identical=sha256 == card.sha256,
        sha256=sha256,
        max_difference=float(np.max(np.abs(probabilities - rows.probabilities))),
        accuracy=float(np.mean(probabilities.argmax(axis=1) == np.asarray(rows.labels))),
        committed_accuracy=card.accuracy,
    )
