"""Runs a server module as `python -m` would, and shows a failing import from the learner's own frames on.

    python -m servelab.course.launch uvicorn src.main:create_app --factory --fd 5

Leaves out: exceptions of handlers, which the server logs itself; on other systems than Linux,
a server whose starter was killed goes on.
"""

import ctypes
import runpy
import signal
import sys
import traceback
from pathlib import Path

PR_SET_PDEATHSIG = 1


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
