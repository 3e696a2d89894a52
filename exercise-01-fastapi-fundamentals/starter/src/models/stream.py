"""Messages of a stream, from the service to the client; what the client sends is a PredictionRequest."""

from pydantic import BaseModel

from src.models.problem import Problem


class StreamAnswer(BaseModel):
    """What the model says about the message of this index; the first has 0."""

    index: int
    label: str
    probabilities: dict[str, float]


class StreamError(BaseModel):
    """What is wrong with the message of this index."""

    index: int
    error: Problem
