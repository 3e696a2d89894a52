"""Requests for a prediction, and the answers to them."""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from src.models.example import DIGIT, OUTCOME, PREDICTION

# Far above what any model of the zoo takes, far below what would hurt.
MAX_FEATURES = 1024


class PredictionRequest(BaseModel):
    """One row of features, in the order that the model was trained with.

    Unknown fields are refused: a misspelt option should not be ignored in silence.
    `features` holds 1 to MAX_FEATURES finite numbers; text and booleans are no numbers.
    """

    # TODO(task 1.3), declaration: refuse unknown fields, give DIGIT as an example, declare features
    # end task 1.3


class FeedbackRequest(BaseModel):
    """What the answer should have been: one of the model's classes, a text of 1 to 100 characters."""

    # TODO(task 1.3), declaration: refuse unknown fields, give an example, declare label
    # end task 1.3


class FeedbackResponse(BaseModel):
    """The feedback that the prediction has."""

    label: str


class OutcomeResponse(BaseModel):
    """What the model says: a probability for each class by name, and the likeliest class."""

    # TODO(task 1.3), declaration: give OUTCOME as an example, declare label and probabilities
    # end task 1.3


class PredictionResponse(BaseModel):
    """A prediction that is kept, and the feedback on it, which is null until there is some.

    id, model, model_version and label are text, created_at is a time that knows its zone.
    """

    # TODO(task 1.3), declaration: give PREDICTION as an example, declare the seven fields that it shows
    # end task 1.3
