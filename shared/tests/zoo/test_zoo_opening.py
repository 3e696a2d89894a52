"""Opening a model by URI: what it gives, and what it says when it can't."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx.reference import ReferenceEvaluator

from servelab import zoo
from servelab.zoo.card import ARTIFACTS

NAMES = ["digits-cnn", "digits-mlp-small", "tumour-forest"]


@pytest.mark.parametrize("name", NAMES)
def test_a_model_answers_as_the_onnx_reference_evaluator_does(name: str) -> None:
    """Learners compare their services with the model, so the model itself must be beyond doubt."""
    instances = zoo.golden(name).instances[:32]
    oracle = ReferenceEvaluator(onnx.load(ARTIFACTS / f"{name}.onnx"))
    (expected,) = oracle.run(["probabilities"], {"instances": instances})

    actual = zoo.open(f"zoo:{name}").run(instances)

    assert (len(instances), len(zoo.open(f"zoo:{name}").signature.classes)) == actual.shape
    assert np.float32 == actual.dtype
    np.testing.assert_allclose(np.asarray(expected), actual, atol=2e-5)


@pytest.mark.parametrize("name", NAMES)
def test_a_batch_is_answered_like_its_instances_one_by_one(name: str) -> None:
    """Batching is the theme of the course: it must change nothing but the speed."""
    model = zoo.open(f"zoo:{name}")
    instances = zoo.golden(name).instances[:8]

    singles = np.concatenate([model.run(instances[i : i + 1]) for i in range(8)])

    np.testing.assert_allclose(singles, model.run(instances), atol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_every_held_out_row_fits_the_range_of_the_signature(name: str) -> None:
    """A service refuses what lies outside the range, so no real row may."""
    signature = zoo.open(f"zoo:{name}").signature
    instances = zoo.golden(name).instances

    assert signature.features == instances.shape[1]
    assert signature.minimum <= instances.min()
    assert instances.max() <= signature.maximum


def test_a_model_file_describes_itself(folder: Path) -> None:
    """A model outside the catalogue needs no second file to be served."""
    copy = folder / "mine.onnx"
    copy.write_bytes((ARTIFACTS / "tumour-forest.onnx").read_bytes())

    signature = zoo.open(f"file:{copy}").signature

    assert zoo.open("zoo:tumour-forest").signature == signature
    assert ("malignant", "benign") == signature.classes
    assert signature.image_shape is None


def test_one_model_answers_many_threads_at_once() -> None:
    """A service calls one session from all its workers."""
    model = zoo.open("zoo:digits-cnn")
    golden = zoo.golden("digits-cnn")
    answers: dict[int, zoo.Float32Array] = {}
    threads = [
        threading.Thread(target=lambda i=i: answers.update({i: model.run(golden.instances[i : i + 4])}))
        for i in range(16)
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    for i in range(16):
        np.testing.assert_allclose(golden.probabilities[i : i + 4], answers[i], atol=1e-5)


@pytest.mark.parametrize(
    ("instances", "said"),
    [
        (np.zeros((2, 63), np.float32), "(2, 63)"),
        (np.zeros(64, np.float32), "(64,)"),
        (np.zeros((0, 64), np.float32), "(0, 64)"),
        (np.zeros((1, 64)), "float64"),
        ([[0.0] * 64], "list"),
    ],
)
def test_instances_of_another_shape_or_type_are_refused_with_what_came(instances: object, said: str) -> None:
    """A silent conversion would hide a bug of the service until production."""
    model = zoo.open("zoo:digits-mlp-small")

    with pytest.raises(zoo.InvalidInputError) as caught:
        model.run(instances)  # type: ignore[arg-type]

    assert said in str(caught.value)
    assert "float32 of shape (B, 64)" in str(caught.value)


@pytest.mark.parametrize(
    ("uri", "error", "said"),
    [
        ("zoo:digits-cn", zoo.ModelNotFoundError, "did you mean 'digits-cnn'?"),
        ("digits-cnn", zoo.ModelNotFoundError, "did you mean 'zoo:digits-cnn'?"),
        (
            "zoo:../../etc/passwd",
            zoo.ModelNotFoundError,
            "it has digits-cnn, digits-mlp-small, tumour-forest",
        ),
        ("http://example.org/m.onnx", zoo.ModelNotFoundError, "unix:/absolute/path.sock"),
        ("", zoo.ModelNotFoundError, "zoo:NAME"),
        ("unix", zoo.ModelNotFoundError, "unix:/absolute/path.sock"),
        ("file:models/m.onnx", zoo.ModelNotFoundError, "absolute path"),
        ("unix:m.sock", zoo.ModelNotFoundError, "absolute path"),
        ("file:/nowhere/m.onnx", zoo.ModelNotFoundError, "does not exist"),
        ("file:/", zoo.ModelNotFoundError, "is not a file"),
        ("unix:/nowhere/m.sock", zoo.ModelUnavailableError, "No such file"),
        (f"unix:/{'long' * 30}/m.sock", zoo.ModelUnavailableError, "shorter folder"),
    ],
)
def test_a_uri_that_leads_nowhere_is_one_line_that_says_what_would_mend_it(
    uri: str, error: type[zoo.ZooError], said: str
) -> None:
    """This line is what an operator sees when a service refuses to start."""
    with pytest.raises(error) as caught:
        zoo.open(uri)

    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda _: b"", "can load"),
        (lambda content: content[: len(content) // 2], "can load"),
        (lambda _: b"#!/bin/sh\necho no model\n", "can load"),
        (lambda content: content.replace(b"servelab.signature", b"servelab.scribbles"), "metadata"),
        (lambda content: content.replace(b'"features": 64', b'"features": 32'), "its signature says (B, 32)"),
        (lambda content: content.replace(b'"features": 64', b'"features": xx'), "not JSON"),
    ],
)
def test_a_spoilt_file_is_corrupt_not_a_crash(folder: Path, spoil: object, said: str) -> None:
    """A half-copied model must stop the start of a service with one clear line."""
    path = folder / "spoilt.onnx"
    path.write_bytes(spoil((ARTIFACTS / "digits-cnn.onnx").read_bytes()))  # type: ignore[operator]

    with pytest.raises(zoo.ModelCorruptError) as caught:
        zoo.open(f"file:{path}")

    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_named_pipe_is_refused_instead_of_waited_for(folder: Path) -> None:
    """Reading a FIFO would hang the start of the service for ever."""
    os.mkfifo(folder / "pipe.onnx")

    with pytest.raises(zoo.ModelNotFoundError) as caught:
        zoo.open(f"file:{folder / 'pipe.onnx'}")

    assert "is not a file" in str(caught.value)


def test_a_closed_model_is_unavailable() -> None:
    """A call after shutdown is a bug that must show, not a crash inside the runtime."""
    model = zoo.open("zoo:digits-mlp-small")
    model.check()
    model.close()
    model.close()

    with pytest.raises(zoo.ModelUnavailableError):
        model.check()
    with pytest.raises(zoo.ModelUnavailableError) as caught:
        model.run(np.zeros((1, 64), np.float32))

    assert "zoo:digits-mlp-small is closed" in str(caught.value)


def test_a_served_model_needs_neither_onnx_nor_onnxruntime(served: zoo.InstrumentedModel) -> None:
    """In a graded run the learner's process must not pay for a runtime that the grader has."""
    code = (
        "import sys; from servelab import zoo; "
        f"model = zoo.open({served.uri!r}); model.check(); model.close(); "
        "print(sorted({'onnx', 'onnxruntime'} & set(sys.modules)))"
    )

    output = subprocess.check_output([sys.executable, "-c", code], env=_environment(), text=True)

    assert "[]\n" == output


def test_opening_a_model_sends_no_telemetry_and_writes_nothing_to_stderr(folder: Path) -> None:
    """ONNX Runtime reports usage to its vendor by default, and complains on stderr where it can't."""
    code = (
        "import os; from servelab import zoo; zoo.open('zoo:digits-cnn').check(); "
        "print(os.environ['ORT_DISABLE_TELEMETRY'])"
    )
    environment = {
        key: value for key, value in _environment().items() if key not in {"CI", "ORT_DISABLE_TELEMETRY"}
    }
    environment["HOME"] = str(folder / "missing")

    finished = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True)

    assert (b"1\n", b"") == (finished.stdout, finished.stderr)


def _environment() -> dict[str, str]:
    """Let a child process find the packages that this one has."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
