"""What the lifespan makes once and every request may use, as dependencies of the routes.

    async def get_model(name: str, models: ModelsDep) -> ModelResponse: ...

The dependencies are `async` although they await nothing: FastAPI runs a plain function in a
thread, which costs more than the function itself.
"""

from typing import Annotated, TypedDict, cast

from fastapi import Depends
from fastapi.requests import HTTPConnection

from src.config import Settings
from src.services.metrics import Metrics
from src.services.predictor import Predictor
from src.services.registry import ModelRegistry
from src.services.store import PredictionStore


class State(TypedDict):
    """The state of the lifespan; Starlette gives each request a shallow copy."""

    settings: Settings
    metrics: Metrics
    models: ModelRegistry
    predictor: Predictor
    store: PredictionStore


def state_of(connection: HTTPConnection) -> State:
    """Return the state that belongs to a request or a WebSocket."""
    return cast("State", connection.state)


async def _models(connection: HTTPConnection) -> ModelRegistry:
    return state_of(connection)["models"]


async def _predictor(connection: HTTPConnection) -> Predictor:
    return state_of(connection)["predictor"]


async def _store(connection: HTTPConnection) -> PredictionStore:
    return state_of(connection)["store"]


async def _metrics(connection: HTTPConnection) -> Metrics:
    return state_of(connection)["metrics"]


async def _settings(connection: HTTPConnection) -> Settings:
    return state_of(connection)["settings"]


ModelsDep = Annotated[ModelRegistry, Depends(_models)]
PredictorDep = Annotated[Predictor, Depends(_predictor)]
StoreDep = Annotated[PredictionStore, Depends(_store)]
SettingsDep = Annotated[Settings, Depends(_settings)]
MetricsDep = Annotated[Metrics, Depends(_metrics)]
