"""The error of a submission that can't be taken in.

    ServelabError
    └── SubmissionError     this one submission can't be graded as it is

Unlike misuse it ends one submission of a cohort, not the command.
"""

from servelab.errors import ServelabError


class SubmissionError(ServelabError):
    """The submission can't be taken in; the message is one sentence: what was found, what is expected."""
