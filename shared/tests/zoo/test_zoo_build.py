"""Building the models again, where the extra `train` is installed."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from servelab import zoo
from servelab.dev.zoo_build.comparison import Comparison, compare
from servelab.dev.zoo_build.recipe import SCRIPTS, SEED, Built, DataSource, HeldOut, find_recipe

needs_training_libraries = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("torch", "sklearn", "skl2onnx")),
    reason='needs the extra `train`: pip install -e ".[train]"',
)


def test_every_model_of_the_catalogue_has_a_script() -> None:
    """A model nobody can build again is a blob."""
    assert sorted(SCRIPTS) == [card.name for card in zoo.catalogue()]
    assert {SEED} == {card.seed for card in zoo.catalogue()}


def test_the_committed_bytes_are_recognised() -> None:
    """'Bit for bit' is said of equal digests only."""
    card = zoo.catalogue()[0]

    comparison = compare(_built(card.path.read_bytes(), card.signature), card)

    assert comparison.identical
    assert f"{card.name}: bit for bit the committed file" == comparison.verdict


def test_other_bytes_are_measured(tmp_path: Path) -> None:
    """On another processor the last bits differ; what counts is by how much."""
    card = zoo.catalogue()[0]
    uri = zoo.reseed(f"zoo:{card.name}", 1, tmp_path)
    model = zoo.open(uri)
    content = Path(uri.removeprefix("file:")).read_bytes()

    comparison = compare(_built(content, model.signature), card)

    golden = zoo.golden(card.name)
    expected = float(np.abs(model.run(golden.instances) - golden.probabilities).max())
    assert not comparison.identical
    assert pytest.approx(expected) == comparison.max_difference
    assert 0.0 == comparison.accuracy
    assert "not the committed bytes" in comparison.verdict


@needs_training_libraries
@pytest.mark.parametrize("name", sorted(SCRIPTS))
def test_a_rebuilt_model_is_the_committed_one_or_nearly(name: str) -> None:
    """The scripts in the repository made the files in the repository."""
    (card,) = [card for card in zoo.catalogue() if card.name == name]

    comparison: Comparison = compare(find_recipe(name)(card.seed), card)

    assert comparison.identical or abs(comparison.accuracy - card.accuracy) < 0.01, comparison.verdict


def _built(content: bytes, signature: zoo.Signature) -> Built:
    nothing = HeldOut(np.empty((0, signature.features), np.float32), np.empty(0, np.int64))
    return Built(content, signature, nothing, DataSource("", "", ""))
