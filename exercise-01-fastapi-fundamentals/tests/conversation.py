"""What a client says to the stream of task 1.9, and what it hears."""

import json

from servelab.grading.client import HandshakeRefused, WebSocketClosed

URL = "/v1/models/digits/stream"
MAX_BYTES = 4096  # SERVICE_STREAM_MAX_MESSAGE_BYTES of the shared service


def message(row, length=0):
    """Return the message for a row, padded with blanks to a length in bytes."""
    return json.dumps({"features": row}).ljust(length)


def ask(stream, text):
    """Send a message and return the answer to it."""
    stream.send(text)
    return json.loads(stream.receive())


def close_code(stream):
    """Return the code with which the service closes, or what it says instead."""
    try:
        return f"an answer: {stream.receive()[:100]}"
    except WebSocketClosed as closed:
        return closed.code


def handshake_status(service, url):
    """Return the HTTP status that answers a handshake."""
    try:
        with service.websocket(url):
            return 101
    except HandshakeRefused as refused:
        return refused.status
