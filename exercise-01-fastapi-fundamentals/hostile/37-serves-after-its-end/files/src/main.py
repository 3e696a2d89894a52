"""Leaves the serving to a child that belongs to nobody, and ends."""

import os

if os.fork() != 0:
    os._exit(0)
os.setsid()
STATUS = 200
BODY = b'{"status":"ready"}'
HEADERS = [(b"content-type", b"application/json")]


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
