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


# task 1.4, declaration: create_prediction, by predictor.predict; say where the prediction can be read
@router.post(
    "/models/{name}/predictions",
    response_model=PredictionResponse,
    status_code=status.HTTP_201_CREATED,
    summary="Classify one row of features",
)
async def create_prediction(
    name: str, body: PredictionRequest, response: Response, predictor: PredictorDep
) -> Prediction:
    """Run the model on one row and keep the prediction for a while."""
    prediction = await predictor.predict(name, body.features)
    response.headers["Location"] = f"/v1/predictions/{prediction.id}"
    return prediction


# end task 1.4


# task 1.4, declaration: get_prediction, from the store
@router.get(
    "/predictions/{prediction_id}", response_model=PredictionResponse, summary="Read a prediction again"
)
async def get_prediction(prediction_id: str, store: StoreDep) -> Prediction:
    """Return a prediction as long as the service keeps it."""
    return store.get(prediction_id)


# end task 1.4


# task 1.4, declaration: delete_prediction: 204 and no body, whether or not it was there
@router.delete(
    "/predictions/{prediction_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    response_class=Response,
    summary="Forget a prediction",
)
async def delete_prediction(prediction_id: str, store: StoreDep) -> None:
    """See to it that the prediction is gone, whether it was there or not."""
    store.delete(prediction_id)


# end task 1.4


# task 1.4, declaration: put_feedback: check the label, then replace the prediction in the store
@router.put(
    "/predictions/{prediction_id}/feedback",
    response_model=PredictionResponse,
    summary="Say what the answer should have been",
)
async def put_feedback(prediction_id: str, body: FeedbackRequest, store: StoreDep) -> Prediction:
    """Set the prediction's feedback; the same again changes nothing, another label replaces it."""
    prediction = store.get(prediction_id)
    if body.label not in prediction.probabilities:
        detail = (
            f"{body.label!r} is no class of {prediction.model}; it has {', '.join(prediction.probabilities)}"
        )
        raise InvalidInputError([FieldError("/label", detail)])
    judged = replace(prediction, feedback=Feedback(body.label))
    store.replace(judged)
    return judged


# end task 1.4
