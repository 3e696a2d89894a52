"""What a learner reads when a graded test fails: the call, expected against got, what the service said."""

import json
from dataclasses import dataclass

import httpx

from servelab.grading.process import Unfinished
from servelab.grading.report import escape
from servelab.grading.service import StartFailed
from servelab.grading.submission import Submission
from servelab.grading.task_clock import TaskOverError
from servelab.grading.traceback_text import readable
from servelab.grading.transport import UnacceptableAnswerError
from servelab.grading.websocket import HandshakeRefused, WebSocketClosed

MAX_TEXT = 4000
EXPECTED_GOT = "expected == got"


@dataclass(frozen=True)
class Failure:
    """The three parts of a failure."""

    call: str
    expected: str
    said: str

    def __str__(self) -> str:
        parts = [self.expected]
        if self.call:
            parts += ["", "the call:", f"  {self.call}"]
        if self.said:
            parts += ["", "your service said:", *(f"  {line}" for line in self.said.splitlines())]
        return "\n".join(parts)


def explain(error: BaseException, submission: Submission, shown: str) -> Failure:
    """Explain the exception that ended a graded test to the author of the submission."""
    if isinstance(error, StartFailed | Unfinished):
        said, text = error.output, str(error).split("\nassert ")[0]
    else:
        stuck = isinstance(error, httpx.TimeoutException | TimeoutError)
        said, text = submission.pool.said(stuck=stuck), _sentence(error)
    call = "" if isinstance(error, StartFailed) else submission.trace.last
    told = readable(said, submission.pool.inside_root, shown)
    told = told.replace("`servelab debug TASK`", f"`servelab debug {submission.pool.task}`")
    return Failure(*(escape.block(part, MAX_TEXT) for part in (call, text, told)))


def is_of_submission(error: BaseException) -> bool:
    """Say whether an exception can only come from what a submission did, even when a fixture raises it."""
    return isinstance(error, _OF_SUBMISSION)


_OF_SUBMISSION = (
    AssertionError,
    httpx.HTTPError,
    UnacceptableAnswerError,
    HandshakeRefused,
    WebSocketClosed,
    TaskOverError,
    TimeoutError,
    ConnectionError,
    json.JSONDecodeError,
)
_SENTENCES: dict[type[BaseException], str] = {
    httpx.TimeoutException: "your service gave no answer within the time that this call allows",
    httpx.TransportError: "your service ended the connection without a whole answer ({})",
    UnacceptableAnswerError: "{}",
    HandshakeRefused: "your service did not accept the WebSocket: {}",
    WebSocketClosed: "your service ended the WebSocket: it was {}",
    TimeoutError: "your service did not do within its time what this test waits for {}",
    json.JSONDecodeError: "the answer is not JSON: {}",
    RecursionError: "the answer is nested too deeply to be read",
    KeyError: "the answer lacks {}",
}


def _sentence(error: BaseException) -> str:
    if isinstance(error, AssertionError):
        return _assertion(str(error))
    for kind, sentence in _SENTENCES.items():
        if isinstance(error, kind):
            return sentence.format(error).rstrip()
    return f"{type(error).__name__}: {error}"


def _assertion(text: str) -> str:
    """Turn pytest's rewritten assertion into the message, then expected against got."""
    message, _, comparison = text.partition("\nassert ")
    if not comparison:
        message, comparison = ("", text.removeprefix("assert ")) if text.startswith("assert ") else (text, "")
    lines = [
        line
        for line in comparison.splitlines()
        if line != EXPECTED_GOT and not line.lstrip().startswith("+ ")
    ]
    return "\n".join(filter(None, [message, *lines]))
