"""Errors that the command line turns into one sentence and an exit code.

    ServelabError
    ├── MisuseError         wrong use: unknown task, missing folder, broken toml   (exit 2)
    └── GraderFaultError    the grader itself could not do its work               (exit 3)

A submission that crashes is neither: it has failed, and its verdict says so.
"""


class ServelabError(Exception):
    """Base of all errors that end a command with a sentence instead of a traceback."""


class MisuseError(ServelabError):
    """The command was used wrongly; the message is one sentence that says what to do."""


class GraderFaultError(ServelabError):
    """The grader could not grade; no score may follow from it."""
