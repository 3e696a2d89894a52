"""The one interface behind which every model stands, in process or behind a socket."""

from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from servelab.zoo.errors import InvalidInputError
from servelab.zoo.signature import Signature

Float32Array: TypeAlias = npt.NDArray[np.float32]


class Model(Protocol):
    """A classifier: rows of numbers in, a probability for each class out."""

    @property
    def signature(self) -> Signature:
        """What the model takes and gives."""

    def run(self, instances: Float32Array) -> Float32Array:
        """Return the probability of each class for each instance.

        Blocks until the answer is there, releases the GIL meanwhile, and may be
        called from several threads at once.

        Args:
            instances: float32 array of shape (B, F), B >= 1.

        Returns:
            float32 array of shape (B, K), rows in the order of the instances.

        Raises:
            InvalidInputError: not float32, or not of shape (B, F).
            ModelUnavailableError: the model can't answer now.
        """

    def check(self) -> None:
        """Raise ModelUnavailableError when the model can't answer now; cheap."""

    def close(self) -> None:
        """Give back what the model holds; closing twice is allowed."""


def check_instances(instances: object, signature: Signature) -> Float32Array:
    """Return the instances in C order, after a look at their type and shape.

    Raises:
        InvalidInputError: not a float32 array of shape (B, F) with B >= 1.
    """
    expected = f"{signature.name} takes float32 of shape (B, {signature.features})"
    if not isinstance(instances, np.ndarray):
        msg = f"{expected}, got {type(instances).__name__}; use numpy.asarray(rows, dtype=numpy.float32)"
        raise InvalidInputError(msg)
    if instances.dtype != np.float32:
        msg = f"{expected}, got {instances.dtype}; convert with .astype(numpy.float32)"
        raise InvalidInputError(msg)
    if instances.shape[1:] != (signature.features,) or not len(instances):
        msg = f"{expected} with B >= 1, got {instances.shape}; one instance alone is row[numpy.newaxis, :]"
        raise InvalidInputError(msg)
    return np.ascontiguousarray(instances, dtype=np.float32)
