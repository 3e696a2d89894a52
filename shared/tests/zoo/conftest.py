"""Fixtures of the zoo's tests: a folder short enough for sockets, and a served model."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from servelab import zoo


@pytest.fixture
def folder() -> Iterator[Path]:
    """A scratch folder; pytest's own paths can be longer than a Unix socket allows."""
    path = Path(tempfile.mkdtemp(prefix="zoo-", dir="/tmp"))
    yield path
    shutil.rmtree(path)


@pytest.fixture
def served(folder: Path) -> Iterator[zoo.InstrumentedModel]:
    """The small digits model behind a socket."""
    with zoo.instrumented("zoo:digits-mlp-small", folder=folder) as model:
        yield model


@pytest.fixture
def client(served: zoo.InstrumentedModel) -> Iterator[zoo.Model]:
    """What learner code holds: the served model, opened by its URI."""
    with contextlib.closing(zoo.open(served.uri)) as model:
        yield model


@pytest.fixture(scope="session")
def rows() -> zoo.Float32Array:
    """Sixteen held-out digits, (16, 64)."""
    instances: zoo.Float32Array = zoo.golden("digits-mlp-small").instances[:16]
    return np.ascontiguousarray(instances)
