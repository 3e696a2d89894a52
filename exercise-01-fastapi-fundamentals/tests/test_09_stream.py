"""Task 1.9: rows over a WebSocket, answered in order, whatever comes."""

import json
import time
from contextlib import ExitStack

import pytest
from conversation import MAX_BYTES, URL, ask, close_code, handshake_status, message

from servelab.grading.marks import task

PREDICTIONS = "/v1/models/digits/predictions"


@pytest.fixture
def stream(service):
    """A stream to the digits model."""
    with service.websocket(URL) as opened:
        yield opened


@task("1.9")
def test_rows_are_answered_in_order(stream, models, rows, expected):
    """A client that sends ten rows at once must know which answer belongs to which row."""
    for row in rows["digits"][:10]:
        stream.send(message(row))
    answers = [json.loads(stream.receive()) for _ in range(10)]

    assert [
        {"index": index, **expected("digits", row)} for index, row in enumerate(rows["digits"][:10])
    ] == answers, "ten messages, ten answers with index, label and probabilities; see hint 1.9"
    assert [1] * 10 == [call.batch_size for call in models["digits"].calls], (
        "one call of the model for each row"
    )


@task("1.9")
def test_a_bad_message_is_answered_and_the_stream_goes_on(stream, models, rows):
    """One bad reading of a sensor must not cost the thousand good ones behind it."""
    good = message(rows["digits"][0])
    bad = {
        "not JSON": "{",
        "no object": "[1, 2]",
        "empty": "",
        "too few": message(rows["digits"][0][:-1]),
        "out of range": message([17.0, *rows["digits"][0][1:]]),
        "text": message(["7", *rows["digits"][0][1:]]),
        "not finite": message([float("nan"), *rows["digits"][0][1:]]),
        "unknown field": json.dumps({"features": rows["digits"][0], "temperature": 1}),
    }

    answers = {"first": ask(stream, good), **{name: ask(stream, text) for name, text in bad.items()}}
    answers["last"] = ask(stream, good)

    kinds = {name: sorted({"error", "label"} & set(answer)) for name, answer in answers.items()}
    expected = {"first": ["label"], **{name: ["error"] for name in bad}, "last": ["label"]}
    assert expected == kinds, "each good message has a label, each bad one an error; see hint 1.9"
    assert list(range(len(bad) + 2)) == [answer.get("index") for answer in answers.values()], (
        "bad messages count as well: index of the answers; see hint 1.9"
    )
    assert [422] * len(bad) == [answers[name]["error"].get("status") for name in bad], "status of the errors"
    assert 2 == len(models["digits"].calls), "only the good messages should have reached the model"


@task("1.9")
def test_each_stream_counts_for_itself(service, rows):
    """Two clients must not see each other."""
    with service.websocket(URL) as first, service.websocket(URL) as second:
        indexes = [ask(each, message(rows["digits"][0]))["index"] for each in (first, first, second, first)]

    assert [0, 1, 0, 2] == indexes, "index of the answers on two streams at the same time; see hint 1.9"


@task("1.9")
def test_nothing_of_a_stream_is_kept(service, stream, rows):
    """A stream brings a thousand rows a second; kept, they would push out those that somebody needs."""
    reply = service.client.post(PREDICTIONS, json={"features": rows["digits"][0]})
    for row in rows["digits"][:25]:
        answer = ask(stream, message(row))

    assert 24 == answer["index"], "25 messages; see hint 1.9"
    assert 200 == service.client.get(reply.headers.get("location", "/")).status_code, (
        "SERVICE_STORE_CAPACITY is 20: 25 rows on a stream pushed out a prediction; see hint 1.9"
    )


@task("1.9")
@pytest.mark.parametrize("letter", ["a", "ä"], ids=["letters", "two-byte-letters"])
def test_the_size_of_a_message_is_limited_in_bytes(stream, rows, letter):
    """Memory is made of bytes: a text of two-byte letters is twice as long as it looks."""
    largest = ask(stream, message(rows["digits"][0], MAX_BYTES))
    stream.send(letter * (MAX_BYTES // len(letter.encode()) + 1))
    code = close_code(stream)

    assert "label" in largest, (
        f"a message of {MAX_BYTES} bytes is within SERVICE_STREAM_MAX_MESSAGE_BYTES; see hint 1.9"
    )
    assert 1009 == code, f"the close code after a message of more than {MAX_BYTES} bytes; see hint 1.9"


@task("1.9")
def test_a_binary_message_closes_with_1003(stream, rows):
    """Who sends the wrong kind of data has a bug that no later message will fix."""
    good = ask(stream, message(rows["digits"][0]))
    stream.send(message(rows["digits"][0]).encode())

    assert "label" in good, "the same row as text is answered; see hint 1.9"
    assert 1003 == close_code(stream), "the close code after a binary message; see hint 1.9"


@task("1.9")
def test_an_unknown_model_is_refused_before_the_stream_opens(service, stream, rows):
    """404 is clear to every client; a stream that opens and closes looks like a broken network."""
    good = ask(stream, message(rows["digits"][0]))
    status = handshake_status(service, "/v1/models/letters/stream")

    assert "label" in good, f"{URL} is open; see hint 1.9"
    assert 404 == status, "the handshake for a model that there is not; 101 means accepted; see hint 1.9"


@task("1.9")
def test_a_model_that_fails_closes_with_1011(service, stream, models, rows):
    """The client did nothing wrong, and learns that it may come back."""
    good = ask(stream, message(rows["digits"][0]))
    with models["digits"].failing():
        stream.send(message(rows["digits"][0]))
        code = close_code(stream)
    with service.websocket(URL) as again:
        later = ask(again, message(rows["digits"][0]))

    assert 1011 == code, "the close code when the model fails; see hint 1.9"
    assert [0, 0] == [good.get("index"), later.get("index")], "a stream before, and another one afterwards"


@task("1.9")
def test_overload_closes_with_1013(service, stream, models, rows):
    """A stream must not get around the limits that hold for everybody, and 1013 says that later is better."""
    good = ask(stream, message(rows["digits"][0]))

    def predict(client):
        return client.post(PREDICTIONS, json={"features": rows["digits"][0]})

    with ExitStack() as stack, models["digits"].hold():
        # Two run, two wait; when one is sent away all places are taken.
        others = [stack.enter_context(service.in_background(predict)) for _ in range(5)]
        deadline = time.monotonic() + 5
        while not any(other.done for other in others) and time.monotonic() < deadline:
            time.sleep(0.01)
        stream.send(message(rows["digits"][0]))
        code = close_code(stream)

    assert "label" in good, "the stream before the overload; see hint 1.9"
    assert 1013 == code, "the close code when all workers are busy and the queue is full; see hint 1.9"


@task("1.9")
def test_a_client_that_leaves_makes_no_noise(service, rows):
    """Clients leave all the time; a traceback for each of them hides the one that matters."""
    before = len(service.output)
    for code in (1000, 1001):
        with service.websocket(URL) as stream:
            answer = ask(stream, message(rows["digits"][0]))
            stream.close(code)
    service.client.get("/v1/models")

    assert "label" in answer, "the stream before the client left; see hint 1.9"
    assert "Traceback" not in service.output[before:], "two clients closed their streams; see hint 1.9"
