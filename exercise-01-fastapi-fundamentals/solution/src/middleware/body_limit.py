"""No request body is larger than the service is willing to hold.

A body that announces its length is refused before a byte of it is read; one that doesn't is
refused as soon as it has grown too long. Both happen when a route asks for the body, so the route
is known and the exception handlers give the answer.
Starlette has a RequestBodyLimitMiddleware. It answers in plain text, past the exception handlers,
so it can't be used where every failure must be a problem.
"""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class BodyLimitMiddleware:
    """Answer 413 to bodies above `max_body_bytes`."""

    def __init__(self, app: ASGIApp, *, max_body_bytes: int) -> None:
        self.app = app
        self.max_body_bytes = max_body_bytes
        self.detail = f"the body is larger than {max_body_bytes} bytes; send less at a time"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Bound the body of an HTTP request; pass everything else on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        # An HTTPException: FastAPI turns anything else that is raised while it reads a body into a 400.
        too_large = HTTPException(413, self.detail)
        # task 1.7: give the app a receive() that raises too_large, by Content-Length or by what has come
        announced_bytes = int(Headers(scope=scope).get("content-length", "0"))
        received_bytes = 0

        async def receive_within_limit() -> Message:
            nonlocal received_bytes
            if announced_bytes > self.max_body_bytes:
                raise too_large
            message = await receive()
            received_bytes += len(message.get("body", b""))
            if received_bytes > self.max_body_bytes:
                raise too_large
            return message

        await self.app(scope, receive_within_limit, send)
        # end task 1.7
