"""Put, read, change and delete predictions in a store whose clock stands still until it is moved."""

import dataclasses
import gc
import weakref
from datetime import UTC, datetime

from src.services.errors import UnknownPredictionError
from src.services.prediction import Feedback, Prediction
from src.services.store import PredictionStore


class Story:
    """One store, and what has been done to it."""

    def __init__(self, capacity, ttl_s):
        self.now_s = 1000.0
        self.store = PredictionStore(capacity=capacity, ttl_s=ttl_s, clock=lambda: self.now_s)
        self.made = []

    def do(self, step):
        """Do "put a", "get a", "judge a", "delete a", "wait 5" or "count"; return what it gives."""
        verb, _, what = step.partition(" ")
        try:
            return getattr(self, verb)(what)
        except UnknownPredictionError:
            return "gone"

    def put(self, name):
        """Keep a new prediction."""
        prediction = Prediction(name, "digits", "0" * 12, "3", {"3": 1.0}, datetime.now(UTC))
        self.made.append(weakref.ref(prediction))
        self.store.put(prediction)

    def get(self, name):
        """Return id and feedback."""
        found = self.store.get(name)
        return found.id if found.feedback is None else f"{found.id}, feedback {found.feedback.label}"

    def judge(self, name):
        """Replace a prediction by one with feedback."""
        unjudged = Prediction(name, "digits", "0" * 12, "3", {"3": 1.0}, datetime.now(UTC))
        self.store.replace(dataclasses.replace(unjudged, feedback=Feedback("8")))

    def delete(self, name):
        """Delete a prediction."""
        self.store.delete(name)

    def wait(self, seconds):
        """Move the clock."""
        self.now_s += float(seconds)

    def count(self, _):
        """Return how many of the predictions put so far are still in memory."""
        gc.collect()
        return sum(made() is not None for made in self.made)


async def play(stories):
    """Return for each story what its steps gave, without the steps that give nothing."""
    seen = {}
    for name, (capacity, ttl_s, steps) in stories.items():
        story = Story(capacity, ttl_s)
        seen[name] = [given for given in map(story.do, steps) if given is not None]
    return seen
