"""Single keys are read from a terminal, and the terminal is as it was afterwards."""

import os
import pty
import sys
import termios
from collections.abc import Iterator
from pathlib import Path
from queue import Queue

import pytest

from servelab.course import keyboard
from servelab.course.keyboard import has_keys, keys


class Terminal:
    """A pseudo-terminal in the place of stdin."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Open it; the test's process counts as its foreground."""
        self.learner, self._ours = pty.openpty()
        self._stdin = os.fdopen(self._ours, "r")
        monkeypatch.setattr(sys, "stdin", self._stdin)
        monkeypatch.setattr(os, "tcgetpgrp", lambda _: os.getpgrp())

    def line_mode(self) -> bool:
        """Whether the terminal waits for whole lines, and echoes them."""
        flags = termios.tcgetattr(self._ours)[3]
        return bool(flags & termios.ICANON) and bool(flags & termios.ECHO)

    def close(self) -> None:
        """Close both ends."""
        self._stdin.close()
        os.close(self.learner)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    """A terminal to type at."""
    made = Terminal(monkeypatch)
    yield made
    made.close()


def test_a_key_comes_without_return(terminal: Terminal) -> None:
    """One key is one wish."""
    pressed: Queue[str] = Queue()

    with keys(pressed.put) as there:
        os.write(terminal.learner, b"hq")
        found = [pressed.get(timeout=5), pressed.get(timeout=5)]

    assert there
    assert ["h", "q"] == found


def test_the_terminal_is_restored_whatever_ends_the_block(terminal: Terminal) -> None:
    """A shell without echo is what a learner remembers of a bad tool."""
    modes = []

    def be_interrupted() -> None:
        with keys(lambda _: None):
            modes.append(terminal.line_mode())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        be_interrupted()

    assert [False] == modes
    assert terminal.line_mode()


@pytest.mark.usefixtures("terminal")
def test_in_the_background_there_are_no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """`servelab watch &` must not be stopped for touching the terminal."""
    monkeypatch.setattr(os, "tcgetpgrp", lambda _: 0)

    assert not has_keys()


def test_without_a_terminal_there_are_no_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """CI has no keyboard, and some have not even a stdin."""
    path = tmp_path / "input"
    path.write_text("q", encoding="utf-8")
    with path.open(encoding="utf-8") as file:
        monkeypatch.setattr(sys, "stdin", file)
        assert not has_keys()
        with keys(lambda _: None) as there:
            assert not there
    monkeypatch.setattr(sys, "stdin", None)
    assert not keyboard.has_keys()
