"""What Prometheus scrapes.

GET /metrics    200, text format of Prometheus
"""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST

from src.state import MetricsDep

router = APIRouter()


# task 1.10, declaration: get_metrics: Response with metrics.render(), of the media type CONTENT_TYPE_LATEST
@router.get("/metrics", include_in_schema=False)
async def get_metrics(metrics: MetricsDep) -> Response:
    """Return every value of every instrument."""
    return Response(metrics.render(), media_type=CONTENT_TYPE_LATEST)


# end task 1.10
