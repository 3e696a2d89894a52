"""A FastAPI application that does nothing but what FastAPI does: the floor under a service built on it."""

from fastapi import FastAPI
from pydantic import BaseModel


class Instance(BaseModel):
    """A row of numbers, checked as FastAPI checks every body."""

    features: list[float]


class Answer(BaseModel):
    """A small answer, made JSON as FastAPI makes every answer."""

    status: str


def create_app() -> FastAPI:
    """Return the application: GET / and POST / answer a constant."""
    app = FastAPI(openapi_url=None)

    @app.get("/")
    async def read() -> Answer:
        return Answer(status="alive")

    @app.post("/")
    async def take(instance: Instance) -> Answer:
        return Answer(status=f"{len(instance.features)} numbers")

    return app
