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


# TODO(task 1.5), declaration: create_batch, by predictor.classify_batch
# end task 1.5
