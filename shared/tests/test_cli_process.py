"""`servelab` as processes at a terminal: signals, pipes, watch mode, and nothing left behind."""

import contextlib
import os
import pty
import select
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Clone

TODO = 'raise NotImplementedError("task 1.1: say that the process answers")'
TIMEOUT_S = 30.0


class Terminal:
    """A command at a pseudo-terminal, in its foreground."""

    def __init__(self, clone: "Clone", *arguments: str) -> None:
        """Start the command."""
        self.pid, self._descriptor = pty.fork()
        if self.pid == 0:
            os.chdir(clone.root)
            # These tests may run in the background, where Ctrl-C is ignored; a terminal does not ignore it.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            environment = {**clone.environment, "TERM": "xterm", "PYTHONFAULTHANDLER": "1"}
            os.execve(clone.command[0], [*clone.command, *arguments], environment)  # noqa: S606 - no shell
        self.seen = ""

    def wait_for(self, text: str) -> str:
        """Read until a text appears, and return all that was read since the last time."""
        deadline = time.monotonic() + TIMEOUT_S
        while text not in self.seen:
            assert time.monotonic() < deadline, self.seen
            if select.select([self._descriptor], [], [], 0.2)[0]:
                self.seen += os.read(self._descriptor, 65536).decode(errors="replace")
        found, self.seen = self.seen, ""
        return found

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self._descriptor, keys.encode())

    def exit_code(self) -> int:
        """Wait for the end of the command."""
        code = self._ended_within(TIMEOUT_S)
        if code is None:
            os.kill(self.pid, signal.SIGABRT)
            self._ended_within(2.0)
            pytest.fail(f"the command did not end; it printed, and stood at:\n{self.seen}")
        return code

    def _ended_within(self, seconds: float) -> int | None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if select.select([self._descriptor], [], [], 0)[0]:
                with contextlib.suppress(OSError):
                    self.seen += os.read(self._descriptor, 65536).decode(errors="replace")
            done, status = os.waitpid(self.pid, os.WNOHANG)
            if done:
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.05)
        return None

    def close(self) -> None:
        """Close the terminal."""
        os.close(self._descriptor)


@pytest.fixture
def started(clone: "Clone") -> Iterator[Terminal]:
    """`servelab start` at a terminal, waiting for a save."""
    terminal = Terminal(clone, "start")
    terminal.wait_for("waiting for a save")
    yield terminal
    terminal.close()


def assert_nothing_is_left(clone: "Clone") -> None:
    """Wait until no process of the clone runs: the fork server ends when it sees that its parent has."""
    deadline = time.monotonic() + TIMEOUT_S
    while left := clone.processes():
        assert time.monotonic() < deadline, left
        time.sleep(0.1)


def test_watch_mode_answers_saves_and_keys_and_moves_on(clone: "Clone", started: Terminal) -> None:
    """The whole path of a learner: a save, a verdict, the next task, a hint, the end."""
    clone.save(TODO, 'return "dead"')
    failed = started.wait_for("waiting for a save")
    started.press("h")
    hint = started.wait_for("waiting for a save")
    clone.save('return "dead"', 'return "alive"')
    passed = started.wait_for("waiting for a save")
    started.press("q")

    assert 0 == started.exit_code()
    assert "expected: 'alive'" in failed
    assert "curl" in failed
    assert "hint 1 of 3: nudge" in hint
    assert "1.1 passes" in passed
    assert "Task 1.3" in passed
    assert_nothing_is_left(clone)


@pytest.mark.parametrize(
    ("keys", "number", "code"), [("\x03", 0, 130), ("", signal.SIGTERM, 143)], ids=["ctrl-c", "term"]
)
def test_an_interruption_during_a_run_leaves_nothing_behind(
    clone: "Clone", started: Terminal, keys: str, number: int, code: int
) -> None:
    """The hanging service of a learner must not live on in the background."""
    clone.save(TODO, "import time; time.sleep(600)")
    started.wait_for("running on")
    wait_for_service(clone)
    if keys:
        started.press(keys)
    else:
        os.kill(started.pid, number)

    assert code == started.exit_code()
    assert_nothing_is_left(clone)


def test_a_test_run_that_is_terminated_leaves_nothing_behind(clone: "Clone") -> None:
    """A build server stops a job with SIGTERM."""
    clone.save(TODO, "import time; time.sleep(600)")
    process = subprocess.Popen(
        [*clone.command, "test", "1.1"],
        cwd=clone.root,
        env=clone.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for_service(clone)
    process.terminate()
    _, said = process.communicate(timeout=TIMEOUT_S)

    assert 143 == process.returncode
    assert "Traceback" not in said
    assert_nothing_is_left(clone)


def test_start_without_a_terminal_prints_and_ends(clone: "Clone") -> None:
    """`make start </dev/null` is how CI looks at the course."""
    done = clone.run("start")

    assert 0 == done.returncode
    assert "Task 1.1" in done.stdout
    assert "" == done.stderr


def test_a_reader_that_leaves_is_no_error(clone: "Clone") -> None:
    """`servelab progress | head -1` is daily use."""
    reading, writing = os.pipe()
    os.close(reading)

    said = run_into(clone, writing)

    assert "" == said.stderr


def test_a_full_disk_is_one_sentence(clone: "Clone") -> None:
    """`/dev/full` is such a disk."""
    if not Path("/dev/full").exists():
        pytest.skip("this machine has no /dev/full")

    said = run_into(clone, os.open("/dev/full", os.O_WRONLY))

    assert 2 == said.returncode
    assert "servelab: the output: no space left on device\n" == said.stderr


def run_into(clone: "Clone", descriptor: int) -> subprocess.CompletedProcess[str]:
    """Run `servelab progress` with its output going to a descriptor."""
    try:
        return subprocess.run(
            [*clone.command, "progress"],
            cwd=clone.root,
            env=clone.environment,
            stdout=descriptor,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=TIMEOUT_S,
        )
    finally:
        os.close(descriptor)


def wait_for_service(clone: "Clone") -> None:
    """Wait until the learner's service runs."""
    deadline = time.monotonic() + TIMEOUT_S
    while not any("src.main" in line for line in clone.processes()):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_real_grader_tells_a_learner_what_their_service_does(clone: "Clone") -> None:
    """`test` and watch mode say the same words, and a pass is remembered."""
    failed = clone.run("test")
    clone.save(TODO, 'return "alive"')
    passed = clone.run("test")

    assert 1 == failed.returncode
    assert "✗ liveness answers" in failed.stdout
    assert 0 == passed.returncode
    assert "1.1 passes: 3 of 3 tests pass" in passed.stdout
    assert "Task 1.3" in clone.run("start").stdout
