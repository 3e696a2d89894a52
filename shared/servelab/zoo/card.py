"""The catalogue: what is known about each committed model, before it is opened."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from servelab.zoo.errors import ModelCorruptError, one_line
from servelab.zoo.signature import Signature, parse_signature

ARTIFACTS = Path(__file__).parent / "artifacts"
CATALOGUE = ARTIFACTS / "catalogue.json"


@dataclass(frozen=True)
class Card:
    """One model of the catalogue: its file, how good it is, and where its data come from."""

    name: str
    file: str
    sha256: str
    bytes: int
    signature: Signature
    accuracy: float
    accuracy_n: int
    golden: str
    golden_sha256: str
    data: str
    licence: str
    source: str
    script: str
    seed: int

    @property
    def path(self) -> Path:
        """Where the model file lies."""
        return ARTIFACTS / self.file

    def to_dict(self) -> dict[str, object]:
        """Return the card as JSON values, as the catalogue has it."""
        values = dict(vars(self))
        values["signature"] = self.signature.to_dict()
        return values


def catalogue() -> tuple[Card, ...]:
    """Return the cards of all committed models, in the order of the catalogue.

    Raises:
        ModelCorruptError: the catalogue is missing, or is not what `servelab zoo build --write` wrote.
    """
    try:
        values = json.loads(CATALOGUE.read_text(encoding="utf-8"))
        return tuple(_parse_card(card) for card in values["models"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        msg = f"the catalogue {CATALOGUE} can't be read ({one_line(error)}); restore it with git"
        raise ModelCorruptError(msg) from error


def _parse_card(values: dict[str, Any]) -> Card:
    signature = values.pop("signature")
    return Card(**values, signature=parse_signature(signature, signature["version"]))
