"""tumour-forest: a random forest on 30 measurements of cell nuclei, through skl2onnx."""

from collections.abc import Iterable

from onnx import NodeProto
from skl2onnx import to_onnx
from sklearn.ensemble import RandomForestClassifier

from servelab.dev.zoo_build import dataset
from servelab.dev.zoo_build.graph import INPUT, OPSETS, assemble
from servelab.dev.zoo_build.recipe import Built
from servelab.zoo.onnx_model import OUTPUT
from servelab.zoo.signature import Signature

TREES = 60
DEPTH = 7
CLASSES = ("malignant", "benign")  # in the order of the data's labels 0 and 1
MAXIMUM = 5000.0  # the largest of all measurements is 4,254 (worst area)


def build(seed: int) -> Built:
    """Train and assemble the model."""
    split = dataset.tumour(seed)
    forest = RandomForestClassifier(TREES, max_depth=DEPTH, min_samples_leaf=2, random_state=seed, n_jobs=1)
    forest.fit(split.train_instances, split.train_labels)
    options = {RandomForestClassifier: {"zipmap": False}}
    exported = to_onnx(forest, split.train_instances[:1], target_opset=OPSETS, options=options)
    signature = Signature("tumour-forest", "", split.train_instances.shape[1], 0.0, MAXIMUM, CLASSES, None)
    content = assemble(signature, [_only_probabilities(exported.graph.node)], {})
    return Built(content, signature, split.held_out, dataset.TUMOUR)


def _only_probabilities(nodes: Iterable[NodeProto]) -> NodeProto:
    """Take the ensemble out of the exported graph, without the label and its casts, under our names."""
    (ensemble,) = [node for node in nodes if node.op_type == "TreeEnsembleClassifier"]
    ensemble.input[:] = [INPUT]
    ensemble.output[:] = ["label", OUTPUT]
    return ensemble
