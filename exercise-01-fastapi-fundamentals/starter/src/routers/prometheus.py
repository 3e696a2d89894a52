"""What Prometheus scrapes.

GET /metrics    200, text format of Prometheus
"""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST

from src.state import MetricsDep

router = APIRouter()


# TODO(task 1.10), declaration: get_metrics: Response with metrics.render(), of the media type CONTENT_TYPE_LATEST
# end task 1.10
