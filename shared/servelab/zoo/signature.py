"""What a model takes and gives, carried inside its file.

An ONNX file of the zoo describes itself: one entry of its `metadata_props`
holds the signature as JSON, so any file opened by `file:` needs no catalogue.
The version is not in there: it is the digest of the very bytes that were read.
Leaves out: several inputs or outputs, and types other than float32.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from servelab.zoo.errors import ModelCorruptError

METADATA_KEY = "servelab.signature"
VERSION_DIGITS = 12


@dataclass(frozen=True)
class Signature:
    """What a model takes, (B, features) numbers within minimum..maximum, and the K classes it knows."""

    name: str
    version: str
    features: int
    minimum: float
    maximum: float
    classes: tuple[str, ...]
    image_shape: tuple[int, int] | None

    def to_dict(self) -> dict[str, object]:
        """Return the signature as JSON values."""
        shape = None if self.image_shape is None else list(self.image_shape)
        return {
            "name": self.name,
            "version": self.version,
            "features": self.features,
            "minimum": self.minimum,
            "maximum": self.maximum,
            "classes": list(self.classes),
            "image_shape": shape,
        }

    def to_metadata(self) -> str:
        """Return the text that is stored in the file: everything but the version.

        >>> Signature("m", "0" * 12, 2, 0.0, 1.0, ("no", "yes"), None).to_metadata()[:29]
        '{"name": "m", "features": 2, '
        """
        return json.dumps({key: value for key, value in self.to_dict().items() if key != "version"})


def file_version(content: bytes) -> str:
    """Return the version of a model file: the first 12 hex digits of its SHA-256."""
    return hashlib.sha256(content).hexdigest()[:VERSION_DIGITS]


def parse_signature(values: Any, version: str) -> Signature:  # noqa: ANN401 - decoded JSON, checked here
    """Build a signature from decoded JSON.

    Raises:
        ModelCorruptError: a field is missing or has the wrong type.
    """
    try:
        shape = values["image_shape"]
        return Signature(
            name=str(values["name"]),
            version=version,
            features=int(values["features"]),
            minimum=float(values["minimum"]),
            maximum=float(values["maximum"]),
            classes=tuple(str(label) for label in values["classes"]),
            image_shape=None if shape is None else (int(shape[0]), int(shape[1])),
        )
    except (KeyError, TypeError, ValueError, IndexError) as error:
        what = f"{type(error).__name__}: {error}"
        msg = f"the signature can't be read ({what}); rebuild the model with `servelab zoo build`"
        raise ModelCorruptError(msg) from error


def parse_metadata(text: str, version: str) -> Signature:
    """Build a signature from the text stored in a file.

    Raises:
        ModelCorruptError: the text is not the JSON of a signature.
    """
    try:
        values = json.loads(text)
    except ValueError as error:
        msg = f"the metadata {METADATA_KEY!r} is not JSON ({error}); rebuild with `servelab zoo build`"
        raise ModelCorruptError(msg) from error
    return parse_signature(values, version)
