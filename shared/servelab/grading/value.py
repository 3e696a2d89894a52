"""Ask learner code for one JSON value: a program beside it answers on a pipe of its own.

Leaves out: pickles and everything else that could be more than data.
"""

import contextlib
import json
import os
import threading
from typing import Any

from servelab.grading.isolation.confined import Confined
from servelab.grading.isolation.limit import Limits
from servelab.grading.isolation.sandbox import Command
from servelab.grading.process import Unfinished
from servelab.grading.sandbox_pool import SandboxPool, python

MAX_RESULT_BYTES = 1 << 20
FIRST_FD = 3


def ask(pool: SandboxPool, script: str, request: dict[str, Any], limits: Limits) -> Any:  # noqa: ANN401 - any JSON value
    """Run one of the programs of `inside/` with a request, and return the value that it answers.

    Raises:
        Unfinished: it ended without a value, or its answer is too large or no JSON.
    """
    pool.values_asked += 1
    # A pipe and no file: who inherits a file can open it again to write, where it is the same user's.
    question, tell = os.pipe()
    ours, theirs = os.pipe()
    threading.Thread(target=_tell, args=(tell, json.dumps(request).encode()), daemon=True).start()
    with os.fdopen(ours, "rb") as answer:
        try:
            argv = python(pool.program(script), str(FIRST_FD))
            confined = pool.run(Command(argv, stdin=question, fds=(theirs,)), limits)
        finally:
            os.close(theirs)
            os.close(question)
        # A child that lives on holds the pipe open: the end of the tree ends the reading.
        raw = answer.read(MAX_RESULT_BYTES + 1)
        confined.kill()
    return _decoded(raw, confined)


def _tell(pipe: int, question: bytes) -> None:
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
