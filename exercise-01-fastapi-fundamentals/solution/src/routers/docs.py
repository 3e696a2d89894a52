"""The documentation page, without a network: Swagger UI comes with the package fastapi-offline.

FastAPI's own page loads its scripts from a CDN, which many a data centre (and train) can't reach.
"""

from pathlib import Path

import fastapi_offline
from fastapi import APIRouter, HTTPException, Request, status
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import FileResponse, HTMLResponse

FOLDER = Path(fastapi_offline.__file__).parent / "static"
ASSETS = frozenset({"swagger-ui-bundle.js", "swagger-ui.css", "favicon.png"})

router = APIRouter(prefix="/docs", include_in_schema=False)


@router.get("")
async def get_docs(request: Request) -> HTMLResponse:
    """Return a page that shows /openapi.json and sends requests to the service."""
    return get_swagger_ui_html(
        openapi_url="/openapi.json",
        title=request.app.title,
        swagger_js_url="/docs/assets/swagger-ui-bundle.js",
        swagger_css_url="/docs/assets/swagger-ui.css",
        swagger_favicon_url="/docs/assets/favicon.png",
    )


@router.get("/assets/{name}")
async def get_asset(name: str) -> FileResponse:
    """Return one of the files that the page loads."""
    if name not in ASSETS:
        raise HTTPException(status.HTTP_404_NOT_FOUND)
    return FileResponse(FOLDER / name)
