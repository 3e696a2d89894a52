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

    # task 1.3, declaration: refuse unknown fields, give DIGIT as an example, declare features
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"features": DIGIT}]})

    features: Annotated[
        list[Annotated[float, Field(strict=True, allow_inf_nan=False)]],
        Field(min_length=1, max_length=MAX_FEATURES),
    ]
    # end task 1.3


class FeedbackRequest(BaseModel):
    """What the answer should have been: one of the model's classes, a text of 1 to 100 characters."""

    # task 1.3, declaration: refuse unknown fields, give an example, declare label
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"label": "3"}]})

    label: Annotated[str, Field(min_length=1, max_length=100)]
    # end task 1.3


class FeedbackResponse(BaseModel):
    """The feedback that the prediction has."""

    label: str


class OutcomeResponse(BaseModel):
    """What the model says: a probability for each class by name, and the likeliest class."""

    # task 1.3, declaration: give OUTCOME as an example, declare label and probabilities
    model_config = ConfigDict(json_schema_extra={"examples": [OUTCOME]})

    label: str
    probabilities: dict[str, float]
    # end task 1.3


class PredictionResponse(BaseModel):
    """A prediction that is kept, and the feedback on it, which is null until there is some.

    id, model, model_version and label are text, created_at is a time that knows its zone.
    """

    # task 1.3, declaration: give PREDICTION as an example, declare the seven fields that it shows
    model_config = ConfigDict(json_schema_extra={"examples": [PREDICTION]})

    id: str
    model: str
    model_version: str
    label: str
    probabilities: dict[str, float]
    created_at: AwareDatetime
    feedback: FeedbackResponse | None
    # end task 1.3
