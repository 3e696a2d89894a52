"""The requests by which an exercise's service is measured, read from its `bench.toml`."""

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from servelab.errors import MisuseError


class Asked(BaseModel):
    """One kind of request."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    path: str
    method: str = "GET"
    body: str = ""


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    request: tuple[Asked, ...]


def load(path: Path) -> tuple[Asked, ...]:
    """Return the requests of a `bench.toml`.

    Raises:
        MisuseError: it is missing or broken.
    """
    try:
        return _Asked.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))).request
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        msg = f"{path} can't be read: {' '.join(str(error).split())}"
        raise MisuseError(msg) from error
