"""What the tests of a service share: a client, and rows that suit its models.

    SERVICE_URL=http://127.0.0.1:8000 python -m pytest tests/test_service.py
    SERVICE_URL=unix:/tmp/service.sock python -m pytest tests/test_service.py

The tests see the service as any client does. They know neither its code nor what its models answer.
"""

import os
import random
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

Row = list[float]
MakeRow = Callable[[int], Row]


@pytest.fixture(scope="session")
def client() -> Iterator[httpx.Client]:
    """A client of the service at SERVICE_URL; five seconds is long for an answer."""
    url = os.environ.get("SERVICE_URL", "http://127.0.0.1:8000")
    path = url.removeprefix("unix:")
    transport = httpx.HTTPTransport(uds=path) if path != url else None
    base_url = url if transport is None else "http://service"
    with httpx.Client(base_url=base_url, transport=transport, timeout=5.0) as session:
        yield session


@pytest.fixture(scope="session")
def model(client: httpx.Client) -> dict[str, Any]:
    """The model "digits" as the service describes it: features, minimum, maximum, classes and so on."""
    reply = client.get("/v1/models/digits")
    assert 200 == reply.status_code, reply.text
    description: dict[str, Any] = reply.json()
    return description


@pytest.fixture(scope="session")
def make_row(model: dict[str, Any]) -> MakeRow:
    """Make a row that suits the model, the same for the same number: `make_row(7)`."""

    def make(number: int) -> Row:
        generator = random.Random(number)  # noqa: S311 - rows are no secrets
        return [generator.uniform(model["minimum"], model["maximum"]) for _ in range(model["features"])]

    return make
