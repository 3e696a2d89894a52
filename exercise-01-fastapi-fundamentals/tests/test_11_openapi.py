"""Task 1.11: the OpenAPI document says what the service does, and the service does what it says."""

import json
import re
import subprocess

import images
import numpy as np
import pytest

from servelab.grading.marks import task

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
TAGS = ["health", "models", "predictions"]
PROBLEM = "application/problem+json"
READABLE = re.compile(r"[a-z]+(?:_[a-z0-9]+)*|[a-z]+(?:[A-Z][a-z0-9]*)*")
MAX_ID = 40
SEGMENT = r"\{\w+\}"
TOO_LONG = b" " * 70_000  # SERVICE_MAX_BODY_BYTES of the shared service is 65536

MODEL = f"/v1/models/{SEGMENT}"
PREDICTIONS, BATCH, IMAGES = f"{MODEL}/predictions", f"{MODEL}/batch", f"{MODEL}/images"
PREDICTION = f"/v1/predictions/{SEGMENT}"
FEEDBACK = f"{PREDICTION}/feedback"
OPERATIONS = {
    "ready": ("get", "/health/ready"),
    "get_model": ("get", MODEL),
    "create_prediction": ("post", PREDICTIONS),
    "create_batch": ("post", BATCH),
    "create_image_prediction": ("post", IMAGES),
    "get_prediction": ("get", PREDICTION),
    "put_feedback": ("put", FEEDBACK),
}
BAD_BODIES = {  # sent to every operation that takes a body
    415: {"content": b"one, two, three", "headers": {"content-type": "text/csv"}},
    413: {"content": TOO_LONG, "headers": {"content-type": "application/json"}},
    422: {"json": {"instances": [], "features": [], "label": ""}},
    "not UTF-8": {"content": b'{"features": "\xff"}', "headers": {"content-type": "application/json"}},
}


@pytest.fixture
def document(service):
    """The OpenAPI document of the service."""
    reply = service.client.get("/openapi.json")
    assert 200 == reply.status_code, "GET /openapi.json"
    return reply.json()


def operations(document):
    """Return (method, path, operation) of every operation."""
    return [
        (method, path, item[method])
        for path, item in document.get("paths", {}).items()
        for method in METHODS
        if method in item
    ]


def find(document, name):
    """Return the documented operation of that name."""
    wanted, pattern = OPERATIONS[name]
    found = [
        each
        for method, path, each in operations(document)
        if method == wanted and re.fullmatch(pattern, path)
    ]
    assert 1 == len(found), (
        f"{wanted.upper()} {pattern.replace(SEGMENT, '{…}')} is described once; see hint 1.11"
    )
    return found[0]


def refusals(name, service, models, row):
    """Make an operation fail in every way that it has, and return the answers."""
    method, pattern = OPERATIONS[name]
    location = service.client.post("/v1/models/digits/predictions", json={"features": row}).headers[
        "location"
    ]
    known = {MODEL: "/v1/models/digits", PREDICTION: location}
    prefix = MODEL if pattern.startswith(MODEL) else PREDICTION
    url = pattern.replace(prefix, known[prefix]) if prefix in pattern else pattern
    ask = lambda url, **options: service.client.request(method.upper(), url, **options)  # noqa: E731
    good = _good_request(name, row)

    replies = []
    if prefix in pattern:
        replies.append(ask(pattern.replace(prefix, known[prefix].rpartition("/")[0] + "/nobody"), **good))
    if method in ("post", "put"):
        replies += [ask(url, **bad) for bad in BAD_BODIES.values()]
    if method == "post" or name == "ready":
        with models["digits"].failing():
            replies.append(ask(url, **good))
    if method == "post":
        with models["digits"].answering([float("nan")] * 10):
            replies.append(ask(url, **good))
    return replies


def _good_request(name, row):
    picture = images.grey(np.zeros((8, 8), np.uint8))
    return {
        "create_prediction": {"json": {"features": row}},
        "create_batch": {"json": {"instances": [{"features": row}]}},
        "create_image_prediction": {"content": picture, "headers": {"content-type": "image/png"}},
        "put_feedback": {"json": {"label": "3"}},
    }.get(name, {})


@task("1.11")
def test_operation_ids_are_names(document):
    """Generators turn them into function names; nobody wants to call live_health_live_get()."""
    ids = [operation.get("operationId", "") for _, _, operation in operations(document)]
    strange = [
        each for each in ids if not READABLE.fullmatch(each) or len(each) > MAX_ID or each.endswith(METHODS)
    ]

    assert ids, "the document describes no operation"
    assert sorted(set(ids)) == sorted(ids), "each operation has an operationId of its own; see hint 1.11"
    assert [] == strange, "operationIds with a path or a method in them, as FastAPI makes them; see hint 1.11"


@task("1.11")
def test_each_operation_has_a_tag(document):
    """Documentation and clients are grouped by tags; without them there is one long list."""
    found = {f"{method.upper()} {path}": each.get("tags") for method, path, each in operations(document)}
    loose = [where for where, tags in found.items() if not tags or len(tags) != 1 or tags[0] not in TAGS]

    assert found, "the document describes no operation"
    assert [] == loose, f"operations without exactly one of the tags {', '.join(TAGS)}; see hint 1.11"


