"""How to test the service in one process with the test, with a model of your own. An example, not a task.

No socket, no start, no zoo: a test is there in milliseconds, can look at the code's own objects, and
a debugger steps from the test into the route. What it can't see is what the server adds: real
connections, clients that leave, signals. So a project needs both kinds; most tests are of this one.

    python -m pytest tests/test_in_process.py       from the folder that holds `src` and `tests`
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import numpy as np
import pytest
from src.config import Settings
from src.main import create_app, services
from src.services.metrics import Metrics
from src.services.registry import ModelRegistry
from starlette.types import Receive, Scope, Send

from servelab.zoo import Float32Array, Signature

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    """Run the tests of this file on asyncio; anyio's pytest plugin awaits them."""
    return "asyncio"


@dataclass
class FakeModel:
    """A model that says "yes" with the probability that is its only feature, and remembers its calls."""

    signature = Signature("fake", "0" * 12, 1, 0.0, 1.0, ("no", "yes"), None)
    calls: list[Float32Array] = field(default_factory=list)

    def run(self, instances: Float32Array) -> Float32Array:
        """Answer at once."""
        self.calls.append(instances)
        return np.concatenate([1 - instances, instances], axis=1)

    def check(self) -> None:
        """Answer that all is well."""

    def close(self) -> None:
        """Have nothing to close."""


@asynccontextmanager
async def running(model: FakeModel) -> AsyncIterator[httpx.AsyncClient]:
    """Run the application with one model, "fake", and give a client of it.

    httpx runs no lifespan. This does what a server does with its state: each request gets a copy.
    """
    settings = Settings(models={"fake": "none:"})
    app = create_app(settings)
    async with services(settings, Metrics(), ModelRegistry({"fake": model})) as state:

        async def app_with_state(scope: Scope, receive: Receive, send: Send) -> None:
            await app({**scope, "state": dict(state)}, receive, send)

        transport = httpx.ASGITransport(app=app_with_state)
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
            yield client


async def test_the_model_gets_exactly_the_features() -> None:
    """With a fake, a test sees both ends: what the client sent, and what reached the model."""
    model = FakeModel()

    async with running(model) as client:
        reply = await client.post("/v1/models/fake/predictions", json={"features": [0.75]})

    assert ("yes", {"no": 0.25, "yes": 0.75}) == (reply.json()["label"], reply.json()["probabilities"])
    assert [[[0.75]]] == [instances.tolist() for instances in model.calls]


async def test_a_row_that_does_not_suit_never_reaches_the_model() -> None:
    """A check that comes too late has already cost the model's time."""
    model = FakeModel()

    async with running(model) as client:
        reply = await client.post("/v1/models/fake/predictions", json={"features": [1.5]})

    assert (422, []) == (reply.status_code, model.calls)
