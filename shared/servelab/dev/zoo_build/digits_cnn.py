"""digits-cnn: two convolutions and two linear layers on 8 x 8 pixels."""

from collections import OrderedDict

import numpy as np
from onnx import NodeProto, helper
from torch import nn

from servelab.dev.zoo_build import dataset
from servelab.dev.zoo_build.graph import INPUT, assemble
from servelab.dev.zoo_build.recipe import Built
from servelab.dev.zoo_build.training import make_deterministic, train
from servelab.zoo.onnx_model import OUTPUT
from servelab.zoo.signature import Signature

INK = 16.0
CHANNELS = (12, 24)
HIDDEN = 48


def make_network() -> nn.Sequential:
    """Convolve twice, keep the strongest of each 2 x 2, classify; takes pixels of 0..1, gives logits."""
    near, far = CHANNELS
    return nn.Sequential(
        OrderedDict[str, nn.Module](
            image=nn.Unflatten(1, (1, 8, 8)),
            near=nn.Conv2d(1, near, 3, padding=1),
            near_relu=nn.ReLU(),
            far=nn.Conv2d(near, far, 3, padding=1),
            far_relu=nn.ReLU(),
            pool=nn.MaxPool2d(2),
            flat=nn.Flatten(),
            hidden=nn.Linear(far * 4 * 4, HIDDEN),
            hidden_relu=nn.ReLU(),
            last=nn.Linear(HIDDEN, 10),
        )
    )


def build(seed: int) -> Built:
    """Train and assemble the model."""
    split = dataset.digits(seed)
    make_deterministic(seed)
    weights = train(make_network(), split.train_instances / INK, split.train_labels, seed)
    node = helper.make_node
    nodes = [
        node("Div", [INPUT, "ink"], ["scaled"]),
        node("Reshape", ["scaled", "image_shape"], ["image"]),
        _convolve("image", "near"),
        node("Relu", ["near.sum"], ["near.out"]),
        _convolve("near.out", "far"),
        node("Relu", ["far.sum"], ["far.out"]),
        node("MaxPool", ["far.out"], ["pooled"], kernel_shape=[2, 2], strides=[2, 2]),
        node("Flatten", ["pooled"], ["flat"], axis=1),
        node("Gemm", ["flat", "hidden.weight", "hidden.bias"], ["hidden.sum"], transB=1),
        node("Relu", ["hidden.sum"], ["hidden.out"]),
        node("Gemm", ["hidden.out", "last.weight", "last.bias"], ["logits"], transB=1),
        node("Softmax", ["logits"], [OUTPUT], axis=1),
    ]
    signature = Signature("digits-cnn", "", 64, 0.0, INK, tuple("0123456789"), (8, 8))
    constants = {"ink": np.array(INK, dtype=np.float32), "image_shape": np.array([-1, 1, 8, 8])}
    content = assemble(signature, nodes, {**constants, **weights})
    return Built(content, signature, split.held_out, dataset.DIGITS)


def _convolve(source: str, layer: str) -> NodeProto:
    wires = [source, f"{layer}.weight", f"{layer}.bias"]
    return helper.make_node("Conv", wires, [f"{layer}.sum"], kernel_shape=[3, 3], pads=[1, 1, 1, 1])
