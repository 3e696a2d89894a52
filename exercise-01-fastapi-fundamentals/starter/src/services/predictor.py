"""From numbers to predictions: check, run the model, read its answer, keep it.

The one service that the routes ask for predictions. The model behind a name is looked up and
the numbers are checked on the event loop; only the model call itself goes through the pool.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from time import perf_counter
from uuid import uuid4

import numpy as np

from servelab.zoo import Float32Array, Model, ModelUnavailableError
from src.services.errors import BrokenModelError, FieldError, InvalidInputError, ModelDownError
from src.services.feature_check import feature_errors
from src.services.inference import InferencePool
from src.services.metrics import Metrics
from src.services.prediction import Outcome, Prediction
from src.services.recorder import Recorder
from src.services.registry import ModelRegistry
from src.services.request_context import current_request
from src.services.store import PredictionStore


def utc_now() -> datetime:
    """Return the time of day, in UTC."""
    return datetime.now(UTC)


class Predictor:
    """Answers for all models; made once, in the lifespan."""

    def __init__(  # noqa: PLR0913 - the services that it is made of
        self,
        registry: ModelRegistry,
        pool: InferencePool,
        store: PredictionStore,
        recorder: Recorder,
        metrics: Metrics,
        *,
        max_batch: int,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._registry = registry
        self._pool = pool
        self._store = store
        self._recorder = recorder
        self._metrics = metrics
        self._max_batch = max_batch
        self._now = now

    async def predict(self, name: str, features: Sequence[float]) -> Prediction:
        """Classify one row and keep the prediction.

        Raises:
            UnknownModelError, InvalidInputError, OverloadedError, ModelDownError,
            BrokenModelError: as their names say.
        """
        outcome = await self.classify(name, features)
        prediction = Prediction(
            id=uuid4().hex,
            model=name,
            model_version=self._registry.get(name).signature.version,
            label=outcome.label,
            probabilities=outcome.probabilities,
            created_at=self._now(),
        )
        self._store.put(prediction)
        # TODO(task 1.10), declaration: give the prediction to the recorder
        # end task 1.10
        return prediction

    async def classify(self, name: str, features: Sequence[float]) -> Outcome:
        """Classify one row without keeping anything."""
        model = self._registry.get(name)
        if errors := feature_errors(features, model.signature, "/features"):
            raise InvalidInputError(errors)
        return (await self._run(name, model, [features]))[0]

    async def classify_batch(self, name: str, rows: Sequence[Sequence[float]]) -> list[Outcome]:
        """Classify up to `max_batch` rows in one model call, in order; nothing is kept.

        Raises:
            InvalidInputError: too many rows (at `/instances`), or wrong numbers in some of them
                (at `/instances/2/features` or `/instances/2/features/0`).
        """
        # TODO(task 1.5): refuse too many rows and rows that don't suit the model, then run the model once for all
        raise NotImplementedError("task 1.5: refuse too many rows and rows that don't suit the model, then run the model once for all")
        # end task 1.5

    async def _run(self, name: str, model: Model, rows: Sequence[Sequence[float]]) -> list[Outcome]:
        instances = np.asarray(rows, dtype=np.float32)
        try:
            timed = await self._pool.run(partial(run_timed, model, instances))
        except ModelUnavailableError as error:
            raise ModelDownError(name) from error
        # TODO(task 1.10), declaration: give timed.elapsed_s to the histogram and to current_request().model_s
        # end task 1.10
        output, expected = timed.output, (len(rows), len(model.signature.classes))
        if output.shape != expected or not np.isfinite(output).all():
            msg = f"model {name!r} gave shape {output.shape} for {expected}, or numbers that are not finite"
            raise BrokenModelError(msg)
        return outcomes(output, model.signature.classes)


@dataclass(frozen=True)
class Timed:
    """A model's output of shape (B, K), and how many seconds the model took for it."""

    output: Float32Array
    elapsed_s: float


def run_timed(model: Model, instances: Float32Array) -> Timed:
    """Run a model, in whichever thread this is called."""
    started = perf_counter()
    output = model.run(instances)
    return Timed(output, perf_counter() - started)


def outcomes(output: Float32Array, classes: Sequence[str]) -> list[Outcome]:
    """Read a model's output of shape (B, K): one outcome for each of its rows.

    >>> outcomes(np.asarray([[0.25, 0.75]], dtype=np.float32), ["no", "yes"])
    [Outcome(label='yes', probabilities={'no': 0.25, 'yes': 0.75})]
    """
    return [
        Outcome(classes[int(row.argmax())], dict(zip(classes, row.tolist(), strict=True))) for row in output
    ]
