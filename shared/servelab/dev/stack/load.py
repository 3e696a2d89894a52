"""Clients that predict through the gateway, each with one request after the other, at a bounded pace.

The pace keeps all of them together within what the gateway allows to one address, however fast the machine.
A closed loop on purpose: each client has at most one request in flight, so it is known how many answers a
replica that dies can take with it.
Leaves out: latency, which `servelab.bench` measures.
"""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from typing import Self
from uuid import uuid4

import httpx

from servelab.dev.stack.errors import StackError
from servelab.zoo.golden_rows import golden

CLIENTS = 8
PACE_RPS = 50.0
"""Of each client, at most."""
DIE_WITH_A_REPLICA = 2 * CLIENTS
"""At most: of each client the request that the process had, and, when that broke, the next one, if the kernel
accepted it for the dying process before it closed the listening socket. Whatever comes later is refused."""
MODEL = "digits-cnn"
PATH = "/v1/models/digits/predictions"
MOST_REQUESTS = 40_000
"""Of all clients together, so that the gateway's log keeps them all: 100 s at full pace."""
NO_ANSWER = 0
"""In the place of a status: the connection broke before the answer was complete."""
TIMEOUT_S = 40.0  # longer than the gateway waits for a service: it answers first


@dataclass(frozen=True)
class Reply:
    """What a client saw: when it asked, when it knew, and the status, or `NO_ANSWER`.

    Times are seconds since the epoch, by this process's clock. `right` is whether the label was the
    model's.
    """

    request_id: str
    began_s: float
    ended_s: float
    status: int
    right: bool


class Load:
    """Clients at work.

    Begins with the block and ends with it; `replies` is complete behind it.

    Args:
        address: `host:port` of the gateway.
        most_requests: after so many, the clients have nothing more to ask.
    """

    def __init__(self, address: str, most_requests: int = MOST_REQUESTS) -> None:
        self._base_url = f"http://{address}"
        self._rows = _rows()
        self._most_requests = most_requests
        self._numbers = count()
        self._stop = threading.Event()
        self._progress = threading.Condition()
        self._pool = ThreadPoolExecutor(CLIENTS, thread_name_prefix="client")
        self.replies: list[Reply] = []

    def __enter__(self) -> Self:
        """Let the clients begin."""
        self._clients = [self._pool.submit(self._client) for _ in range(CLIENTS)]
        return self

    def __exit__(self, *_: object) -> None:
        """Let each client end its request, and begin no other."""
        self._stop.set()
        self._pool.shutdown()
        for client in self._clients:
            client.result()

    def wait_for(self, more: int, timeout_s: float = 60.0) -> None:
        """Wait until so many more requests have ended.

        Raises:
            StackError: the load runs out before.
            TimeoutError: they have not.
        """
        with self._progress:
            wanted = len(self.replies) + more
            if wanted > self._most_requests:
                msg = (
                    f"the load runs out: {len(self.replies)} of at most {self._most_requests} requests "
                    f"have ended, and {more} more are wanted; what came before took too long"
                )
                raise StackError(msg)
            if not self._progress.wait_for(lambda: len(self.replies) >= wanted, timeout_s):
                msg = f"{len(self.replies)} of {wanted} requests ended within {timeout_s:g} s"
                raise TimeoutError(msg)

    def _client(self) -> None:
        with httpx.Client(base_url=self._base_url, timeout=TIMEOUT_S, trust_env=False) as client:
            while not self._stop.is_set() and (number := next(self._numbers)) < self._most_requests:
                next_s = time.monotonic() + 1 / PACE_RPS
                reply = self._ask(client, number)
                with self._progress:
                    self.replies.append(reply)
                    self._progress.notify_all()
                self._stop.wait(max(0.0, next_s - time.monotonic()))

    def _ask(self, client: httpx.Client, number: int) -> Reply:
        features, label = self._rows[number % len(self._rows)]
        request_id, began_s = uuid4().hex, time.time()
        status, right = NO_ANSWER, False
        try:
            reply = client.post(PATH, json={"features": features}, headers={"X-Request-ID": request_id})
            status = reply.status_code
            right = status == httpx.codes.CREATED and reply.json()["label"] == label
        except httpx.TransportError:
            pass
        return Reply(request_id, began_s, time.time(), status, right)


def _rows() -> list[tuple[Sequence[float], str]]:
    """Return rows with the label that the model gives them; the digits' labels are their own indexes."""
    rows = golden(MODEL)
    best = rows.probabilities.argmax(axis=1)
    return [
        (features, str(label)) for features, label in zip(rows.instances.tolist(), best.tolist(), strict=True)
    ]
