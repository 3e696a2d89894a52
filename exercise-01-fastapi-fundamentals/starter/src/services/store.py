"""Where predictions are kept: in memory, bounded in number and in age.

The oldest makes room when the store is full, and each expires a fixed time after it was made,
so the order of insertion is the order of expiry and no timer is needed.
Leaves out: sharing between processes; the next exercises do that with a database.
"""

from collections import OrderedDict
from collections.abc import Callable

from src.services.errors import UnknownPredictionError
from src.services.prediction import Prediction


class PredictionStore:
    """Predictions by id. Used from the event loop alone, so it needs no lock."""

    def __init__(self, *, capacity: int, ttl_s: float, clock: Callable[[], float]) -> None:
        """Make an empty store.

        Args:
            capacity: how many predictions it holds at most.
            ttl_s: how long it holds one, in seconds.
            clock: monotonic time in seconds.
        """
        self._capacity = capacity
        self._ttl_s = ttl_s
        self._clock = clock
        self._expiring: OrderedDict[str, tuple[float, Prediction]] = OrderedDict()

    def put(self, prediction: Prediction) -> None:
        """Keep a new prediction for `ttl_s`.

        What has expired is dropped first, and when the store is full then, the oldest makes room.
        """
        # TODO(task 1.4): drop the expired and, when it is full, the oldest; keep this one with its time of expiry
        raise NotImplementedError("task 1.4: drop the expired and, when it is full, the oldest; keep this one with its time of expiry")
        # end task 1.4

    def get(self, prediction_id: str) -> Prediction:
        """Return a prediction.

        Raises:
            UnknownPredictionError: it was never put, is deleted, made room, or has expired.
        """
        # TODO(task 1.4): return the prediction, unless it is gone or its time is over
        raise NotImplementedError("task 1.4: return the prediction, unless it is gone or its time is over")
        # end task 1.4

    def replace(self, prediction: Prediction) -> None:
        """Replace the prediction that has the same id; its time of expiry stays.

        Raises:
            UnknownPredictionError: as for `get`.
        """
        # TODO(task 1.4): exchange the prediction, but not its time of expiry nor its place in the order
        raise NotImplementedError("task 1.4: exchange the prediction, but not its time of expiry nor its place in the order")
        # end task 1.4

    def delete(self, prediction_id: str) -> None:
        """Forget a prediction; forgetting what is not there is no error."""
        # TODO(task 1.4): see that it is gone, whether it was there or not
        raise NotImplementedError("task 1.4: see that it is gone, whether it was there or not")
        # end task 1.4
