"""Work in another process gives back what it would here, and ends when it is told to."""

import math
import os
import subprocess
import sys
import time

import pytest

from servelab.bench.load.worker_process import WorkerProcess


def test_it_does_one_thing_after_the_other_elsewhere() -> None:
    """Forty blocks of a comparison must not start forty interpreters."""
    with WorkerProcess() as worker:
        first, second, root = worker.call(os.getpid), worker.call(os.getpid), worker.call(math.sqrt, 9.0)

    assert first == second != os.getpid()
    assert 3.0 == root


def test_an_error_is_raised_here_and_the_process_goes_on() -> None:
    """A refusal of the client reaches the command line as itself."""
    with WorkerProcess() as worker:
        with pytest.raises(ValueError, match="math domain error"):
            worker.call(math.sqrt, -1.0)
        assert 2.0 == worker.call(math.sqrt, 4.0)


def test_it_ends_in_the_middle_of_its_work() -> None:
    """Ctrl-C must not wait for the end of a run."""

    class StopError(Exception):
        pass

    def stop() -> None:
        raise StopError

    began_s = time.monotonic()

    with pytest.raises(StopError), WorkerProcess(stop) as worker:
        worker.call(time.sleep, 60)

    assert time.monotonic() - began_s < 5


def test_it_ends_without_a_word_when_its_parent_is_killed() -> None:
    """A traceback of a process that nobody knows of would stand in the middle of the next prompt."""
    program = """
import os, signal, threading, time
from servelab.bench.load.worker_process import WorkerProcess

if __name__ == "__main__":
    with WorkerProcess() as worker:
        worker.call(time.sleep, 0)
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGKILL)).start()
        worker.call(time.sleep, 0.5)
"""
    parent = subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE, text=True)

    # Both have its standard error, so this returns when both are gone.
    _, said = parent.communicate(timeout=60)

    assert -9 == parent.returncode
    assert "" == said
