"""Reseeded models: answers that nobody could have stored."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx.reference import ReferenceEvaluator

from servelab import zoo


@pytest.mark.parametrize("name", ["digits-cnn", "digits-mlp-small", "tumour-forest"])
@pytest.mark.parametrize("seed", [0, 1, 2**63])
def test_no_class_keeps_its_place(folder: Path, name: str, seed: int) -> None:
    """A stored answer must be wrong for every single row, whatever the seed."""
    golden = zoo.golden(name)
    before = golden.probabilities.argmax(axis=1)

    after = zoo.open(zoo.reseed(f"zoo:{name}", seed, folder)).run(golden.instances).argmax(axis=1)

    moved = {(int(a), int(b)) for a, b in zip(before, after, strict=True)}
    assert len(set(before.tolist())) == len(moved), "each class must move to one other class"
    assert not [pair for pair in moved if pair[0] == pair[1]]


def test_probabilities_stay_probabilities(folder: Path) -> None:
    """A service that checks its model's output must accept a reseeded one."""
    for name in ("digits-cnn", "tumour-forest"):
        answers = zoo.open(zoo.reseed(f"zoo:{name}", 3, folder)).run(zoo.golden(name).instances)

        assert np.isfinite(answers).all()
        assert (answers >= 0).all()
        np.testing.assert_allclose(np.ones(len(answers)), answers.sum(axis=1), atol=1e-5)


def test_even_two_classes_give_answers_that_differ_from_seed_to_seed(folder: Path) -> None:
    """Two classes have one other order; if only they moved, the answers could be guessed."""
    instances = zoo.golden("tumour-forest").instances
    first, second = (
        zoo.open(zoo.reseed("zoo:tumour-forest", seed, folder)).run(instances) for seed in (1, 2)
    )

    assert np.abs(first - second).max() > 0.001


def test_a_reseeded_model_is_the_old_one_with_classes_moved_and_probabilities_flattened(folder: Path) -> None:
    """The reference evaluator and plain numpy agree on what was appended to the graph."""
    golden = zoo.golden("digits-mlp-small")
    model = onnx.load(zoo.reseed("zoo:digits-mlp-small", 5, folder).removeprefix("file:"))
    constants = {each.name: onnx.numpy_helper.to_array(each) for each in model.graph.initializer}
    (order,) = [value for name, value in constants.items() if name.endswith(".order")]
    (exponent,) = [value for name, value in constants.items() if name.endswith(".exponent")]
    flat = golden.probabilities[:, order].astype(np.float64) ** float(exponent)
    expected = flat / flat.sum(axis=1, keepdims=True)

    (actual,) = ReferenceEvaluator(model).run(["probabilities"], {"instances": golden.instances})

    np.testing.assert_allclose(expected, np.asarray(actual), atol=1e-5)


def test_the_same_seed_gives_the_same_file_and_another_seed_another(folder: Path) -> None:
    """A grading run can be repeated from its seed."""
    uris = [zoo.reseed("zoo:digits-cnn", seed, folder / str(i)) for i, seed in enumerate([7, 7, 8])]
    versions = [zoo.open(uri).signature.version for uri in uris]

    assert versions[0] == versions[1]
    assert versions[0] != versions[2]
    assert zoo.open("zoo:digits-cnn").signature.version not in versions


def test_the_signature_stays_but_for_the_version(folder: Path) -> None:
    """A service must not be able to tell a reseeded model by its name or classes."""
    plain = zoo.open("zoo:digits-cnn").signature
    reseeded = zoo.open(zoo.reseed("zoo:digits-cnn", 7, folder)).signature

    assert {**plain.to_dict(), "version": ""} == {**reseeded.to_dict(), "version": ""}


def test_a_reseeded_model_can_be_reseeded(folder: Path) -> None:
    """Version 2 of a model is version 1 with another seed."""
    once = zoo.reseed("zoo:digits-cnn", 1, folder)
    twice = zoo.reseed(once, 2, folder)
    instances = zoo.golden("digits-cnn").instances

    first, second = (zoo.open(uri).run(instances).argmax(axis=1) for uri in (once, twice))

    assert not (first == second).any()


@pytest.mark.parametrize("uri", ["zoo:no-such-model", "file:/nowhere/m.onnx", "unix:/tmp/m.sock"])
def test_what_is_no_model_file_can_not_be_reseeded(folder: Path, uri: str) -> None:
    """The error names the URI; nothing is written."""
    with pytest.raises(zoo.ModelNotFoundError):
        zoo.reseed(uri, 1, folder)

    assert [] == list(folder.iterdir())
