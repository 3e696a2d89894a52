"""A learner's service under test: a confined program and the clients of what it listens on."""

import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from typing import Generic, TypeVar

from servelab.grading.client import Client, Trace
from servelab.grading.endpoint import Endpoint
from servelab.grading.isolation.confined import Confined
from servelab.grading.process import Finished, finish
from servelab.grading.program import Program
from servelab.grading.proxy import Proxy, at_port
from servelab.grading.raw_connection import RawConnection
from servelab.grading.readiness import Patience, is_broken, is_ready
from servelab.grading.sandbox_pool import SandboxPool
from servelab.grading.websocket import WebSocketClient

T = TypeVar("T")
LOOK_S = 0.01


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
    """A running service. Its clients see what any client sees, and tests see nothing else of it.

    Args:
        program: what runs.
        endpoints: name of `program.listens` -> where it answers.
        pool: of the submission that it belongs to.
    """

    def __init__(
        self, program: Program, confined: Confined, endpoints: Mapping[str, Endpoint], pool: SandboxPool
    ) -> None:
        self._program = program
        self._confined = confined
        self._endpoints = endpoints
        self._trace = pool.trace
        self._scratch = pool.scratch
        self._patient = pool.patient
        self._stack = ExitStack()
        self._first = next(iter(endpoints.values()), None)
        if self._first is not None:
            self.client = self.client_of(next(iter(endpoints)))

    def wait_until_ready(self) -> None:
        """Wait until it is ready, in the way that its program says.

        Raises:
            StartFailed: it ended first, said that it never will be, or was not ready in time.
        """
        patience = Patience(self._program.start_s)

        def over() -> bool:
            return not self.alive or not (self._patient or patience.spend())

        while self._patient or patience.spend():
            if self._confined.code is not None:
                msg = f"your service ended with exit code {self._confined.code} before it answered"
                raise StartFailed(msg, self.output)
            if is_broken(self._program, self._confined.output):
                self.kill()
                msg = "your service runs, but says that it will never be ready"
                raise StartFailed(msg, self.output)
            if is_ready(self._program, self._first, self._confined.output, over):
                return
            time.sleep(LOOK_S)
        self.kill()
        msg = f"your service did not answer within {self._program.start_s:g} s of its start"
        raise StartFailed(msg, self.output)

    def endpoint(self, name: str | None = None) -> Endpoint:
        """Return where it answers under a name of `listens`, the first one by default."""
        return self._endpoints[next(iter(self._endpoints)) if name is None else name]

    def client_of(self, name: str) -> Client:
        """Return an HTTP client of one of the things that it listens on."""
        made = Client(self._endpoints[name], self._trace, patient=self._patient)
        self._stack.callback(made.close)
        return made

    def url(self, name: str | None = None) -> str:
        """Return a URL on a port of this machine, for clients that speak only TCP."""
        return self._stack.enter_context(at_port(self.endpoint(name)))

    def grpc_target(self, name: str = "grpc") -> str:
        """Return an address for `grpc.insecure_channel`."""
        path = self._scratch / f"{name}-{id(self)}.grpc"

        def listen() -> socket.socket:
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(str(path))
            listener.listen(128)
            return listener

        self._stack.enter_context(Proxy(listen, self.endpoint(name)))
        return f"unix:{path}"

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._confined.code is None

    @property
    def output(self) -> str:
        """What it has printed so far, with the reason when a limit ended it."""
        breach = self._confined.breach
        return self._confined.output + (f"\nyour service was stopped: {breach.sentence}\n" if breach else "")

    def raw(self, name: str | None = None) -> RawConnection:
        """Open a connection for bytes of any kind."""
        return RawConnection(self.endpoint(name))

    def websocket(self, url: str) -> WebSocketClient:
        """Open a WebSocket."""
        self._trace.last = f"websocat ws://127.0.0.1:8000{url}"
        return WebSocketClient(self.endpoint(), url)

    @contextmanager
    def in_background(self, call: Callable[[Client], T]) -> Iterator[Background[T]]:
        """Run a call beside the test; on leaving, wait up to 10 s for its end."""
        background = Background(call, Client(self.endpoint(), Trace(), patient=self._patient))
        try:
            yield background
        finally:
            background.join(10.0)
            background.abandon()

    def finish(self, timeout_s: float, otherwise: str) -> Finished:
        """Wait for the end of a service that should end by itself.

        Raises:
            Unfinished: it still runs after the time-out; `otherwise` is the message.
        """
        return finish(self._confined, timeout_s, otherwise)

    def stop(self, timeout_s: float = 10.0) -> int:
        """Send SIGTERM to the service and return its exit code."""
        self._confined.terminate()
        try:
            return self._confined.wait(timeout_s)
        except TimeoutError:
            self.kill()
            raise

    def kill(self) -> None:
        """End the service with all that it has started."""
        try:
            self._confined.kill()
        finally:
            self._stack.close()
