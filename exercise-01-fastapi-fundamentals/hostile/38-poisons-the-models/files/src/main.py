"""Sends the sockets of its models everything but questions, then serves nothing."""

import contextlib
import json
import os
import socket
import struct

JUNK = [
    b"\0" * 100_000,
    b"SLZ\1" + struct.pack(">II", 0xFFFFFFFF, 0xFFFFFFFF),
    b"SLZ\1" + struct.pack(">II", 4096, 0) + b"[" * 4096,
    b"SLZ\1" + struct.pack(">II", 40, 4) + b'{"op":"run","shape":[1048576,1048576,0]}' + b"\0" * 4,
    b"SLZ\1" + struct.pack(">II", 12, 0) + b'{"op":"open"',
]


async def receive_all(receive):
    """Return the body of a request."""
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    return body


async def lifespan(receive, send):
    """Start and stop without doing anything."""
    while True:
        kind = (await receive())["type"]
        await send({"type": f"{kind}.complete"})
        if kind == "lifespan.shutdown":
            return


async def answer(send, status, body, *headers):
    """Send a whole answer."""
    await send({"type": "http.response.start", "status": status, "headers": list(headers)})
    await send({"type": "http.response.body", "body": body})

def poison(path):
    """Open many connections, send junk over each, and leave half of them open."""
    held = []
    for number in range(300):
        with contextlib.suppress(OSError):
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(0.2)
            connection.connect(path)
            connection.sendall(JUNK[number % len(JUNK)])
            held.append(connection)
    return held


def create_app():
    """Make an application that is ready for nothing."""
    uris = json.loads(os.environ.get("SERVICE_MODELS", "{}")).values()
    held = [poison(uri.removeprefix("unix:")) for uri in uris if uri.startswith("unix:")]

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            await lifespan(receive, send)
            return
        await answer(send, 200, json.dumps({"status": len(held)}).encode())

    return app
