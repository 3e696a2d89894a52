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
    # TODO(task 1.11), declaration: each operation with its tag and every status by which it can fail
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
    # TODO(task 1.11): give each operation its tag, its body, its failures, and a 201 its Location
    raise NotImplementedError("task 1.11: give each operation its tag, its body, its failures, and a 201 its Location")
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
