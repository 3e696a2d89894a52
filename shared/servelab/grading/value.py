"""Ask learner code for one JSON value: a program beside it answers on a pipe of its own.

Leaves out: pickles and everything else that could be more than data.
"""

import contextlib
import json
import os
import threading
from typing import Any

from servelab.grading.isolation.confined import Confined
from servelab.grading.sandboxes import Sandboxes, Unfinished, python

MAX_RESULT_BYTES = 1 << 20


def value(sandboxes: Sandboxes, script: str, request: dict[str, Any]) -> Any:  # noqa: ANN401 - any JSON value
    """Run one of the programs of `inside/` with a request, and return the value that it answers.

    Raises:
        Unfinished: it ended without a value, or its answer is too large or no JSON.
    """
    sandboxes.values_asked += 1
    # A pipe and no file: who inherits a file can open it again to write, where it is the same user's.
    question, ask = os.pipe()
    ours, theirs = os.pipe()
    threading.Thread(target=_ask, args=(ask, json.dumps(request).encode()), daemon=True).start()
    with os.fdopen(ours, "rb") as answer:
        try:
            argv = python(sandboxes.program(script), str(theirs))
            confined = sandboxes.start(argv, fds=(theirs,), stdin=question)
        finally:
            os.close(theirs)
            os.close(question)
        # A child that lives on holds the pipe open: the end of the tree ends the reading.
        raw = answer.read(MAX_RESULT_BYTES + 1)
        confined.kill()
    return _decoded(raw, confined)


def _ask(pipe: int, question: bytes) -> None:
    with contextlib.suppress(OSError), os.fdopen(pipe, "wb") as file:
        file.write(question)


def _decoded(raw: bytes, confined: Confined) -> Any:  # noqa: ANN401 - any JSON value
    if len(raw) > MAX_RESULT_BYTES:
        msg = f"it gave back more than {MAX_RESULT_BYTES >> 10} KiB"
        raise Unfinished(msg, confined.output)
    try:
        return json.loads(raw)["value"]
    except (ValueError, KeyError, TypeError, RecursionError):
        why = confined.breach.sentence if confined.breach else "it ended without a value"
        raise Unfinished(why, confined.output) from None
