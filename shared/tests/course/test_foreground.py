"""A service in the foreground answers on its port, comes back after a save, and leaves nothing behind."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from servelab.course.foreground import HOST, Foreground, listen
from servelab.errors import MisuseError
from servelab.grading.manifest import Exercise


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that another program uses."""
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        yield other.getsockname()[1]


def test_a_port_in_use_is_one_sentence_with_a_free_one(taken: int) -> None:
    """A learner has more than one service."""
    with pytest.raises(MisuseError, match=rf"port {taken} is in use; try --port \d+") as caught:
        listen(taken)

    with listen(int(str(caught.value).split()[-1])) as listener:
        assert taken != listener.getsockname()[1]


class Stopped(Exception):  # noqa: N818 - what Ctrl-C is to a learner
    """The test has seen enough."""


@pytest.fixture
def served(miniature: Exercise) -> Iterator[tuple[int, list[str]]]:
    """The miniature service in the foreground of a thread: its port, and what the learner is told."""
    said: list[str] = []
    enough = threading.Event()

    def say(line: str) -> None:
        said.append(line)
        if enough.is_set():
            raise Stopped

    def serve() -> None:
        with contextlib.suppress(Stopped):
            Foreground(miniature, miniature.starter, listener, say).run()

    with listen(free_port()) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1], said
        enough.set()
        save_until(miniature.starter / "src" / "answer.py", "", lambda: not thread.is_alive())


def test_a_save_starts_the_service_again_and_a_broken_one_waits_for_the_next_save(
    miniature: Exercise, served: tuple[int, list[str]], capfd: pytest.CaptureFixture[str]
) -> None:
    """The socket stays open meanwhile, so that no request is refused."""
    port, said = served
    path = miniature.starter / "src" / "answer.py"
    text = path.read_text(encoding="utf-8")

    unsolved = get(port, "/health/live")
    save_until(path, "broken (", lambda: any("has ended" in line for line in said))
    path.write_text(text.replace('raise NotImplementedError("task 1.1', 'return str("'), encoding="utf-8")
    solved = get(port, "/health/live")

    assert b"500 Internal Server Error" in unsolved
    assert b"200 OK" in solved
    assert "SyntaxError" in capfd.readouterr().err


def free_port() -> int:
    """Return a port that nothing uses."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def get(port: int, path: str) -> bytes:
    """Send one request and return all that comes."""
    with socket.create_connection((HOST, port), timeout=30) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\n\r\n".encode())
        return b"".join(iter(lambda: connection.recv(65536), b""))


def save_until(path: Path, text: str, seen: Callable[[], bool], timeout_s: float = 20.0) -> None:
    """Save a text until its effect is seen, because a save before the watching begins goes unseen."""
    deadline = time.monotonic() + timeout_s
    while not seen():
        assert time.monotonic() < deadline
        path.write_text(text, encoding="utf-8")
        time.sleep(1.0)
