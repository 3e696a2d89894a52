"""From nodes and weights to a self-describing ONNX file, byte for byte the same each time.

Source: ONNX IR specification; weights go in by `onnx.helper`, not by an exporter, so
that no exporter's version shows in the bytes.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from servelab.zoo.onnx_model import OUTPUT
from servelab.zoo.signature import METADATA_KEY, Signature

OPSETS = {"": 17, "ai.onnx.ml": 3}
IR_VERSION = 8  # the oldest that goes with these opsets, for old readers
INPUT = "instances"


def assemble(
    signature: Signature,
    nodes: Sequence[onnx.NodeProto],
    weights: Mapping[str, npt.NDArray[Any]],
) -> bytes:
    """Return the bytes of a model with one input (B, F), one output (B, K) and its signature inside.

    Raises:
        onnx.checker.ValidationError: the nodes do not make a valid graph.
    """
    rows = helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["batch", signature.features])
    answers = helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["batch", len(signature.classes)])
    constants = [numpy_helper.from_array(value, name) for name, value in weights.items()]
    graph = helper.make_graph(list(nodes), signature.name, [rows], [answers], initializer=constants)
    domains = {node.domain for node in nodes} | {""}
    opsets = [helper.make_opsetid(name, version) for name, version in OPSETS.items() if name in domains]
    model = helper.make_model(graph, ir_version=IR_VERSION, opset_imports=opsets, producer_name="servelab")
    helper.set_model_props(model, {METADATA_KEY: signature.to_metadata()})
    onnx.checker.check_model(model, full_check=True)
    content: bytes = model.SerializeToString(deterministic=True)
    return content
