"""The entry point of `servelab`: runs a command and turns every ending into a sentence and an exit code.

    0    done                        2    wrong use: one sentence
    1    something failed            3    the grader failed, or servelab has a defect
    130  interrupted with Ctrl-C     143  terminated

Exit codes follow check50 and the shell's 128 + signal. The commands are in
`commands/`, one module each; `commands/app.py` puts them together.
Leaves out: shell completion, which would write into a learner's shell profile.
"""

import contextlib
import errno
import io
import logging
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Final

from servelab.errors import GraderFaultError, ServelabError

MISUSE: Final = 2
FAULT: Final = 3
INTERRUPTED: Final = 130
BROKEN_PIPE: Final = 141
MACHINE_REFUSES = frozenset(
    {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EMFILE}
)


def main() -> None:
    """Run the command that the command line names, and exit."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # not every terminal knows a tick
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code; no exception leaves it, and none shows a traceback."""
    signals: list[int] = []
    logger = logging.getLogger("servelab")
    logger.handlers = [_Sentences(logging.WARNING)]
    try:
        with _termination(signals):
            code = _dispatch(arguments)
            sys.stdout.flush()
    except KeyboardInterrupt:
        code = INTERRUPTED
    except SystemExit as error:  # rich and typer leave by it when the reader of a pipe has gone
        code = error.code if isinstance(error.code, int) else FAULT
    except ServelabError as error:
        say(str(error))
        code = FAULT if isinstance(error, GraderFaultError) else MISUSE
    except OSError as error:
        code = _refused(error)
    except Exception as error:  # noqa: BLE001 - the last resort: a traceback is no answer to a learner
        code = _defect(error)
    return 128 + signals[0] if signals else code


class _Sentences(logging.Handler):
    """Shows warnings as one sentence each."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line to stderr."""
        say(record.getMessage())


def _dispatch(arguments: Sequence[str]) -> int:
    # Imported here, so that Ctrl-C during the imports is an interruption like any other.
    import typer  # noqa: PLC0415

    from servelab.commands.app import app  # noqa: PLC0415

    try:
        result = app(args=list(arguments), prog_name="servelab", standalone_mode=False)
    except typer.Abort:
        return INTERRUPTED
    except typer.TyperException as error:
        if not error.format_message():  # a group without a command has shown its help
            return 0
        say(f"{_sentence(error.format_message())} (see servelab --help)")
        return MISUSE
    return result if isinstance(result, int) else 0


def say(sentence: str) -> None:
    """Write one line to stderr, free of control characters, under the name of the program."""
    line = " ".join(sentence.split())
    printable = "".join(character if character.isprintable() else "?" for character in line)
    with contextlib.suppress(OSError):
        sys.stderr.write(f"servelab: {printable}\n")


def _sentence(message: str) -> str:
    """Join typer's short sentences into one.

    >>> _sentence("No such command 'tset'. Did you mean 'test'?")
    "no such command 'tset'; did you mean 'test'?"
    """
    first, _, rest = message.strip().partition(". ")
    joined = f"{first}; {rest[:1].lower()}{rest[1:]}" if rest else first
    return f"{joined[:1].lower()}{joined[1:]}".rstrip(".")


def _defect(error: Exception) -> int:
    # Imported here: only few need them, and only on the way out.
    import tempfile  # noqa: PLC0415
    import traceback  # noqa: PLC0415

    from servelab.course_root import COURSE_ROOT  # noqa: PLC0415

    kept = "it could not be kept"
    text = "".join(traceback.format_exception(error))
    name = "servelab-defect.txt"  # the last one alone: a loop must not fill the disk
    for folder in (COURSE_ROOT / ".servelab", Path(tempfile.gettempdir())):
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
            kept = f"it is in {folder / name}"
            break
    what = f"a defect of servelab, not of your code ({type(error).__name__})"
    say(f"{what}; please report its traceback: {kept}")
    return FAULT


def _refused(error: OSError) -> int:
    if isinstance(error, BrokenPipeError):
        _silence()
        return BROKEN_PIPE
    if error.errno not in MACHINE_REFUSES:
        return _defect(error)
    say(f"{error.filename or 'the output'}: {str(error.strerror).lower()}")
    _silence()
    return MISUSE


@contextlib.contextmanager
def _termination(signals: list[int]) -> Iterator[None]:
    """Let SIGTERM and SIGHUP unwind the stack as Ctrl-C does, so that every child process is stopped.

    KeyboardInterrupt and not SystemExit: pytest takes the latter for the failure of a test.
    """

    def terminate(number: int, _frame: FrameType | None) -> None:
        signals.append(number)
        raise KeyboardInterrupt

    before = {number: signal.signal(number, terminate) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _silence() -> None:
    """Send what is still buffered to nowhere: its reader has gone, or its disk is full."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
