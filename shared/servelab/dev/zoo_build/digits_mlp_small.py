"""digits-mlp-small: 64-64-64-64-10, so small that int8 makes it slower, not faster."""

from collections import OrderedDict
from itertools import pairwise

import numpy as np
from onnx import helper
from torch import nn

from servelab.dev.zoo_build import dataset
from servelab.dev.zoo_build.graph import INPUT, assemble
from servelab.dev.zoo_build.recipe import Built
from servelab.dev.zoo_build.training import make_deterministic, train
from servelab.zoo.onnx_model import OUTPUT
from servelab.zoo.signature import Signature

WIDTHS = (64, 64, 64, 64, 10)
INK = 16.0


def make_network() -> nn.Sequential:
    """Return four linear layers with ReLU between them; takes pixels scaled to 0..1, gives logits."""
    layers = OrderedDict[str, nn.Module]()
    for i, (before, after) in enumerate(pairwise(WIDTHS)):
        layers[f"layer{i}"] = nn.Linear(before, after)
        layers[f"relu{i}"] = nn.ReLU()
    layers.popitem()  # the logits have no ReLU
    return nn.Sequential(layers)


def build(seed: int) -> Built:
    """Train and assemble the model."""
    split = dataset.digits(seed)
    make_deterministic(seed)
    weights = train(make_network(), split.train_instances / INK, split.train_labels, seed)
    nodes = [helper.make_node("Div", [INPUT, "ink"], ["values.0"])]
    last = len(WIDTHS) - 2
    for i in range(last + 1):
        wires = [f"values.{i}", f"layer{i}.weight", f"layer{i}.bias"]
        nodes.append(helper.make_node("Gemm", wires, [f"sums.{i}"], transB=1))
        if i < last:
            nodes.append(helper.make_node("Relu", [f"sums.{i}"], [f"values.{i + 1}"]))
    nodes.append(helper.make_node("Softmax", [f"sums.{last}"], [OUTPUT], axis=1))
    signature = Signature("digits-mlp-small", "", WIDTHS[0], 0.0, INK, tuple("0123456789"), (8, 8))
    content = assemble(signature, nodes, {"ink": np.array(INK, dtype=np.float32), **weights})
    return Built(content, signature, split.held_out, dataset.DIGITS)
