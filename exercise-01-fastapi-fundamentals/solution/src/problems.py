"""Every failure leaves the service as problem details (RFC 9457), no matter who noticed it.

    ServiceError              raised by a service            its own status
    HTTPException             raised by Starlette, FastAPI   404 and 405 of the router, 400 of the body parser
    RequestValidationError    raised by FastAPI              422, with a pointer to each wrong value
    any other                 a bug                          500, see middleware/error_boundary.py

Leaves out: problem types of our own; `about:blank` says that the status says it all.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.requests import HTTPConnection
from fastapi.responses import JSONResponse, Response
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException

from src.models.problem import FieldProblem, Problem
from src.services.errors import FieldError, InvalidInputError, ServiceError
from src.services.request_context import current_request
from src.state import state_of

logger = logging.getLogger(__name__)

# A body can be wrong in a hundred thousand places; nobody reads more than a few.
MAX_ERRORS = 20
INTERNAL = "the service has a fault; look for this request id in its log"


def problem(
    connection: HTTPConnection,
    status: int,
    detail: str,
    *,
    errors: Sequence[FieldError] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Make the answer for a failure.

    Args:
        connection: the request that failed; its path becomes `instance`.
        status: the HTTP status; its phrase becomes `title`.
        detail: what happened, and what would fix it.
        errors: the wrong values; left out of the answer when there are none.
        headers: headers that belong to the status, such as Allow.
    """
    # task 1.7: fill a Problem, with the id of current_request(), and return it as application/problem+json
    content = Problem(
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        instance=connection.url.path,
        request_id=current_request().request_id,
        errors=[FieldProblem(pointer=error.pointer, detail=error.detail) for error in errors] or None,
    )
    return JSONResponse(
        content.model_dump(exclude_none=True), status, headers, media_type="application/problem+json"
    )
    # end task 1.7


def json_pointer(path: Iterable[str | int]) -> str:
    """Write a path into a JSON document as a JSON pointer.

    >>> json_pointer(["instances", 2, "a/b"])
    '/instances/2/a~1b'
    """
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)


async def on_service_error(connection: HTTPConnection, error: ServiceError) -> Response:
    """Answer what a service raised on purpose: 503 with Retry-After, 500 without a word of the cause."""
    headers = {}
    if error.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = str(state_of(connection)["settings"].retry_after_s)
    # task 1.7: return a problem, with the errors of an InvalidInputError; of a 500 say INTERNAL alone
    if error.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.error("request %s: %s", current_request().request_id, error)
        return problem(connection, error.status, INTERNAL)
    errors = error.errors if isinstance(error, InvalidInputError) else ()
    return problem(connection, error.status, str(error), errors=errors[:MAX_ERRORS], headers=headers)
    # end task 1.7


async def on_http_exception(connection: HTTPConnection, error: HTTPException) -> Response:
    """Answer what Starlette and FastAPI raise; a 405 keeps its Allow, completed."""
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(allowed_methods(connection))
    # task 1.7: return a problem, with these headers
    return problem(connection, error.status_code, error.detail, headers=headers)
    # end task 1.7


async def on_validation_error(connection: HTTPConnection, error: RequestValidationError) -> Response:
    """Answer a body that does not fit its schema.

    pydantic names each place by a path such as ("body", "features", 3); a body that is not
    JSON has the path ("body", <position>), and the pointer to all of it is "".
    """
    # task 1.7: turn the first MAX_ERRORS of error.errors() into FieldErrors and return a problem
    errors = [
        FieldError("" if item["type"] == "json_invalid" else json_pointer(item["loc"][1:]), item["msg"])
        for item in error.errors()[:MAX_ERRORS]
    ]
    return problem(connection, 422, "the body is not what this route takes; see errors", errors=errors)
    # end task 1.7


def allowed_methods(connection: HTTPConnection) -> list[str]:
    """Return the methods of every route at this path; Starlette names those of the first alone."""
    methods: set[str] = set()
    for route in iter_route_contexts(connection.app.routes):
        if route.methods and route.path_regex.match(connection.scope["path"]):
            methods |= route.methods
    return sorted(methods)


def install(app: FastAPI) -> None:
    """Make the application answer its failures this way."""
    app.exception_handler(ServiceError)(on_service_error)
    app.exception_handler(HTTPException)(on_http_exception)
    app.exception_handler(RequestValidationError)(on_validation_error)
