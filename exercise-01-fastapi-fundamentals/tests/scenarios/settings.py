"""Read the settings in one environment after the other."""

import os

from src.config import load_settings


async def play(environments, names):
    """Return for each environment the named settings, or how it was refused."""
    return {case: _read(variables, names) for case, variables in environments.items()}


def _read(variables, names):
    for name in [name for name in os.environ if name.startswith("SERVICE_")]:
        del os.environ[name]
    os.environ.update(variables)
    try:
        settings = load_settings()
    except SystemExit as error:
        return {"refused": str(error)}
    except ValueError as error:
        # What pydantic raises; whoever sees a traceback of it has not been told in one line.
        return {"raised": type(error).__name__}
    return {name: getattr(settings, name) for name in names}
