"""The container engine: whether one answers, and how it is asked.

Leaves out: every engine that does not come with the program `docker`.
"""

import os
import shutil
import subprocess
from functools import cache

TIMEOUT_S = 60.0


@cache
def engine_lacking() -> str:
    """Return why there are no containers here; empty when an engine answers."""
    if shutil.which("docker") is None:
        return "the program docker is not installed"
    try:
        done = docker("version", "--format", "{{.Server.Version}}", timeout_s=10)
    except subprocess.TimeoutExpired:
        return "the container engine does not answer"
    return "" if done.returncode == 0 else "no container engine answers: start it, or set DOCKER_HOST"


@cache
def image_lacking(image: str) -> str:
    """Return why containers of an image can't be run here without fetching anything; empty when they can."""
    if lacking := engine_lacking():
        return lacking
    done = docker("image", "inspect", image)
    return "" if done.returncode == 0 else f"the engine has no image {image}: docker pull {image}"


def docker(*words: str, timeout_s: float = TIMEOUT_S) -> "subprocess.CompletedProcess[str]":
    """Run a docker command to its end, whatever its exit code.

    Raises:
        subprocess.TimeoutExpired: it did not end in time.
    """
    return subprocess.run(  # noqa: S603 - a list of words, none of which is an option of an author
        ["docker", *words],  # noqa: S607 - whichever the user has put on the PATH
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
        timeout=timeout_s,
        env={**os.environ, "DOCKER_CLI_HINTS": "false"},
    )
