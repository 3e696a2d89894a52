"""Services as pytest fixtures: `-p servelab.services.fixture`.

One server for the whole run: it takes seconds to start a RabbitMQ, and tests that use
names of their own do not disturb each other. A test that needs one to itself, or with a
configuration, uses the functions of `servelab.services`.
A service that can't be had skips the test with the sentence that says how to get it; one that is
there and fails is an error. Neither is ever a pass.
"""

from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, ExitStack
from typing import TypeVar

import pytest

from servelab import services
from servelab.services.errors import LackingServiceError

Got = TypeVar("Got", bound=services.Running)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call() -> Generator[None, object, object]:
    """Skip a test that asks for a service itself, and can't have it."""
    try:
        return (yield)
    except LackingServiceError as error:
        pytest.skip(f"not run: {error}")


def have(stack: ExitStack, service: AbstractContextManager[Got]) -> Got:
    """Have a service until a stack is closed, or skip the test that asks for it."""
    try:
        return stack.enter_context(service)
    except LackingServiceError as error:
        pytest.skip(f"not run: {error}")


@pytest.fixture(scope="session")
def service_stack() -> Iterator[ExitStack]:
    """What stops all services of the run, the last one first."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture(scope="session")
def redis(service_stack: ExitStack) -> services.Running:
    """A Redis, or Valkey in its place."""
    return have(service_stack, services.redis())


@pytest.fixture(scope="session")
def rabbitmq(service_stack: ExitStack) -> services.Running:
    """A RabbitMQ."""
    return have(service_stack, services.rabbitmq())


@pytest.fixture(scope="session")
def postgresql(service_stack: ExitStack) -> services.Running:
    """A PostgreSQL, or SQLite in its place."""
    return have(service_stack, services.postgresql())


@pytest.fixture(scope="session")
def prometheus(service_stack: ExitStack) -> services.Running:
    """A Prometheus that scrapes itself."""
    return have(service_stack, services.prometheus())


@pytest.fixture(scope="session")
def alertmanager(service_stack: ExitStack) -> services.Running:
    """An Alertmanager that notifies nobody."""
    return have(service_stack, services.alertmanager())


@pytest.fixture
def otlp_collector() -> Iterator[services.Collector]:
    """A collector of spans, empty at the start of each test."""
    with ExitStack() as stack:
        yield have(stack, services.otlp_collector())
