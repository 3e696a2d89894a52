"""Many rows at once."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from src.models.example import DIGIT
from src.models.prediction import OutcomeResponse, PredictionRequest


class BatchRequest(BaseModel):
    """Rows to be classified in one model call, at least one; each is what a single request would hold."""

    # TODO(task 1.5), declaration: refuse unknown fields, give an example, declare instances
    # end task 1.5


class BatchResponse(BaseModel):
    """One outcome for each instance, in the order of the instances."""

    # TODO(task 1.5), declaration: model, model_version, and predictions: a list of OutcomeResponse
    # end task 1.5
