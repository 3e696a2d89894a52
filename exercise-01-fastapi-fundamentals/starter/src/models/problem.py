"""How failures look: problem details (RFC 9457)."""

from pydantic import BaseModel, ConfigDict, Field


class FieldProblem(BaseModel):
    """One wrong value: a JSON pointer (RFC 6901) into the body, and what is wrong with it."""

    pointer: str
    detail: str


class Problem(BaseModel):
    """What went wrong, for programs (`status`, `errors`) and for people (`title`, `detail`)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "about:blank",
                    "title": "Not Found",
                    "status": 404,
                    "detail": "there is no model 'letters'; GET /v1/models lists the names",
                    "instance": "/v1/models/letters",
                    "request_id": "b0f5c7a1d6e94c0f8a2b3c4d5e6f7081",
                }
            ]
        }
    )

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    instance: str
    request_id: str
    errors: list[FieldProblem] | None = Field(default=None, description="Only with status 422.")
