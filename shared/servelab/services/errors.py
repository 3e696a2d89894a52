"""What can go wrong with a service, each one sentence that says what to do.

    ServelabError                    (servelab.errors)
    └── ServiceError
        ├── LackingServiceError      this machine has none: a test that needs it is not run    (exit 2)
        └── FailedServiceError       it is there, and failed: did not start, answer or stop    (exit 3)

`NotReadyError` never leaves the package: it is the answer "not yet" of a question for readiness.
"""

from servelab.errors import GraderFaultError, MisuseError, ServelabError


class ServiceError(ServelabError):
    """Base of all errors of services."""


class LackingServiceError(ServiceError, MisuseError):
    """The service can't be had here; the message ends with the command that fixes it.

    Args:
        why: what is not here.
        mend: the command.
    """

    def __init__(self, why: str, mend: str) -> None:
        super().__init__(why, mend)
        self.why = why
        self.mend = mend

    def __str__(self) -> str:
        return f"{self.why}; get it with: {self.mend}"


class FailedServiceError(ServiceError, GraderFaultError):
    """The service was there and failed; the message holds the last lines that it printed."""


class NotReadyError(Exception):
    """The server does not answer as a ready one does; the message says how it answered."""
