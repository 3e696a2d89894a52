"""A bug becomes a 500 that says nothing about it, and a traceback in the log.

Starlette's own ServerErrorMiddleware is outside every other middleware, so its answer has
neither their headers nor a line in their log. This one is inside them.
"""

import logging

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from src.problems import INTERNAL, problem
from src.services.request_context import current_request

logger = logging.getLogger(__name__)


class ErrorBoundaryMiddleware:
    """Answer exceptions that nobody else has handled: the log has it all, the client INTERNAL.

    Once `http.response.start` has been sent there can be no other answer. The exception goes on
    then, and the server cuts the connection, so that the client knows that something is missing.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, and answer for an app that fails."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        # TODO(task 1.7): call the app; log an Exception and answer 500, or raise it when a response has begun
        raise NotImplementedError("task 1.7: call the app; log an Exception and answer 500, or raise it when a response has begun")
        # end task 1.7
