"""Rows over a WebSocket, answered in order.

    WS /v1/models/{name}/stream

    {"features": […]}    {"index": 0, "label": …, "probabilities": {…}}
    anything else        {"index": 1, "error": <problem>}, and the stream goes on

The handshake is refused with 404 when there is no such model. The service ends a stream with
1003 (a message that is not text), 1008 (nothing came for too long), 1009 (a message over the limit),
1011 (the model failed) or 1013 (too many predictions at once); a client that takes no answers is
left without a word, because no word would reach it.

One message is taken, answered, and only then the next one is taken. So a client that sends faster
than it reads is slowed down by its own connection, and no buffer grows: the server stops reading
from the socket while a message waits, and `send` waits while the socket is full.
Source: RFC 6455, section 7.4.1, and IANA's registry of close codes (1013).
Leaves out: several rows in flight, which would be faster and needs a window.
"""

import asyncio
from contextlib import suppress
from http import HTTPStatus
from itertools import count

from fastapi import APIRouter
from pydantic import ValidationError
from starlette import status
from starlette.websockets import WebSocket, WebSocketDisconnect

from src.config import Settings
from src.models.prediction import PredictionRequest
from src.models.problem import FieldProblem, Problem
from src.models.stream import StreamAnswer, StreamError
from src.problems import MAX_ERRORS, json_pointer
from src.services.errors import InvalidInputError, OverloadedError, ServiceError
from src.services.predictor import Predictor
from src.services.request_context import current_request
from src.state import ModelsDep, PredictorDep, SettingsDep

router = APIRouter(prefix="/v1/models")


class StreamEnd(Exception):  # noqa: N818 - not an error: the way in which a stream ends
    """The service ends the stream with this close code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


# TODO(task 1.9), declaration: stream: get the model, accept, answer one message after the other, close
# end task 1.9


async def receive_text(websocket: WebSocket, settings: Settings) -> str:
    """Return the next message.

    Raises:
        StreamEnd: nothing came for `stream_idle_s`, or a message that is binary or too large.
        WebSocketDisconnect: the client closed the connection.
    """
    # TODO(task 1.9): wait for websocket.receive(), but not for ever; look at the message's type and size
    raise NotImplementedError("task 1.9: wait for websocket.receive(), but not for ever; look at the message's type and size")
    # end task 1.9


async def answer(
    index: int, text: str, name: str, websocket: WebSocket, predictor: Predictor
) -> StreamAnswer | StreamError:
    """Classify the row of one message, or say what is wrong with it.

    Raises:
        StreamEnd: the service is overloaded, or the model has failed.
    """
    # TODO(task 1.9): validate and classify; answer wrong input by a StreamError, end the stream by the rest
    raise NotImplementedError("task 1.9: validate and classify; answer wrong input by a StreamError, end the stream by the rest")
    # end task 1.9


async def send(websocket: WebSocket, reply: StreamAnswer | StreamError, settings: Settings) -> None:
    """Send an answer.

    Raises:
        TimeoutError: the client has taken nothing for `stream_send_timeout_s`.
    """
    # TODO(task 1.9): send the reply as JSON, within stream_send_timeout_s
    raise NotImplementedError("task 1.9: send the reply as JSON, within stream_send_timeout_s")
    # end task 1.9


async def close(websocket: WebSocket, end: StreamEnd, settings: Settings) -> None:
    """Send the close frame, as far as the client still takes it."""
    with suppress(WebSocketDisconnect, TimeoutError):
        async with asyncio.timeout(settings.stream_send_timeout_s):
            await websocket.close(end.code, str(end))


def refusal(websocket: WebSocket, errors: list[FieldProblem]) -> Problem:
    """Describe a message that could not be classified."""
    return Problem(
        title=HTTPStatus.UNPROCESSABLE_ENTITY.phrase,
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        detail="the message is not a row of features for this model; see errors",
        instance=websocket.url.path,
        request_id=current_request().request_id,
        errors=errors[:MAX_ERRORS],
    )
