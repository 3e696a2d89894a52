"""Task 1.9: how long a stream waits, for a client that is silent and for one that does not read."""

import contextlib
import json
import threading
import time

import pytest
from conversation import MAX_BYTES, URL, ask, close_code, message
from frames import TEXT, frames, handshake, text_frame

from servelab.grading.marks import task

IDLE_S, SEND_TIMEOUT_S = 1.0, 0.3
FLOOD = 2000
ROUNDS, ROUND_S = 8, 0.05
DROPPED_S = 1.0
READING_S = 3.0


@pytest.fixture
def impatient(submission, settings, socket_folder):
    """A service that waits neither for messages nor for readers."""
    times = {"SERVICE_STREAM_IDLE_S": str(IDLE_S), "SERVICE_STREAM_SEND_TIMEOUT_S": str(SEND_TIMEOUT_S)}
    return submission.keep("impatient", lambda: submission.serve(env=settings | times, binds=[socket_folder]))


@task("1.9")
def test_silence_closes_with_1008(impatient, models, rows):
    """A connection that nobody uses holds memory and a file descriptor; one that is used stays."""
    with impatient.websocket(URL) as stream:
        started = time.monotonic()
        while time.monotonic() - started < IDLE_S * 1.5:
            answer = ask(stream, message(rows["digits"][0]))
            time.sleep(IDLE_S / 6)
        code = close_code(stream)

    assert "label" in answer, f"SERVICE_STREAM_IDLE_S is {IDLE_S}: a stream in use stays open; see hint 1.9"
    assert 1008 == code, f"the close code after {IDLE_S} s without a message; see hint 1.9"
    assert 5 <= len(models["digits"].calls), "each message reached the model"


@contextlib.contextmanager
def flooded(service):
    """Send until the service takes no more; yield the connection and how many messages it took."""
    frame = text_frame(json.dumps({"features": ["x"] * 64}).ljust(MAX_BYTES))
    connection, sent = service.raw(), []

    def send_all():
        with contextlib.suppress(OSError):
            while len(sent) < FLOOD and connection.send(frame):
                sent.append(frame)

    connection.send(handshake(URL))
    assert connection.receive(b"\r\n\r\n").startswith(b"HTTP/1.1 101 "), (
        f"the handshake for {URL}; see hint 1.9"
    )
    sender = threading.Thread(target=send_all, daemon=True)
    sender.start()
    try:
        wait_until_blocked(service, sender, sent)
        yield connection, len(sent)
    finally:
        connection.close()
        sender.join()


def wait_until_blocked(service, sender, sent):
    """Wait until the service has answered ROUNDS other requests without taking a message."""
    rounds, last = 0, 0
    while sender.is_alive() and rounds < ROUNDS:
        service.client.get("/v1/models")
        time.sleep(ROUND_S)
        rounds, last = (rounds + 1 if len(sent) == last else 0), len(sent)


@task("1.9")
def test_a_slow_reader_is_slowed_down(service, rows):
    """Answers that nobody takes must not pile up in memory: who reads slowly may send only slowly."""
    with service.websocket(URL) as stream:
        good = ask(stream, message(rows["digits"][0]))
    with flooded(service) as (_, taken):
        pass

    assert "label" in good, "a client that reads gets its answers; see hint 1.9"
    assert taken < FLOOD, (
        f"{FLOOD} messages were sent while no answer was read, and the service took them all; see hint 1.9"
    )


@task("1.9")
def test_a_reader_that_takes_nothing_is_dropped(impatient, models, rows):
    """A client that hangs would hold its connection, and all that belongs to it, for ever."""
    with impatient.websocket(URL) as stream:
        good = ask(stream, message(rows["digits"][0]))
    with flooded(impatient) as (connection, taken):
        time.sleep(DROPPED_S)
        received = frames(connection.receive(timeout=READING_S))
        answers = [content for kind, content in received if kind == TEXT]

    assert "label" in good, "a client that reads gets its answers; see hint 1.9"
    assert 1 == len(models["digits"].calls), "only the good message should have reached the model"
    assert len(answers) < taken, (
        f"SERVICE_STREAM_SEND_TIMEOUT_S is {SEND_TIMEOUT_S}, no answer was read for {DROPPED_S} s: it should "
        "have ended, but every message was answered; see hint 1.9"
    )
