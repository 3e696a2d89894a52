"""A learner's service under test: a confined process and the clients on its socket."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Generic, TypeVar

from servelab.grading.client import Client, Trace
from servelab.grading.isolation.confined import Confined
from servelab.grading.raw_connection import RawConnection
from servelab.grading.websocket import WebSocketClient

START_TIMEOUT_S = 20.0
_PROBE = b"GET /health/live HTTP/1.1\r\nHost: service\r\nConnection: close\r\n\r\n"

T = TypeVar("T")


class StartFailed(AssertionError):  # noqa: N818 - a failed expectation of a test, not a fault of the grader
    """The service did not come up; `output` holds what it printed, empty when it was told before."""

    def __init__(self, message: str, output: str) -> None:
        super().__init__(message)
        self.output = output


class Background(Generic[T]):
    """A call that runs in a thread of its own, on a connection of its own."""

    def __init__(self, call: Callable[[Client], T], client: Client) -> None:
        self._future: Future[T] = Future()
        self._client = client
        self._thread = threading.Thread(target=self._run, args=(call,), daemon=True)
        self._thread.start()

    def _run(self, call: Callable[[Client], T]) -> None:
        try:
            self._future.set_result(call(self._client))
        except BaseException as error:  # noqa: BLE001 - carried to the thread that asks for the result
            self._future.set_exception(error)

    @property
    def done(self) -> bool:
        """Whether the call has ended."""
        return self._future.done()

    def result(self, timeout: float = 10.0) -> T:
        """Return what the call returned, or raise what it raised."""
        return self._future.result(timeout)

    def abandon(self) -> None:
        """Leave as a client leaves: close the connection without waiting for the answer."""
        self._client.close()

    def join(self, timeout: float) -> None:
        """Wait for the end of the call, whatever it is."""
        self._thread.join(timeout)


class Service:
    """A running service. Its clients see what any client sees, and tests see nothing else of it."""

    def __init__(self, confined: Confined, path: Path, trace: Trace, *, patient: bool = False) -> None:
        self._confined = confined
        self._path = path
        self._trace = trace
        self._patient = patient
        self._start_timeout_s = float("inf") if patient else START_TIMEOUT_S
        self.client = Client(path, trace, patient=patient)

    def wait_until_it_answers(self) -> None:
        """Wait for the first answer of any kind.

        Raises:
            StartFailed: it ended first, or did not answer in time.
        """
        deadline = time.monotonic() + self._start_timeout_s
        while time.monotonic() < deadline:
            if self._answers():
                return
            if self._confined.code is not None:
                self._confined.wait(1.0)
                msg = f"your service ended with exit code {self._confined.code} before it answered"
                raise StartFailed(msg, self.output)
            time.sleep(0.01)
        self.kill()
        msg = f"your service did not answer within {START_TIMEOUT_S:g} s of its start"
        raise StartFailed(msg, self.output)

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.settimeout(0.5)
            try:
                probe.connect(str(self._path))
                probe.sendall(_PROBE)
                deadline = time.monotonic() + self._start_timeout_s
                while time.monotonic() < deadline and self._confined.code is None:
                    try:
                        return probe.recv(1) != b""
                    except TimeoutError:
                        continue
            except OSError:
                return False
        return False

    @property
    def path(self) -> Path:
        """The Unix socket at which it answers, for a relay in front of it."""
        return self._path

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._confined.code is None

    @property
    def output(self) -> str:
        """What it has printed so far, with the reason when a limit ended it."""
        breach = self._confined.breach
        return self._confined.output + (f"\nyour service was stopped: {breach.sentence}\n" if breach else "")

    def raw(self) -> RawConnection:
        """Open a connection for bytes of any kind."""
        return RawConnection(self._path)

    def websocket(self, url: str) -> WebSocketClient:
        """Open a WebSocket."""
        self._trace.last = f"websocat ws://127.0.0.1:8000{url}"
        return WebSocketClient(self._path, url)

    @contextmanager
    def in_background(self, call: Callable[[Client], T]) -> Iterator[Background[T]]:
        """Run a call beside the test; on leaving, wait up to 10 s for its end."""
        background = Background(call, Client(self._path, Trace(), patient=self._patient))
        try:
            yield background
        finally:
            background.join(10.0)
            background.abandon()

    def stop(self, timeout_s: float = 10.0) -> int:
        """Send SIGTERM to the service and return its exit code."""
        self._confined.terminate()
        try:
            return self._confined.wait(timeout_s)
        except TimeoutError:
            self.kill()
            raise

    def kill(self) -> None:
        """End the whole process tree."""
        self.client.close()
        self._confined.kill()
