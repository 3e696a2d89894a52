"""Images instead of features.

    POST /v1/models/{name}/images    201 PredictionResponse and Location, 404, 413, 415, 422, 503

The image is the body itself (Content-Type: image/png), or the field `file` of a form
(multipart/form-data), as browsers send it.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Response, status
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request

from src.models.prediction import PredictionResponse
from src.routers.inference_route import InferenceRoute
from src.services.errors import FieldError, InvalidInputError, UnsupportedMediaTypeError
from src.services.image import image_features
from src.services.prediction import Prediction
from src.state import ModelsDep, PredictorDep, SettingsDep

router = APIRouter(prefix="/v1/models", route_class=InferenceRoute)

PNG = "image/png"
FORM = "multipart/form-data"


def media_type_of(content_type: str | None) -> str:
    """Return the media type of a Content-Type, in lower case and without its parameters.

    >>> media_type_of("Multipart/Form-Data; boundary=x")
    'multipart/form-data'
    """
    return (content_type or "").partition(";")[0].strip().lower()


async def uploaded_png(request: Request) -> bytes:
    """Return the image that a request carries.

    Raises:
        UnsupportedMediaTypeError: neither the body nor the form's file calls itself a PNG image.
        InvalidInputError: the form has no file in its field `file`.
    """
    # task 1.8: take the body when it is image/png, or the field "file" of a form when that is
    declared = media_type_of(request.headers.get("content-type"))
    if declared == PNG:
        return await request.body()
    if declared != FORM:
        msg = f"this route takes {PNG} or {FORM}, not {declared or 'a body of no type'}"
        raise UnsupportedMediaTypeError(msg)
    async with request.form(max_files=1, max_fields=10) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise InvalidInputError([FieldError("/file", "the form has no file of this name")])
        if media_type_of(file.content_type) != PNG:
            msg = f"the file must be {PNG}, not {file.content_type or 'untyped'}"
            raise UnsupportedMediaTypeError(msg)
        return await file.read()
    # end task 1.8


async def uploaded_features(
    name: str, request: Request, models: ModelsDep, settings: SettingsDep
) -> list[float]:
    """Return the features of the image that a request carries, for the model of this name."""
    signature = models.get(name).signature
    # task 1.8: give the uploaded PNG to image_features, off the event loop
    data = await uploaded_png(request)
    return await run_in_threadpool(image_features, data, signature, settings.image_max_pixels)
    # end task 1.8


UploadedFeatures = Annotated[list[float], Depends(uploaded_features)]


# task 1.8, declaration: create_image_prediction, as create_prediction, with features: UploadedFeatures
@router.post(
    "/{name}/images",
    response_model=PredictionResponse,
    status_code=status.HTTP_201_CREATED,
    summary="Classify an image",
)
async def create_image_prediction(
    name: str, features: UploadedFeatures, response: Response, predictor: PredictorDep
) -> Prediction:
    """Turn a PNG image into features, run the model on them, and keep the prediction."""
    prediction = await predictor.predict(name, features)
    response.headers["Location"] = f"/v1/predictions/{prediction.id}"
    return prediction


# end task 1.8
