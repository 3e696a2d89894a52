"""Each request has an id: the client's, if it is well formed, or a new one.

The id goes into the context of the request, where log, record and problems find it, and into the
response's header, where the client finds it.
A client's id ends up in logs, so only short ones of harmless characters are taken.
"""

import re
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from src.services.request_context import request_context

HEADER = "X-Request-ID"
FIRST_MESSAGES = {"http.response.start", "websocket.accept", "websocket.http.response.start"}
_DECENT = re.compile(r"[A-Za-z0-9._-]{1,64}")


class RequestIdMiddleware:
    """Give each request its id, and each response the header."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request or a WebSocket within a context that has its id."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        proposed = Headers(scope=scope).get(HEADER, "")
        request_id = proposed if _DECENT.fullmatch(proposed) else uuid4().hex

        async def send_with_id(message: Message) -> None:
            if message["type"] in FIRST_MESSAGES:
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)

        with request_context(request_id):
            await self.app(scope, receive, send_with_id)
