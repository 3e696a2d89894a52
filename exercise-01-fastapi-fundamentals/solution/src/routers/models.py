"""The models, as read-only resources.

GET /v1/models           200 ModelListResponse
GET /v1/models/{name}    200 ModelResponse, 404
"""

from fastapi import APIRouter

from src.models.model import ModelListResponse, ModelResponse
from src.state import ModelsDep

router = APIRouter(prefix="/v1/models")


# task 1.4, declaration: list_models and get_model; ModelResponse.of describes a model of `models: ModelsDep`
@router.get("", summary="List the models")
async def list_models(models: ModelsDep) -> ModelListResponse:
    """Return every model, in the order of the settings."""
    return ModelListResponse(
        models=[ModelResponse.of(name, models.get(name).signature) for name in models.names()]
    )


@router.get("/{name}", summary="Describe a model")
async def get_model(name: str, models: ModelsDep) -> ModelResponse:
    """Return what the model takes and the classes that it knows."""
    return ModelResponse.of(name, models.get(name).signature)


# end task 1.4
