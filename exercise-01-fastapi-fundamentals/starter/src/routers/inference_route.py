"""Routes whose work is given up when the client goes away.

A server tells an application that the client has left only through `receive`, and an
application that awaits a model does not look there. So these routes read the body first and
then watch `receive` while the handler runs.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.requests import Request
from fastapi.responses import Response
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect
from starlette.types import Receive

# What nginx logs for "client closed request"; nobody is there to receive it.
CLIENT_CLOSED_REQUEST = 499


class InferenceRoute(APIRoute):
    """A route that is cancelled when its client disconnects: `APIRouter(route_class=InferenceRoute)`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return FastAPI's handler of this route, run only as long as the client is there."""
        handle = super().get_route_handler()

        async def handle_while_connected(request: Request) -> Response:
            try:
                # FastAPI takes the body from the request's cache when it reads it again.
                await request.body()
                return await while_connected(request.receive, handle(request))
            except ClientDisconnect:
                return Response(status_code=CLIENT_CLOSED_REQUEST)

        return handle_while_connected


async def while_connected(receive: Receive, work: Coroutine[Any, Any, Response]) -> Response:
    """Return what the work returns, or cancel it when the client disconnects.

    Args:
        receive: the request's channel, after its body has been read: what comes next is
            `http.disconnect`.
        work: the coroutine of the route's handler.

    Raises:
        ClientDisconnect: the client left first; the work has been cancelled and has ended.
    """
    # TODO(task 1.6): run the work beside _disconnected(receive), and cancel whichever is not done first
    return await work
    # end task 1.6


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
