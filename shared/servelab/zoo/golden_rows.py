"""Golden rows: inputs that no training has seen, with the answers the committed model gives."""

import io
from dataclasses import dataclass

import numpy as np

from servelab.zoo.card import ARTIFACTS
from servelab.zoo.errors import ModelCorruptError
from servelab.zoo.model import Float32Array
from servelab.zoo.opening import find_card, read_verified


@dataclass(frozen=True)
class Golden:
    """Held-out rows: (N, F) instances, (N, K) probabilities, N true labels as indexes into the classes."""

    instances: Float32Array
    probabilities: Float32Array
    labels: list[int]


def golden(name: str) -> Golden:
    """Return the golden rows of a committed model, at least 64.

    Raises:
        ModelNotFoundError: there is no model of that name, or its file is gone.
        ModelCorruptError: the file is not the catalogue's.
    """
    card = find_card(name)
    content = read_verified(ARTIFACTS / card.golden, card.golden_sha256, f"the golden rows of {name}")
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            return Golden(
                instances=arrays["instances"].astype(np.float32),
                probabilities=arrays["probabilities"].astype(np.float32),
                labels=[int(label) for label in arrays["labels"]],
            )
    except (ValueError, KeyError, OSError) as error:
        msg = f"the golden rows of {name} can't be read ({error}); restore {card.golden} with git"
        raise ModelCorruptError(msg) from error
