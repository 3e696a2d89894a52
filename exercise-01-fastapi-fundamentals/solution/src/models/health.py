"""Answers to the probes of an orchestrator."""

from typing import Literal

from pydantic import BaseModel


class LiveResponse(BaseModel):
    """The process runs and its event loop turns."""

    status: Literal["alive"] = "alive"


class ReadyResponse(BaseModel):
    """Every model answers."""

    status: Literal["ready"] = "ready"
