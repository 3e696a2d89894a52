"""The solution in layers, from FastAPI alone up to the whole service.

`servelab bench overhead 1` measures what each layer adds. A layer is made of the solution's own parts:
its application, with another lifespan that puts a double in the place of what lies below.
"""
# ruff: noqa: INP001 - uvicorn loads this file by its name

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime

import numpy as np
from fastapi import FastAPI
from src import main
from src.config import load_settings
from src.services.metrics import Metrics
from src.services.prediction import Prediction
from src.services.predictor import Predictor
from src.services.registry import ModelRegistry
from src.state import State

from servelab import zoo
from servelab.bench.servers import bare
from servelab.zoo import Float32Array, Signature


class FixedModel:
    """A model that costs nothing: each row is surely of the first class."""

    def __init__(self, signature: Signature) -> None:
        self.signature = signature
        self._row = np.eye(1, len(signature.classes), dtype=np.float32)

    def run(self, instances: Float32Array) -> Float32Array:
        """Return the same for any rows."""
        return self._row.repeat(len(instances), axis=0)

    def check(self) -> None:
        """Nothing can be wrong with it."""

    def close(self) -> None:
        """Nothing is open."""


class FixedPredictor(Predictor):
    """A predictor that costs nothing: its prediction is made already."""

    def __init__(self, signature: Signature) -> None:
        probabilities = dict.fromkeys(signature.classes, 0.1)
        self._prediction = Prediction(
            "0" * 32,
            "digits",
            signature.version,
            signature.classes[0],
            probabilities,
            datetime(2026, 1, 1, tzinfo=UTC),
        )

    async def predict(self, name: str, features: Sequence[float]) -> Prediction:  # noqa: ARG002 - looks at nothing
        """Return the same for any row."""
        return self._prediction


def middlewares() -> FastAPI:
    """FastAPI alone, behind the middlewares of the service."""
    app = bare.create_app()
    app.user_middleware = main.create_app().user_middleware
    return app


def routes() -> FastAPI:
    """The service without a predictor: what its routes and its shapes of requests and answers cost."""
    app = main.create_app()
    app.router.lifespan_context = _without_predictor
    return app


def predictor() -> FastAPI:
    """The service without a model: what the check of a row, the pool, the store and the record cost."""
    app = main.create_app()
    app.router.lifespan_context = _without_model
    return app


@asynccontextmanager
async def _without_predictor(app: FastAPI) -> AsyncIterator[State]:
    async with _without_model(app) as state:
        state["predictor"] = FixedPredictor(state["models"].get("digits").signature)
        yield state


@asynccontextmanager
async def _without_model(_: FastAPI) -> AsyncIterator[State]:
    settings = load_settings()
    with closing(zoo.open(settings.models["digits"])) as model:
        fixed = FixedModel(model.signature)
    async with main.services(settings, Metrics(), ModelRegistry({"digits": fixed})) as state:
        yield state
