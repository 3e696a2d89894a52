"""What can go wrong, as the client is told.

    ServiceError                        status
    ├── UnknownModelError               404
    ├── UnknownPredictionError          404
    ├── UnsupportedMediaTypeError       415
    ├── InvalidInputError               422, with a pointer to each wrong value
    ├── BrokenModelError                500
    └── UnavailableError                503, with Retry-After
        ├── NotReadyError
        ├── ModelDownError
        └── OverloadedError

    CannotStartError                    never seen by a client

Each service error knows the status that fits it, so one handler serves them all.
Leaves out: what the answer looks like; that is `src/problems.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass


class CannotStartError(Exception):
    """The service can't start; the message is one line for the operator."""


@dataclass(frozen=True)
class FieldError:
    """One wrong value: where it is in the request (a JSON pointer, RFC 6901) and what is wrong."""

    pointer: str
    detail: str

    def __str__(self) -> str:
        return f"{self.pointer}: {self.detail}" if self.pointer else self.detail


class ServiceError(Exception):
    """Base of what the services raise on purpose; the message is meant for the client."""

    status = 500


class UnknownModelError(ServiceError):
    """There is no model of that name."""

    status = 404

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no model {name!r}; GET /v1/models lists the names")


class UnknownPredictionError(ServiceError):
    """The prediction was never made, was deleted, has expired, or made room for newer ones."""

    status = 404

    def __init__(self, prediction_id: str) -> None:
        super().__init__(f"there is no prediction {prediction_id!r}; it may have expired")


class UnsupportedMediaTypeError(ServiceError):
    """The body is of a type that the route does not take."""

    status = 415


class InvalidInputError(ServiceError):
    """The request is well formed, but these values in it can't be used."""

    status = 422

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__("; ".join(map(str, errors)))
        self.errors = tuple(errors)


class BrokenModelError(ServiceError):
    """The model answered with something that is no answer; a fault of ours."""

    status = 500


class UnavailableError(ServiceError):
    """The same request may succeed later."""

    status = 503


class NotReadyError(UnavailableError):
    """A model can't answer now."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(f"not ready: {', '.join(names)} can't answer now")


class ModelDownError(UnavailableError):
    """The model failed or could not be reached while it was asked."""

    def __init__(self, name: str) -> None:
        super().__init__(f"model {name!r} can't answer now; try again later")


class OverloadedError(UnavailableError):
    """All workers are busy and the queue is full."""

    def __init__(self) -> None:
        super().__init__("too many predictions at once; try again later")
