"""A start that fails says why in one line, without a traceback.

The lifespan's exception travels as a traceback in `lifespan.startup.failed`. That message is held
back until the exception itself arrives here; if it is a CannotStartError, its own line is sent
instead. Anything else is a bug, and keeps its traceback.
Source: ASGI specification, "Lifespan Protocol".
"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from src.services.errors import CannotStartError


class StartupMiddleware:
    """Put `cannot start: …` instead of a traceback."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the lifespan, and say in one line why it could not start."""
        if scope["type"] != "lifespan":
            await self.app(scope, receive, send)
            return
        failed: Message | None = None

        async def hold_failure(message: Message) -> None:
            nonlocal failed
            if message["type"] == "lifespan.startup.failed":
                failed = message
            else:
                await send(message)

        try:
            await self.app(scope, receive, hold_failure)
        except CannotStartError as error:
            await send({"type": "lifespan.startup.failed", "message": f"cannot start: {error}"})
        except BaseException:
            if failed is not None:
                await send(failed)
            raise
