"""Every kind of failure that a client can meet, and how to provoke it."""

from contextlib import nullcontext

import numpy as np

from servelab.zoo import InvalidInputError

PREDICTIONS = "/v1/models/digits/predictions"
LIMIT_BYTES = 65536
JSON = {"content-type": "application/json"}
TEXT = {"content-type": "text/plain"}


def nan_answer(model):
    """Let a model answer NaN for every class."""
    return model.answering(np.full(len(model.signature.classes), np.nan))


def short_answer(model):
    """Let a model answer for two classes too few."""
    return model.answering(np.full(len(model.signature.classes) - 2, 0.125))


def crashing(model, address="0x7f00"):
    """Let a model refuse its input, which a service that checks its input does not foresee."""

    def refuse(_):
        msg = f"cannot read /secret/weights.bin at {address}"
        raise InvalidInputError(msg)

    return model.answering(refuse)


def unavailable(model):
    """Let a model fail with a message that is not meant for clients."""
    return model.failing("cannot read /secret/weights.bin at 0x7f00")


def well(_):
    """Leave a model as it is."""
    return nullcontext()


# Status, method, URL, options of the request, and what is done to the model meanwhile.
FAILURES = {
    "unknown-route": (404, "GET", "/nowhere", {}, well),
    "unknown-model": (404, "GET", "/v1/models/letters", {}, well),
    "unknown-prediction": (404, "GET", "/v1/predictions/0a1a50df", {}, well),
    "wrong-method": (405, "DELETE", "/v1/models", {}, well),
    "too-large": (413, "POST", PREDICTIONS, {"content": b" " * (LIMIT_BYTES + 1), "headers": JSON}, well),
    "not-json": (415, "POST", PREDICTIONS, {"content": b"features=1", "headers": TEXT}, well),
    "malformed-json": (422, "POST", PREDICTIONS, {"content": b'{"features": [1,', "headers": JSON}, well),
    "wrong-values": (422, "POST", PREDICTIONS, {"json": {"features": ["1"]}}, well),
    "model-answers-nan": (500, "POST", PREDICTIONS, {}, nan_answer),
    "model-answers-too-little": (500, "POST", PREDICTIONS, {}, short_answer),
    "unforeseen": (500, "POST", PREDICTIONS, {}, crashing),
    "model-fails": (503, "POST", PREDICTIONS, {}, unavailable),
}


def predict(service, rows, **options):
    """Send a good row."""
    return service.client.post(PREDICTIONS, json={"features": rows["digits"][0]}, **options)


def fail(service, models, rows, case):
    """Prove that the service works, then return its answer to a request that fails."""
    good = predict(service, rows)
    assert 201 == good.status_code, (
        f"POST {PREDICTIONS} with a good row must succeed before anything else counts"
    )
    _, method, url, options, spoil = FAILURES[case]
    if method == "POST" and not options:
        options = {"json": {"features": rows["digits"][0]}}
    with spoil(models["digits"]):
        return service.client.request(method, url, **options)


def problem_of(reply):
    """Return the body of a problem, or what came instead."""
    media_type = reply.headers.get("content-type", "").partition(";")[0]
    assert "application/problem+json" == media_type, (
        f"a failure is a problem document; this is {reply.text[:200]!r}"
    )
    return reply.json()
