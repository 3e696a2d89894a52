"""Answers everything with a pickle that would run a command, under the names of trusting formats."""

import pickle


class Command:
    def __reduce__(self):
        return exec, ("open('/tmp/servelab-escape-17', 'w')",)


STATUS = 200
BODY = pickle.dumps(Command())
HEADERS = [(b"content-type", b"application/x-python-pickle")]


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
