"""The models, as read-only resources.

GET /v1/models           200 ModelListResponse
GET /v1/models/{name}    200 ModelResponse, 404
"""

from fastapi import APIRouter

from src.models.model import ModelListResponse, ModelResponse
from src.state import ModelsDep

router = APIRouter(prefix="/v1/models")


# TODO(task 1.4), declaration: list_models and get_model; ModelResponse.of describes a model of `models: ModelsDep`
# end task 1.4
