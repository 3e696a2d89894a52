"""The model zoo: small models on real data, opened by URI, reseeded and instrumented for grading.

    model = zoo.open("zoo:digits-cnn")
    probabilities = model.run(rows)             (B, 64) float32 -> (B, 10) float32

Opening a `unix:` URI imports neither onnx nor onnxruntime; every slow import
waits until it is needed.
"""

from servelab.zoo.card import Card, catalogue
from servelab.zoo.errors import (
    InvalidInputError,
    ModelCorruptError,
    ModelNotFoundError,
    ModelUnavailableError,
    ZooError,
)
from servelab.zoo.golden_rows import Golden, golden
from servelab.zoo.instrument import InstrumentedModel, instrumented
from servelab.zoo.model import Float32Array, Model
from servelab.zoo.opening import open_model as open  # noqa: A004 - reads as zoo.open(uri)
from servelab.zoo.reseeding import reseed
from servelab.zoo.signature import Signature

__all__ = [
    "Card",
    "Float32Array",
    "Golden",
    "InstrumentedModel",
    "InvalidInputError",
    "Model",
    "ModelCorruptError",
    "ModelNotFoundError",
    "ModelUnavailableError",
    "Signature",
    "ZooError",
    "catalogue",
    "golden",
    "instrumented",
    "open",
    "reseed",
]
