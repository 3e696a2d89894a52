"""Each request is timed, counted and logged.

This one is outside the error boundary, so it sees the 500 that an exception becomes, and
inside of the request id, so the log has it.
"""

from time import perf_counter

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from src.services.access_log import AccessLog
from src.services.metrics import Metrics
from src.services.request_context import current_request

# The client left before there was an answer; what nginx logs then.
NO_ANSWER = 499
UNMATCHED = "unmatched"


class ObserveMiddleware:
    """Server-Timing for the client, metrics for Prometheus, and one line for the log.

    However a request ends, it is noted once and is no longer active. Without any response its
    status is 499 when the client has left, and 500 when an exception comes out of the app.
    """

    def __init__(self, app: ASGIApp, *, metrics: Metrics, log: AccessLog) -> None:
        self.app = app
        self.metrics = metrics
        self.log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, and note how that went."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        # task 1.10: count it as active while the app runs, send Server-Timing, and at the end call _note
        started = perf_counter()
        status = NO_ANSWER

        async def send_with_timing(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["Server-Timing"] = server_timing(perf_counter() - started)
            await send(message)

        self.metrics.active.inc()
        try:
            await self.app(scope, receive, send_with_timing)
        except Exception:
            # Without an error boundary inside, the server will answer 500 in our place.
            status = 500
            raise
        finally:
            # In `finally`: an exception must not leave the request active for ever.
            self.metrics.active.dec()
            self._note(scope, status, perf_counter() - started)
        # end task 1.10

    def _note(self, scope: Scope, status: int, duration_s: float) -> None:
        """Write the line of a request into the log, and its duration into the histogram.

        The line has request_id, method, route, path, status and duration_ms. The histogram has the
        route and not the path: there are as many paths as predictions, and each label value costs
        memory for ever.
        """
        # task 1.10: observe the duration by method, route and status, and write the line
        route = route_of(scope)
        self.metrics.requests.labels(scope["method"], route, str(status)).observe(duration_s)
        self.log.write(
            "request",
            request_id=current_request().request_id,
            method=scope["method"],
            route=route,
            path=scope["path"],
            status=status,
            duration_ms=round(duration_s * 1000, 3),
        )
        # end task 1.10


def server_timing(duration_s: float) -> str:
    """Return the value of Server-Timing: the time so far, and that of the model if one ran.

    >>> server_timing(0.0125)
    'app;dur=12.500'
    """
    entries = [f"app;dur={duration_s * 1000:.3f}"]
    if (model_s := current_request().model_s) is not None:
        entries.insert(0, f"model;dur={model_s * 1000:.3f}")
    return ", ".join(entries)


def route_of(scope: Scope) -> str:
    """Return the template of the route that a request was given to, such as `/v1/models/{name}`.

    The router leaves the route in the scope, so there is one only after the app has run.
    """
    return getattr(scope.get("route"), "path", UNMATCHED)
