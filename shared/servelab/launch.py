"""The service of an exercise, started on an open socket: its command line, its environment, its end.

    python -m servelab.launch uvicorn src.main:create_app --factory --fd 5

Run as a program it runs a server module as `python -m` would, shows a failing import from
the learner's own frames on, and ends with whoever started it.
Leaves out: isolation and limits, which are the grader's; exceptions of handlers, which the
server logs itself; on other systems than Linux, a server whose starter was killed goes on.
"""

import contextlib
import ctypes
import http.client
import os
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from servelab.errors import MisuseError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from servelab.grading.program import Program

START_TIMEOUT_S: Final = 60.0
STOP_TIMEOUT_S: Final = 10.0
PR_SET_PDEATHSIG: Final = 1
_ASK_TIMEOUT_S: Final = 0.5
_PAUSE_S: Final = 0.1


def start(
    program: "Program",
    folder: Path,
    listener: socket.socket,
    env: dict[str, str] | None = None,
    **options: Any,  # noqa: ANN401 - those of Popen
) -> "subprocess.Popen[bytes]":
    """Start the service of an implementation, in whose folder `src` is imported.

    Args:
        program: of the exercise's manifest, which listens on one open socket.
        folder: the implementation.
        listener: the socket that it answers on.
        env: variables beside those of this process.
        options: of Popen: where its output goes, say.
    """
    words = list(program.command(folder, dict.fromkeys(program.listens, str(listener.fileno()))))
    if words[:2] == [sys.executable, "-m"]:
        words.insert(2, "servelab.launch")
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    return subprocess.Popen(  # noqa: S603 - the caller's own service
        words, cwd=folder, env=inherited | (env or {}), pass_fds=(listener.fileno(),), **options
    )


def stop(process: "subprocess.Popen[bytes]", timeout_s: float = STOP_TIMEOUT_S) -> None:
    """Ask a service to stop, and kill it when it has not after the time-out."""
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextlib.contextmanager
def running(program: "Program", folder: Path, listener: socket.socket) -> "Iterator[subprocess.Popen[bytes]]":
    """Yield the process of a service as soon as it answers on the socket; it ends with the block.

    Raises:
        MisuseError: it does not start; the message holds the last line that it printed.
    """
    with tempfile.TemporaryFile() as log:
        process = start(
            program,
            folder,
            listener,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # Ctrl-C at the terminal is for us; we stop it in our own time.
            start_new_session=True,
        )
        try:
            _await(process, listener, folder, log)
            yield process
        finally:
            stop(process)


def _await(process: "subprocess.Popen[bytes]", listener: socket.socket, folder: Path, log: IO[bytes]) -> None:
    deadline_s = time.monotonic() + START_TIMEOUT_S
    while process.poll() is None and time.monotonic() < deadline_s:
        if _answers(listener):
            return
        time.sleep(_PAUSE_S)
    log.seek(0)
    lines = log.read().decode(errors="replace").strip().splitlines()
    why = lines[-1] if lines else f"it printed nothing for {START_TIMEOUT_S:g} s"
    msg = f"the service in {folder} did not start: {why}"
    raise MisuseError(msg)


def _answers(listener: socket.socket) -> bool:
    """Whether anything is answered: which routes a service has, and what it thinks of them, is its affair."""
    connection = http.client.HTTPConnection("localhost", timeout=_ASK_TIMEOUT_S)
    connection.sock = socket.socket(listener.family)
    connection.sock.settimeout(_ASK_TIMEOUT_S)
    try:
        connection.sock.connect(listener.getsockname())
        connection.request("GET", "/")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def main() -> None:
    """Run the module that the first argument names, with the other arguments as its own."""
    # Who is killed can't stop what it has started, and nobody else would.
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    module, *arguments = sys.argv[1:]
    sys.argv = [module, *arguments]
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:  # noqa: BLE001 - whatever learner code raises is shown, and ends the process
        sys.stderr.write(own_traceback(error, Path.cwd()))
        sys.exit(1)


def own_traceback(error: BaseException, folder: Path) -> str:
    r"""Return the traceback of an error, of its frames those below a folder; in full when it has none there.

    >>> own_traceback(ValueError("no model"), Path("/nowhere"))
    'ValueError: no model\n'
    """
    account = traceback.TracebackException.from_exception(error)
    own = [frame for frame in account.stack if Path(frame.filename).is_relative_to(folder)]
    # A SyntaxError has no frame of its own in the file that does not compile.
    if own or isinstance(error, SyntaxError):
        account.stack = traceback.StackSummary.from_list(own)
    return "".join(account.format())


if __name__ == "__main__":
    main()
