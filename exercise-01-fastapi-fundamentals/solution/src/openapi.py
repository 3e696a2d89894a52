"""The description of the service for programs: OpenAPI 3.1 at /openapi.json.

FastAPI derives paths, parameters, bodies and the successful responses from the routes. What it
can't see is added here: which failures an operation has, that each of them is a problem, the
headers that matter, and a body that the route reads by itself.
Source: OpenAPI Specification 3.1; FastAPI, "Extending OpenAPI".
"""

from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI

from src.models.problem import Problem

TAGS: list[dict[str, Any]] = [
    {"name": "health", "description": "Probes for an orchestrator."},
    {"name": "models", "description": "The models that can be asked."},
    {"name": "predictions", "description": "What the models say; kept for a while."},
]

LOCATION = {
    "description": "Where the prediction is.",
    "schema": {"type": "string", "format": "uri-reference"},
}
PROBLEM_SCHEMA = "#/components/schemas/Problem"

IMAGE_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "image/png": {"schema": {"type": "string", "format": "binary"}},
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "properties": {"file": {"type": "string", "format": "binary"}},
                "required": ["file"],
            },
            "encoding": {"file": {"contentType": "image/png"}},
        },
    },
}


@dataclass(frozen=True)
class Operation:
    """What FastAPI can't know of an operation."""

    tag: str
    failures: tuple[int, ...] = ()
    body: dict[str, Any] | None = None


# What any route can answer that takes a body and runs a model.
PREDICTING = (400, 404, 413, 415, 422, 500, 503)

# By operation id, which is the name of the route's function.
OPERATIONS: dict[str, Operation] = {
    # task 1.11, declaration: each operation with its tag and every status by which it can fail
    "live": Operation("health"),
    "ready": Operation("health", (503,)),
    "list_models": Operation("models"),
    "get_model": Operation("models", (404,)),
    "create_prediction": Operation("predictions", PREDICTING),
    "create_batch": Operation("predictions", PREDICTING),
    "create_image_prediction": Operation("predictions", PREDICTING, IMAGE_BODY),
    "get_prediction": Operation("predictions", (404,)),
    "put_feedback": Operation("predictions", (400, 404, 413, 415, 422)),
    "delete_prediction": Operation("predictions"),
    # end task 1.11
}


def failure(status: int) -> dict[str, Any]:
    """Describe a response that is a problem; a 503 has Retry-After.

    >>> failure(404)["content"]
    {'application/problem+json': {'schema': {'$ref': '#/components/schemas/Problem'}}}
    """
    response: dict[str, Any] = {
        "description": HTTPStatus(status).phrase,
        "content": {"application/problem+json": {"schema": {"$ref": PROBLEM_SCHEMA}}},
    }
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        seconds = {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}
        response["headers"] = {"Retry-After": seconds}
    return response


def describe(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema with what OPERATIONS adds to it.

    Args:
        schema: as FastAPI generates it. Under `paths` it has, for each path and method, an
            operation with `operationId` and `responses` (status as text -> response).
    """
    # task 1.11: give each operation its tag, its body, its failures, and a 201 its Location
    for methods in schema["paths"].values():
        for described in methods.values():
            operation = OPERATIONS[described["operationId"]]
            described["tags"] = [operation.tag]
            if operation.body is not None:
                described["requestBody"] = operation.body
            responses = described["responses"]
            # FastAPI documents a 422 of its own shape wherever there is a parameter.
            responses.pop("422", None)
            responses |= {str(status): failure(status) for status in operation.failures}
            if "201" in responses:
                responses["201"]["headers"] = {"Location": LOCATION}
    schemas = schema["components"]["schemas"]
    schemas |= problem_schemas()
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    return schema
    # end task 1.11


def problem_schemas() -> dict[str, Any]:
    """Return the schema of Problem, and of what it refers to, by name."""
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**problem.pop("$defs"), "Problem": problem}


def install(app: FastAPI) -> None:
    """Make the application describe itself this way."""
    generate = app.openapi

    @cache
    def described() -> dict[str, Any]:
        return describe(generate())

    app.openapi = described  # type: ignore[method-assign] # FastAPI's documented way to extend it
