"""Services that no environment of a developer's decides about, and programs that behave badly on purpose."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from servelab.services.catalogue import SERVICES
from servelab.services.definition import Service
from servelab.services.fixture import pytest_pyfunc_call
from servelab.services.server.redis import REDIS

__all__ = ["pytest_pyfunc_call"]  # a machine without a service does not run its tests


@pytest.fixture(autouse=True)
def _no_service_of_the_developer(monkeypatch: pytest.MonkeyPatch) -> None:
    for service in SERVICES.values():
        if service.variable:
            monkeypatch.delenv(service.variable, raising=False)


@pytest.fixture
def redis_that_is(tmp_path: Path) -> Callable[[str], Service]:
    """Makes a service whose program is a shell script instead of a Redis."""

    def make(script: str) -> Service:
        program = tmp_path / "redis-server"
        program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        program.chmod(0o755)
        return replace(REDIS, programs=(str(program),))

    return make
