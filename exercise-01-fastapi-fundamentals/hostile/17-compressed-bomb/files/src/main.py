"""Answers everything with 64 MiB in some kilobytes."""

import zlib

STATUS = 200
squeeze = zlib.compressobj(1, zlib.DEFLATED, 31)
BODY = b"".join(squeeze.compress(bytes(1 << 20)) for _ in range(64)) + squeeze.flush()
HEADERS = [(b"content-type", b"application/json"), (b"content-encoding", b"gzip")]


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

def create_app():
    """Make an application that gives one answer to everything."""

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            await lifespan(receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close"})
        else:
            await receive_all(receive)
            await answer(send, STATUS, BODY, *HEADERS)

    return app
