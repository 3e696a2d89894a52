"""Predictions, as resources that clients create, read, judge and delete.

    POST   /v1/models/{name}/predictions    201 PredictionResponse and Location, 404, 422, 503
    GET    /v1/predictions/{id}             200 PredictionResponse, 404
    PUT    /v1/predictions/{id}/feedback    200 PredictionResponse, 404, 422
    DELETE /v1/predictions/{id}             204, also when it is gone already

PUT and DELETE are idempotent: a client that got no answer can simply send them again.
Source: RFC 9110, sections 9.2.2 (idempotent methods) and 10.2.2 (Location).
"""

from dataclasses import replace

from fastapi import APIRouter, Depends, Response, status

from src.models.prediction import FeedbackRequest, PredictionRequest, PredictionResponse
from src.routers.inference_route import InferenceRoute
from src.routers.media_type import require_json
from src.services.errors import FieldError, InvalidInputError
from src.services.prediction import Feedback, Prediction
from src.state import PredictorDep, StoreDep

router = APIRouter(prefix="/v1", route_class=InferenceRoute, dependencies=[Depends(require_json)])


# TODO(task 1.4), declaration: create_prediction, by predictor.predict; say where the prediction can be read
# end task 1.4


# TODO(task 1.4), declaration: get_prediction, from the store
# end task 1.4


# TODO(task 1.4), declaration: delete_prediction: 204 and no body, whether or not it was there
# end task 1.4


# TODO(task 1.4), declaration: put_feedback: check the label, then replace the prediction in the store
# end task 1.4