@task("1.11")
@pytest.mark.parametrize("name", OPERATIONS)
def test_every_failure_is_described(service, models, rows, document, name):
    """A generated client can only handle a failure that it has heard of."""
    described = find(document, name).get("responses", {})
    replies = refusals(name, service, models, rows["digits"][0])

    failures = [reply for reply in replies if reply.status_code >= 400]
    assert failures, "every one of these requests has something wrong with it"
    missing = {
        reply.status_code: reply.headers.get("content-type", "").partition(";")[0]
        for reply in failures
        if list(described.get(str(reply.status_code), {}).get("content", {}))
        != [reply.headers.get("content-type", "").partition(";")[0]]
    }
    assert {} == missing, (
        f"{name} answered with these statuses and media types, and describes {sorted(described)}, or another "
        "media type; see hint 1.11"
    )


@task("1.11")
def test_failures_are_described_as_problems(document):
    """FastAPI describes a 422 of its own shape, which this service never answers."""
    found = {
        f"{method.upper()} {path} {status}": sorted(response.get("content", {}))
        for method, path, operation in operations(document)
        for status, response in operation["responses"].items()
        if not status.startswith("2")
    }

    assert found, "the document describes no failure at all; see hint 1.11"
    assert {} == {where: kinds for where, kinds in found.items() if kinds != [PROBLEM]}, (
        f"failures that are not described as {PROBLEM} alone; see hint 1.11"
    )


@task("1.11")
def test_headers_that_clients_need_are_described(document):
    """Where the new thing is, and when to come again: clients must not have to guess the headers."""
    headers = {
        (name, status): find(document, name)["responses"].get(status, {}).get("headers", {})
        for name, status in (
            ("create_prediction", "201"),
            ("create_image_prediction", "201"),
            ("ready", "503"),
        )
    }

    assert {"201": ["Location"], "503": ["Retry-After"]} == {
        status: sorted({header for (_, each), found in headers.items() if each == status for header in found})
        for status in ("201", "503")
    }, "headers that are described for 201 and for 503; see hint 1.11"


@task("1.11")
def test_both_ways_to_send_an_image_are_described(document):
    """The route reads the body itself, so nobody but you knows what it takes."""
    content = find(document, "create_image_prediction").get("requestBody", {}).get("content", {})

    assert ["image/png", "multipart/form-data"] == sorted(content), (
        "media types of the image's body; see hint 1.11"
    )
    assert "file" in json.dumps(content["multipart/form-data"]), (
        "the form's field is called file; see hint 1.11"
    )


@task("1.11")
def test_the_service_does_what_its_document_says(service):
    """Hundreds of requests, made from the document, find what its author has not thought of."""
    import conformance  # noqa: PLC0415 - only here

    try:
        found = conformance.findings(service.url())
    except subprocess.TimeoutExpired:
        found = [f"it was not done after {conformance.TIMEOUT_S} s: does a request hang?"]
    if found:
        msg = "schemathesis compared answers with /openapi.json; see hint 1.11\n" + "\n\n".join(found)
        raise AssertionError(msg)


def _examples(document, schema):
    """Return the examples of a schema; those of its parts do not count."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return [*schema.get("examples", []), *([schema["example"]] if "example" in schema else [])]


@task("1.11", guard=True)
@pytest.mark.parametrize("name", ["create_prediction", "create_batch", "put_feedback"])
def test_examples_of_bodies_are_accepted(service, rows, document, name):
    """The first thing that anybody does with a documentation page is to send its example."""
    method, pattern = OPERATIONS[name]
    bodies = [
        content
        for each, path, operation in operations(document)
        if each == method and re.fullmatch(pattern, path)
        for kind, content in operation.get("requestBody", {}).get("content", {}).items()
        if kind == "application/json"
    ]
    examples = [example for body in bodies for example in _examples(document, body.get("schema", {}))]
    made = service.client.post("/v1/models/digits/predictions", json={"features": rows["digits"][0]})
    url = pattern.replace(PREDICTION, made.headers.get("location", "")).replace(SEGMENT, "digits")

    replies = [service.client.request(method.upper(), url, json=example) for example in examples]

    assert [] == [reply.status_code for reply in replies if reply.status_code >= 400], (
        f"{method.upper()} {url} with the examples that the document gives; see hint 1.11"
    )


@task("1.11", guard=True)
def test_the_documentation_page_needs_no_network(service):
    """Many a data centre, and every train, can't reach a CDN."""
    page = service.client.get("/docs").text
    loaded = re.findall(r"""(?:src|href)=["']([^"']+)["']""", page)

    assert [] == [url for url in loaded if re.match(r"(?:https?:)?//", url)], (
        "what GET /docs loads from elsewhere"
    )
    assert [] == [url for url in loaded if service.client.get(url).status_code != 200], (
        "what GET /docs loads in vain"
    )
