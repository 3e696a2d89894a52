"""Give a model answers that nobody could have stored: other classes, other probabilities.

A grading run seeds this anew. The classes are moved along one random cycle, so
that no class keeps its place; two classes have only one other order, which could
be guessed, so the probabilities are also flattened by a seeded exponent.
Source: Sattolo, "An algorithm to generate a random cyclic permutation", 1986.
Leaves out: secrecy against someone who holds the new file; a grader never hands it out.
"""

import os
import random
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from servelab.zoo.errors import ModelCorruptError, one_line
from servelab.zoo.onnx_model import OUTPUT, OnnxModel
from servelab.zoo.opening import read_model

FLATTEN = (0.5, 0.8)
"""Range of the exponent: below 1, so that a probability near 1 becomes one that differs by the seed."""


def reseed(uri: str, seed: int, folder: Path | str) -> str:
    """Write a copy of a model with permuted classes and return its `file:` URI.

    The same model and seed give the same file. The signature keeps its name and
    its classes in their order; what changes is which answer an instance gets.

    Args:
        uri: `zoo:NAME` or `file:/path.onnx`.
        seed: any int >= 0.
        folder: where the copy is written; made when missing.

    Raises:
        ModelNotFoundError: the URI leads to no file.
        ModelCorruptError: the file is not a model of the zoo.
    """
    original = OnnxModel(read_model(uri), label=uri)
    rng = random.Random(seed)  # noqa: S311 - no secret; its sequence is the same in every Python
    order = random_cycle(len(original.signature.classes), rng)
    content = _with_permuted_classes(read_model(uri), uri, order, rng.uniform(*FLATTEN))
    signature = OnnxModel(content, label=uri).signature
    path = Path(folder).resolve() / f"{signature.name}-{signature.version}.onnx"
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_bytes(content)
    part.replace(path)
    return f"file:{path}"


def random_cycle(count: int, rng: random.Random) -> list[int]:
    """Return a permutation of 0..count-1 that leaves nothing in its place.

    >>> random_cycle(2, random.Random(7))
    [1, 0]
    """
    order = list(range(count))
    for i in range(count - 1, 0, -1):
        j = int(rng.random() * i)
        order[i], order[j] = order[j], order[i]
    return order


def _with_permuted_classes(content: bytes, label: str, order: list[int], exponent: float) -> bytes:
    """Append Gather(order), the exponent and a normalisation to the graph."""
    import onnx  # noqa: PLC0415 - only needed here, and slow
    from onnx import helper, numpy_helper  # noqa: PLC0415

    model = onnx.load_from_string(content)
    inner = f"{OUTPUT}.{len(model.graph.node)}"
    for node in model.graph.node:
        node.output[:] = [inner if name == OUTPUT else name for name in node.output]
        node.input[:] = [inner if name == OUTPUT else name for name in node.input]
    constants: dict[str, npt.NDArray[Any]] = {
        f"{inner}.order": np.array(order, dtype=np.int64),
        f"{inner}.exponent": np.array(exponent, dtype=np.float32),
        f"{inner}.axis": np.array([1], dtype=np.int64),
    }
    model.graph.initializer.extend(numpy_helper.from_array(value, name) for name, value in constants.items())
    model.graph.node.extend(
        [
            helper.make_node("Gather", [inner, f"{inner}.order"], [f"{inner}.moved"], axis=1),
            helper.make_node("Pow", [f"{inner}.moved", f"{inner}.exponent"], [f"{inner}.flat"]),
            helper.make_node("ReduceSum", [f"{inner}.flat", f"{inner}.axis"], [f"{inner}.sum"], keepdims=1),
            helper.make_node("Div", [f"{inner}.flat", f"{inner}.sum"], [OUTPUT]),
        ]
    )
    try:
        onnx.checker.check_model(model)
    except onnx.checker.ValidationError as error:
        msg = f"{label} can't be reseeded: {one_line(error)}; it needs the default operator set 13 or later"
        raise ModelCorruptError(msg) from error
    permuted: bytes = model.SerializeToString(deterministic=True)
    return permuted
