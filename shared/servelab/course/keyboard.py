"""Single key presses at a terminal, and a terminal that is as it was afterwards.

Source: termios(3), cbreak mode: keys come at once, Ctrl-C still interrupts.
Leaves out: keys of several bytes (arrows), which no command uses.
"""

import atexit
import contextlib
import os
import select
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType

if sys.platform != "win32":  # on Windows everything works but the keys
    import termios
    import tty


def has_keys() -> bool:
    """Whether keys can be read: stdin is a terminal, and this process is in its foreground."""
    if sys.platform == "win32":
        return False
    try:
        descriptor = sys.stdin.fileno()
        return os.isatty(descriptor) and os.tcgetpgrp(descriptor) == os.getpgrp()
    except (OSError, ValueError, AttributeError):
        return False


@contextlib.contextmanager
def keys(press: Callable[[str], None]) -> Iterator[bool]:
    """Call `press` with each key, from a thread, until the block ends; yields whether there are keys.

    The terminal's mode is put back when the block ends, however it ends, and set
    again when the process comes back from Ctrl-Z.
    """
    if not has_keys():
        yield False
        return
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    restore = _restorer(descriptor, before)
    atexit.register(restore)
    wake, waker = os.pipe()
    reader = threading.Thread(target=_read, args=(descriptor, wake, press), daemon=True)
    try:
        with _cbreak_again_after_stop(descriptor):
            tty.setcbreak(descriptor)
            reader.start()
            yield True
    finally:
        restore()
        atexit.unregister(restore)
        os.close(waker)
        reader.join(1.0)
        os.close(wake)


def _restorer(descriptor: int, before: list[int | list[bytes | int]]) -> Callable[[], None]:
    def restore() -> None:
        with contextlib.suppress(termios.error, OSError):
            termios.tcsetattr(descriptor, termios.TCSADRAIN, before)

    return restore


@contextlib.contextmanager
def _cbreak_again_after_stop(descriptor: int) -> Iterator[None]:
    def go_on(_number: int, _frame: FrameType | None) -> None:
        if has_keys():
            tty.setcbreak(descriptor)

    before = signal.signal(signal.SIGCONT, go_on)
    try:
        yield
    finally:
        signal.signal(signal.SIGCONT, before)


def _read(descriptor: int, wake: int, press: Callable[[str], None]) -> None:
    while True:
        ready, _, _ = select.select([descriptor, wake], [], [])
        if wake in ready:
            return
        try:
            data = os.read(descriptor, 1)
        except OSError:
            return
        if not data:
            return
        press(data.decode("utf-8", errors="replace"))
