"""How an exercise's service is measured, read from its `bench.toml`: its requests, and its layers."""

import tomllib
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from servelab.errors import MisuseError


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RequestConfig(_Part):
    """One kind of request."""

    name: str
    path: str
    method: str = "GET"
    body: str = ""


class Layer(_Part):
    """An application that holds the layers before it and one more.

    Attributes:
        name: what it adds.
        app: its factory, as uvicorn takes it, found from the exercise's folder or the solution's.
        path: what is asked of it; "" is that of the request.
    """

    name: str
    app: str
    path: str = ""


class Layers(_Part):
    """The layers that one kind of request goes through.

    Attributes:
        request: name of that request.
        rate_per_s: at which each layer is asked, far below what any of them sustains.
        layer: from the innermost on.
    """

    request: str
    rate_per_s: float = Field(gt=0, allow_inf_nan=False)
    layer: tuple[Layer, ...] = Field(min_length=2)


class BenchConfig(_Part):
    """A `bench.toml`."""

    request: tuple[RequestConfig, ...]
    layers: Layers

    @model_validator(mode="after")
    def _names_are_clear(self) -> Self:
        names = [asked.name for asked in self.request]
        if len(set(names)) < len(names):
            msg = f"two requests have one name: {names}"
            raise ValueError(msg)
        if self.layers.request not in names:
            msg = f"no request is called {self.layers.request!r}, as its layers say"
            raise ValueError(msg)
        return self

    @property
    def layered(self) -> RequestConfig:
        """The request that goes through the layers."""
        return next(asked for asked in self.request if asked.name == self.layers.request)


def load(path: Path) -> BenchConfig:
    """Return what a `bench.toml` says.

    Raises:
        MisuseError: it is missing or broken.
    """
    try:
        return BenchConfig.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        found = error.errors(include_url=False)
        why = "; ".join(f"{'.'.join(map(str, each['loc'])) or 'as a whole'}: {each['msg']}" for each in found)
        msg = f"{path} can't be read: {why}"
        raise MisuseError(msg) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        msg = f"{path} can't be read: {' '.join(str(error).split())}"
        raise MisuseError(msg) from error
