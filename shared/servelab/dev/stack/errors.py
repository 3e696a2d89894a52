"""What can go wrong with a stack.

    ServelabError             (servelab.errors)
    └── GraderFaultError
        └── StackError        it did not come up, answer or come back

The smoke test takes it for a failed check. Elsewhere it ends a command with its sentence.
"""

from servelab.errors import GraderFaultError


class StackError(GraderFaultError):
    """The stack did not do what it is there for; the message says which part, and what it printed."""
