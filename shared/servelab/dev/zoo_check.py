"""Prove that the committed models are the ones the catalogue describes, and still answer as they did.

Leaves out: training again, which is `servelab zoo build`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from servelab.zoo.card import Card, catalogue
from servelab.zoo.errors import ModelCorruptError, ZooError
from servelab.zoo.golden_rows import golden
from servelab.zoo.onnx_model import OnnxModel
from servelab.zoo.opening import read_verified

TOLERANCE = 1e-5
"""How far a probability may be off: another processor adds float32 sums in another order."""


@dataclass(frozen=True)
class Finding:
    """What one check of one model found; `detail` says what was seen, even when all is well."""

    model: str
    check: str
    ok: bool
    detail: str


def check_all() -> list[Finding]:
    """Check every model of the catalogue."""
    return [finding for card in catalogue() for finding in check_model(card)]


def check_model(card: Card) -> list[Finding]:
    """Check one model: digest, signature, golden answers, accuracy; a failure never hides the later ones."""
    checks: dict[str, Callable[[Card], str]] = {
        "digest": _check_digest,
        "signature": _check_signature,
        "golden answers": _check_golden,
        "accuracy": _check_accuracy,
    }
    return [_finding(card, name, check) for name, check in checks.items()]


def _finding(card: Card, name: str, check: Callable[[Card], str]) -> Finding:
    try:
        return Finding(card.name, name, ok=True, detail=check(card))
    except ZooError as error:
        return Finding(card.name, name, ok=False, detail=str(error))


def _check_digest(card: Card) -> str:
    content = read_verified(card.path, card.sha256, f"zoo:{card.name}")
    size = len(content)
    _hold(size == card.bytes, f"{card.file} has {size} bytes, the catalogue says {card.bytes}")
    return f"{card.bytes} bytes, sha256 {card.sha256[:12]}…"


def _check_signature(card: Card) -> str:
    signature = _open(card).signature
    _hold(signature == card.signature, f"{card.file} says {signature}, the catalogue {card.signature}")
    return f"(B, {signature.features}) -> (B, {len(signature.classes)}), {signature.version}"


def _check_golden(card: Card) -> str:
    rows = golden(card.name)
    difference = float(np.max(np.abs(_open(card).run(rows.instances) - rows.probabilities)))
    said = f"{len(rows.labels)} rows within {difference:.1e}"
    _hold(difference <= TOLERANCE, f"{said}, allowed {TOLERANCE:.0e}")
    return said


def _check_accuracy(card: Card) -> str:
    rows = golden(card.name)
    right = int(np.sum(_open(card).run(rows.instances).argmax(axis=1) == np.asarray(rows.labels)))
    said = f"{right} of {len(rows.labels)} right"
    claim = (round(card.accuracy * card.accuracy_n), card.accuracy_n)
    _hold((right, len(rows.labels)) == claim, f"{said}, the catalogue says {claim[0]} of {claim[1]}")
    return f"{said} ({card.accuracy:.1%})"


def _open(card: Card) -> OnnxModel:
    # Without the digest's check, so that each check says its own thing.
    try:
        return OnnxModel(card.path.read_bytes(), label=card.file)
    except OSError as error:
        msg = f"{card.file} can't be read ({error.strerror}); restore it with git"
        raise ModelCorruptError(msg) from error


def _hold(ok: bool, complaint: str) -> None:  # noqa: FBT001 - reads as an assertion
    if not ok:
        msg = f"{complaint}; restore the file with git or rebuild it with `servelab zoo build`"
        raise ModelCorruptError(msg)
