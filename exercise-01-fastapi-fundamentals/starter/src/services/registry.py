"""The models that the service serves: each opened once, closed at the end."""

import asyncio
from collections.abc import Mapping
from types import TracebackType
from typing import Self

import anyio
from anyio.to_thread import run_sync

from servelab import zoo
from servelab.zoo import Model, ZooError
from src.services.errors import CannotStartError, UnknownModelError

# A probe that has to wait longer than this is a failed probe.
CHECK_TIMEOUT_S = 1.0


class ModelRegistry:
    """Open models by name, as a context manager that closes them.

    >>> with ModelRegistry.open({"digits": "zoo:digits-cnn"}) as registry:
    ...     registry.get("digits").signature.features
    64
    """

    def __init__(self, models: Mapping[str, Model]) -> None:
        self._models = dict(models)
        # A check that hangs keeps its thread: bound how many there can be.
        self._checks = anyio.CapacityLimiter(8)

    @classmethod
    def open(cls, uris: Mapping[str, str]) -> Self:
        """Open every model, or none.

        Raises:
            CannotStartError: a model can't be opened. The message names it, its URI and the
                cause, and models opened before it have been closed again.
        """
        registry = cls({})
        # TODO(task 1.1): open each URI with zoo.open; close what is open and raise CannotStartError when one fails
        raise NotImplementedError("task 1.1: open each URI with zoo.open; close what is open and raise CannotStartError when one fails")
        # end task 1.1

    def close(self) -> None:
        """Close every model."""
        for model in self._models.values():
            model.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def names(self) -> list[str]:
        """Return the names, in the order of the settings."""
        return list(self._models)

    def get(self, name: str) -> Model:
        """Return a model.

        Raises:
            UnknownModelError: there is none of that name.
        """
        try:
            return self._models[name]
        except KeyError:
            raise UnknownModelError(name) from None

    async def unready(self) -> list[str]:
        """Return the names of the models that can't answer now; all are asked at once."""
        answers = await asyncio.gather(*(self._answers(model) for model in self._models.values()))
        return [name for name, answered in zip(self._models, answers, strict=True) if not answered]

    async def _answers(self, model: Model) -> bool:
        """Say whether a model answers within CHECK_TIMEOUT_S, without blocking the event loop."""
        # TODO(task 1.2): run model.check() in a thread (it blocks); a ZooError means no, and so does silence
        raise NotImplementedError("task 1.2: run model.check() in a thread (it blocks); a ZooError means no, and so does silence")
        # end task 1.2
