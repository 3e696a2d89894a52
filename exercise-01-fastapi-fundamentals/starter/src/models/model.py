"""What a client can learn about a model."""

from typing import Annotated

from pydantic import BaseModel, Field

from servelab.zoo import Signature


class ModelResponse(BaseModel):
    """A model: the numbers that it takes and the classes that it knows.

    `features` numbers within `minimum` to `maximum`; `image_shape` is rows and columns when it
    takes images, and null when it takes none.
    """

    # TODO(task 1.3), declaration: name, version, features, minimum, maximum, classes and image_shape
    # end task 1.3

    @classmethod
    def of(cls, name: str, signature: Signature) -> "ModelResponse":
        """Describe a model under the name that this service gives it."""
        return cls(
            name=name,
            version=signature.version,
            features=signature.features,
            minimum=signature.minimum,
            maximum=signature.maximum,
            classes=list(signature.classes),
            image_shape=None if signature.image_shape is None else list(signature.image_shape),
        )


class ModelListResponse(BaseModel):
    """Every model of the service."""

    models: list[ModelResponse]
