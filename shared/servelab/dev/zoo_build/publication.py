"""Write a built model into the artefacts: its file, its golden rows, its card."""

import hashlib
import io
import json
from dataclasses import replace

import numpy as np

from servelab.dev.zoo_build.recipe import SCRIPTS, Built
from servelab.zoo.card import ARTIFACTS, CATALOGUE, Card, catalogue
from servelab.zoo.onnx_model import OnnxModel
from servelab.zoo.signature import file_version


def publish(built: Built, seed: int) -> Card:
    """Write the model file, the golden rows and the catalogue; return the new card."""
    name = built.signature.name
    model = OnnxModel(built.content, label=name)
    probabilities = model.run(built.held_out.instances)
    rows = io.BytesIO()
    labels = built.held_out.labels
    np.savez_compressed(rows, instances=built.held_out.instances, probabilities=probabilities, labels=labels)
    card = Card(
        name=name,
        file=f"{name}.onnx",
        sha256=hashlib.sha256(built.content).hexdigest(),
        bytes=len(built.content),
        signature=replace(built.signature, version=file_version(built.content)),
        accuracy=float(np.mean(probabilities.argmax(axis=1) == labels)),
        accuracy_n=len(labels),
        golden=f"{name}.golden.npz",
        golden_sha256=hashlib.sha256(rows.getvalue()).hexdigest(),
        script=f"shared/servelab/dev/zoo_build/{SCRIPTS[name]}.py",
        seed=seed,
        **vars(built.source),
    )
    ARTIFACTS.mkdir(exist_ok=True)
    (ARTIFACTS / card.file).write_bytes(built.content)
    (ARTIFACTS / card.golden).write_bytes(rows.getvalue())
    _write_catalogue(card)
    return card


def _write_catalogue(card: Card) -> None:
    cards = {known.name: known for known in catalogue()} if CATALOGUE.exists() else {}
    cards[card.name] = card
    models = [cards[name].to_dict() for name in sorted(cards)]
    CATALOGUE.write_text(json.dumps({"models": models}, indent=2) + "\n", encoding="utf-8")
