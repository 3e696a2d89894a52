"""Many rows in one model call.

POST /v1/models/{name}/batch    200 BatchResponse, 404, 422, 503
"""

from fastapi import APIRouter, Depends

from src.models.batch import BatchRequest, BatchResponse
from src.models.prediction import OutcomeResponse
from src.routers.inference_route import InferenceRoute
from src.routers.media_type import require_json
from src.state import ModelsDep, PredictorDep

router = APIRouter(prefix="/v1/models", route_class=InferenceRoute, dependencies=[Depends(require_json)])


# task 1.5, declaration: create_batch, by predictor.classify_batch
@router.post("/{name}/batch", summary="Classify many rows of features")
async def create_batch(
    name: str, body: BatchRequest, models: ModelsDep, predictor: PredictorDep
) -> BatchResponse:
    """Run the model once on all rows and answer in their order; nothing is kept."""
    outcomes = await predictor.classify_batch(name, [instance.features for instance in body.instances])
    return BatchResponse(
        model=name,
        model_version=models.get(name).signature.version,
        predictions=[
            OutcomeResponse(label=each.label, probabilities=each.probabilities) for each in outcomes
        ],
    )


# end task 1.5
