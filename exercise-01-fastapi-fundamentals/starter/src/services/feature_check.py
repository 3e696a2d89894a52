"""Do these numbers suit this model? What a schema can't know, because it depends on the model."""

from collections.abc import Sequence

from servelab.zoo import Signature
from src.services.errors import FieldError


def feature_errors(features: Sequence[float], signature: Signature, at: str) -> list[FieldError]:
    """Return what is wrong with a row of features; nothing when the model can take it.

    Args:
        features: finite numbers, at least one.
        signature: what the model takes.
        at: JSON pointer of the row within the request.

    >>> tumour = Signature("tumour", "0" * 12, 2, 0.0, 9.0, ("benign", "malignant"), None)
    >>> feature_errors([0.0, 9.0], tumour, "/features")
    []
    >>> feature_errors([0.0, 9.5], tumour, "/features")
    [FieldError(pointer='/features/1', detail='9.5 is not within 0.0 to 9.0')]
    >>> feature_errors([0.0], tumour, "/features")
    [FieldError(pointer='/features', detail='the model takes 2 features, not 1')]
    """
    # TODO(task 1.3): compare the number of features, then each of them with minimum..maximum (both are allowed)
    raise NotImplementedError("task 1.3: compare the number of features, then each of them with minimum..maximum (both are allowed)")
    # end task 1.3
