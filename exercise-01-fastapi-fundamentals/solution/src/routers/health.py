"""Probes: is the process alive, and can it do its work?

An orchestrator restarts a process that is not alive, and sends no requests to one that is not
ready. So liveness asks nothing of the models: a restart would not fix a model that is down
elsewhere, and would only add to the trouble.
"""

from fastapi import APIRouter

from src.models.health import LiveResponse, ReadyResponse
from src.services.errors import NotReadyError
from src.state import ModelsDep

router = APIRouter(prefix="/health")


@router.get("/live", summary="Is the process alive?")
async def live() -> LiveResponse:
    """Answer as long as the event loop runs; the models do not matter."""
    # task 1.2: answer without asking anybody
    return LiveResponse()
    # end task 1.2


@router.get("/ready", summary="Can the service do its work?")
async def ready(models: ModelsDep) -> ReadyResponse:
    """Answer 200 when every model answers, and 503 with Retry-After as long as one does not."""
    # task 1.2: raise NotReadyError with the names of the models that can't answer
    if names := await models.unready():
        raise NotReadyError(names)
    return ReadyResponse()
    # end task 1.2
