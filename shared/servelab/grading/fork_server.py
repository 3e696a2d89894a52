"""The server that grading sessions are forked from: what they import is imported once.

Leaves out: Windows, where nothing can be forked.
"""

import multiprocessing
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import forkserver, resource_tracker
from multiprocessing.context import ForkServerContext

_starting = threading.Lock()


def context() -> ForkServerContext:
    """Return the context whose processes are sessions; the server runs when this returns."""
    sessions = multiprocessing.get_context("forkserver")
    sessions.set_forkserver_preload(["servelab.grading.preload"])
    with blind_to_the_current_folder():
        resource_tracker.ensure_running()
        forkserver.ensure_running()
    return sessions


@contextmanager
def blind_to_the_current_folder() -> Iterator[None]:
    """Let the Pythons that are started in this block import nothing from the current folder.

    The server is a `python -c`, which would look there first; and the current folder
    may be a submission's, with a `json.py` in it.
    """
    with _starting:
        before = os.environ.get("PYTHONSAFEPATH")
        os.environ["PYTHONSAFEPATH"] = "1"
        try:
            yield
        finally:
            if before is None:
                del os.environ["PYTHONSAFEPATH"]
            else:
                os.environ["PYTHONSAFEPATH"] = before
