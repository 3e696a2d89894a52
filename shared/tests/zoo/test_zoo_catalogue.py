"""The catalogue, the golden rows, and the check that holds them against the files."""

import dataclasses
import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from servelab import zoo
from servelab.course_root import COURSE_ROOT
from servelab.dev import zoo_check
from servelab.zoo import card, golden_rows
from servelab.zoo.card import ARTIFACTS


@pytest.fixture
def artifacts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the artefacts that a test may spoil."""
    copy = tmp_path / "artifacts"
    shutil.copytree(ARTIFACTS, copy)
    monkeypatch.setattr(card, "ARTIFACTS", copy)
    monkeypatch.setattr(card, "CATALOGUE", copy / "catalogue.json")
    monkeypatch.setattr(golden_rows, "ARTIFACTS", copy)
    return copy


def failed_checks() -> set[tuple[str, str]]:
    """Check all models and return (model, check) of what is wrong."""
    return {(finding.model, finding.check) for finding in zoo_check.check_all() if not finding.ok}


def test_all_committed_models_pass_the_check() -> None:
    """Exercises 01 and 03 stand on these files."""
    assert set() == failed_checks()
    assert 12 == len(zoo_check.check_all())


def test_a_card_tells_where_a_model_comes_from() -> None:
    """Who redistributes data names their source and licence; who ships a model says how to make it."""
    for each in zoo.catalogue():
        assert hashlib.sha256(each.path.read_bytes()).hexdigest() == each.sha256
        assert each.sha256.startswith(each.signature.version)
        assert "CC BY 4.0" == each.licence
        assert "https://doi.org/" in each.source
        assert (COURSE_ROOT / each.script).is_file()
        assert each.bytes < 100_000


def test_golden_rows_are_held_out_rows_with_the_answers_of_the_model() -> None:
    """Tests of exercises take their requests and expected answers from here."""
    for each in zoo.catalogue():
        golden = zoo.golden(each.name)
        n = len(golden.labels)

        assert n >= 64
        assert (n, each.signature.features) == golden.instances.shape
        assert (n, len(each.signature.classes)) == golden.probabilities.shape
        assert set(range(len(each.signature.classes))) == set(golden.labels)
        np.testing.assert_allclose(np.ones(n), golden.probabilities.sum(axis=1), atol=1e-5)


def test_no_two_models_of_digits_give_the_same_answers() -> None:
    """A service that serves the wrong model must be found out."""
    cnn, mlp = zoo.golden("digits-cnn"), zoo.golden("digits-mlp-small")

    assert np.array_equal(cnn.instances, mlp.instances)
    assert np.abs(cnn.probabilities - mlp.probabilities).max() > 0.1


def test_the_golden_rows_of_an_unknown_model_name_the_known_ones() -> None:
    """A typo in a test is the test's error and says so."""
    with pytest.raises(zoo.ModelNotFoundError) as caught:
        zoo.golden("tumor-forest")

    assert "did you mean 'tumour-forest'?" in str(caught.value)


def test_a_changed_byte_in_a_model_is_found(artifacts: Path) -> None:
    """A merge or a line-ending filter can spoil a binary file without a word."""
    path = artifacts / "digits-cnn.onnx"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)

    with pytest.raises(zoo.ModelCorruptError) as caught:
        zoo.open("zoo:digits-cnn")

    assert "restore it with git" in str(caught.value)
    assert ("digits-cnn", "digest") in failed_checks()
    assert {"digits-cnn"} == {model for model, _ in failed_checks()}


def test_a_missing_model_is_found_and_hides_no_other(artifacts: Path) -> None:
    """One lost file must not stop the check of the rest."""
    (artifacts / "tumour-forest.onnx").unlink()

    with pytest.raises(zoo.ModelNotFoundError):
        zoo.open("zoo:tumour-forest")

    assert {
        ("tumour-forest", name) for name in ("digest", "signature", "golden answers", "accuracy")
    } == failed_checks()


def test_answers_that_moved_are_found(artifacts: Path) -> None:
    """Another model under the old name must not pass because its digest was written down too."""
    impostor = zoo.reseed("zoo:tumour-forest", 1, artifacts)
    content = Path(impostor.removeprefix("file:")).read_bytes()
    (artifacts / "tumour-forest.onnx").write_bytes(content)
    change_card(artifacts, "tumour-forest", sha256=hashlib.sha256(content).hexdigest(), bytes=len(content))

    assert {
        ("tumour-forest", "signature"),
        ("tumour-forest", "golden answers"),
        ("tumour-forest", "accuracy"),
    } == failed_checks()


def test_an_accuracy_that_is_not_true_is_found(artifacts: Path) -> None:
    """The README quotes the catalogue."""
    change_card(artifacts, "digits-cnn", accuracy=0.999)

    assert {("digits-cnn", "accuracy")} == failed_checks()


def test_spoilt_golden_rows_are_found(artifacts: Path) -> None:
    """Golden rows are loaded without pickle, and only when their digest is right."""
    np.savez(artifacts / "digits-cnn.golden.npz", instances=np.array([object()], dtype=object))

    with pytest.raises(zoo.ModelCorruptError):
        zoo.golden("digits-cnn")

    assert {("digits-cnn", "golden answers"), ("digits-cnn", "accuracy")} == failed_checks()


def test_golden_rows_are_never_unpickled(artifacts: Path) -> None:
    """Even with the right digest, no file of the zoo may run code."""
    path = artifacts / "digits-cnn.golden.npz"
    np.savez(path, instances=np.array([object()], dtype=object))
    change_card(artifacts, "digits-cnn", golden_sha256=hashlib.sha256(path.read_bytes()).hexdigest())

    with pytest.raises(zoo.ModelCorruptError) as caught:
        zoo.golden("digits-cnn")

    assert "can't be read" in str(caught.value)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"models": [{}]}', '{"models": [{"signature": {}}]}'])
def test_a_spoilt_catalogue_is_one_line(artifacts: Path, text: str) -> None:
    """A merge conflict in the catalogue must not be a traceback."""
    (artifacts / "catalogue.json").write_text(text)

    with pytest.raises(zoo.ModelCorruptError) as caught:
        zoo.catalogue()

    assert "\n" not in str(caught.value)


def change_card(artifacts: Path, name: str, **changes: object) -> None:
    """Write other values into one card of the copied catalogue."""
    cards = [
        dataclasses.replace(each, **changes) if each.name == name else each  # type: ignore[arg-type]
        for each in zoo.catalogue()
    ]
    (artifacts / "catalogue.json").write_text(json.dumps({"models": [each.to_dict() for each in cards]}))
