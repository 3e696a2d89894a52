"""The settings of the service, from environment variables that begin with SERVICE_.

Other variables of that prefix are ignored, because an environment is shared.
Leaves out: files of settings and secrets; this service has none.
"""

import os
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

PREFIX = "SERVICE_"

# A model's name is a path segment and a metric label: nothing in it needs escaping.
ModelName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]


class Settings(BaseSettings):
    """Every number that an operator may change, with its unit, its bounds, and why it is what it is."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", frozen=True)

    # TODO(task 1.1), declaration: add models, max_batch, workers and queue, each with its bounds and its default
    # end task 1.1

    # 1 MiB holds 256 rows of 64 numbers several times over.
    max_body_bytes: int = Field(default=1_048_576, gt=0)
    # Told to clients that are sent away with 503.
    retry_after_s: int = Field(default=1, gt=0)
    # A prediction takes about 1.3 KB, so a full store some 13 MB.
    store_capacity: int = Field(default=10_000, gt=0)
    # Feedback that comes later than an hour is rare.
    store_ttl_s: float = Field(default=3600.0, gt=0, allow_inf_nan=False)
    # A megapixel is plenty for a digit, and takes a thread some 0.1 s.
    image_max_pixels: int = Field(default=1_048_576, gt=0)
    # 64 numbers of 17 digits are 1.2 KB.
    stream_max_message_bytes: int = Field(default=16_384, gt=0)
    # A silent stream holds a connection for nothing.
    stream_idle_s: float = Field(default=60.0, gt=0, allow_inf_nan=False)
    # A reader that takes nothing for so long has gone.
    stream_send_timeout_s: float = Field(default=5.0, gt=0, allow_inf_nan=False)
    # Where predictions are recorded, one JSON line each. By default nobody asked for it.
    record_path: Path = Path(os.devnull)
    # Records waiting for the disk, some 200 bytes each.
    record_queue: int = Field(default=1000, gt=0)


def load_settings() -> Settings:
    """Read the settings from the environment.

    Raises:
        SystemExit: a value is not acceptable. The exit message is one line, such as
            `cannot start: SERVICE_WORKERS='0': Input should be greater than 0`.
    """
    # TODO(task 1.1): return the settings, or raise SystemExit with the line that explain() makes
    raise NotImplementedError("task 1.1: return the settings, or raise SystemExit with the line that explain() makes")
    # end task 1.1


def explain(error: ValidationError | SettingsError) -> str:
    """Say in one line which variables are wrong, what they hold, and what they should."""
    if isinstance(error, SettingsError):
        # Only the models are written as JSON.
        value = os.environ.get(f"{PREFIX}MODELS")
        return f'{PREFIX}MODELS={value!r} is not JSON; give an object such as {{"digits": "zoo:digits-cnn"}}'
    return "; ".join(
        f"{PREFIX}{str(problem['loc'][0]).upper()}={problem['input']!r}: {problem['msg']}"
        for problem in error.errors(include_url=False)
    )
