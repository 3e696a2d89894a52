"""What a build script gives back, and which script builds which model."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from servelab.zoo.model import Float32Array
from servelab.zoo.signature import Signature

SEED = 20240611
SCRIPTS = {
    "digits-cnn": "digits_cnn",
    "digits-mlp-small": "digits_mlp_small",
    "tumour-forest": "tumour_forest",
}


@dataclass(frozen=True)
class DataSource:
    """Where the data of a model come from, and under which licence."""

    data: str
    licence: str
    source: str


@dataclass(frozen=True)
class HeldOut:
    """Rows kept from training: (N, F) instances and N labels as class indexes."""

    instances: Float32Array
    labels: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Split:
    """Training rows and held-out rows of one data set."""

    train_instances: Float32Array
    train_labels: npt.NDArray[np.int64]
    held_out: HeldOut


@dataclass(frozen=True)
class Built:
    """A freshly built model: the bytes of its file, its signature, and the rows it has not seen."""

    content: bytes
    signature: Signature
    held_out: HeldOut
    source: DataSource


def find_recipe(name: str) -> Callable[[int], Built]:
    """Return the function that builds a model from a seed; importing it needs the extra `train`."""
    module = importlib.import_module(f"servelab.dev.zoo_build.{SCRIPTS[name]}")
    build: Callable[[int], Built] = module.build
    return build
