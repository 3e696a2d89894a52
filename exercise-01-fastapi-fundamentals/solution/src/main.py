"""The composition root: where settings, services, middleware and routes come together.

    uvicorn src.main:create_app --factory

Importing this module does nothing; `create_app` makes an application without opening anything;
its lifespan opens the models. So a test can make as many applications as it likes.
"""

import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.types import StatefulLifespan

from src import openapi, problems
from src.config import Settings, load_settings
from src.middleware.body_limit import BodyLimitMiddleware
from src.middleware.error_boundary import ErrorBoundaryMiddleware
from src.middleware.observe import ObserveMiddleware
from src.middleware.request_id import RequestIdMiddleware
from src.middleware.startup import StartupMiddleware
from src.routers import batch, docs, health, images, models, predictions, prometheus, stream
from src.services.access_log import AccessLog
from src.services.inference import InferencePool
from src.services.metrics import Metrics
from src.services.predictor import Predictor
from src.services.recorder import Recorder
from src.services.registry import ModelRegistry
from src.services.store import PredictionStore
from src.state import State

ROUTERS = (
    health.router,
    models.router,
    predictions.router,
    batch.router,
    images.router,
    stream.router,
    prometheus.router,
    docs.router,
)


def create_app(settings: Settings | None = None) -> FastAPI:
    """Make the application.

    Args:
        settings: for tests; None reads the environment.

    Raises:
        SystemExit: a variable of the environment is not acceptable.
    """
    settings = settings or load_settings()
    metrics = Metrics()
    app = FastAPI(
        title="Prediction service",
        version="1.0.0",
        openapi_tags=openapi.TAGS,
        # task 1.11, declaration: let the name of a route's function be its operation id
        generate_unique_id_function=lambda route: route.name,
        # end task 1.11
        lifespan=lifespan_with(settings, metrics),
        # `/v1/models/` is not `/v1/models`: one resource, one URL.
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
    )
    problems.install(app)
    for router in ROUTERS:
        app.include_router(router)
    # The last middleware that is added is the outermost.
    # task 1.7, declaration: add the body limit, and the error boundary around it
    app.add_middleware(BodyLimitMiddleware, max_body_bytes=settings.max_body_bytes)
    app.add_middleware(ErrorBoundaryMiddleware)
    # end task 1.7
    # task 1.10, declaration: add ObserveMiddleware with the metrics and AccessLog(sys.stdout)
    app.add_middleware(ObserveMiddleware, metrics=metrics, log=AccessLog(sys.stdout))
    # end task 1.10
    app.add_middleware(RequestIdMiddleware)
    app.add_middleware(StartupMiddleware)
    # task 1.11, declaration: install what openapi.py adds to the description
    openapi.install(app)
    # end task 1.11
    return app


def lifespan_with(settings: Settings, metrics: Metrics) -> StatefulLifespan[FastAPI]:
    """Return the lifespan of an application: what happens before its first request and after its last."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[State]:
        # task 1.1: open the models, yield the state that services() makes, close the models at the end
        with ModelRegistry.open(settings.models) as registry:
            async with services(settings, metrics, registry) as state:
                yield state
        # end task 1.1

    return lifespan


@asynccontextmanager
async def services(settings: Settings, metrics: Metrics, registry: ModelRegistry) -> AsyncIterator[State]:
    """Start the services on top of open models, and stop them at the end."""
    store = PredictionStore(
        capacity=settings.store_capacity, ttl_s=settings.store_ttl_s, clock=time.monotonic
    )
    pool = InferencePool(workers=settings.workers, queue=settings.queue)
    recorder = Recorder(settings.record_path, capacity=settings.record_queue, metrics=metrics)
    predictor = Predictor(registry, pool, store, recorder, metrics, max_batch=settings.max_batch)
    for name in registry.names():
        metrics.serves(name, registry.get(name).signature.version)
    recorder.start()
    try:
        yield State(settings=settings, metrics=metrics, models=registry, predictor=predictor, store=store)
    finally:
        pool.close()
        recorder.close()
