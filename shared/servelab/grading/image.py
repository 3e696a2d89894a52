"""The image of a submission, built by a container engine and run as an orchestrator would run it.

A build does whatever the Dockerfile says, as root and with a network: it is made on
demand only, for implementations whose author is trusted.
"""

import json
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from servelab.container_engine import docker, engine_lacking
from servelab.course_root import COURSE_ROOT
from servelab.errors import GraderFaultError
from servelab.grading.process import Unfinished

BUILD_TIMEOUT_S = 600.0
TIMEOUT_S = 60.0
PORT = 8000
LAST_CHARACTERS = 4000
NOTHING = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--memory", "1g")
"""No right that a service needs none of, and a root that nobody can write to."""


class Image:
    """A built image.

    Args:
        tag: its name.
    """

    def __init__(self, tag: str) -> None:
        self.tag = tag

    @contextmanager
    def run(self) -> Iterator["Container"]:
        """Run the image without rights and with a read-only root, as long as the block runs.

        Raises:
            Unfinished: it does not even start.
        """
        publish = ("--publish", f"127.0.0.1::{PORT}")
        done = docker("run", "--detach", *publish, *NOTHING, self.tag)
        if done.returncode != 0:
            msg = "your image can't be run"
            raise Unfinished(msg, done.stderr[-LAST_CHARACTERS:])
        container = Container(done.stdout.strip())
        try:
            yield container
        finally:
            docker("rm", "--force", container.id)


class Container:
    """A running container.

    Args:
        container_id: the engine's name for it.
    """

    def __init__(self, container_id: str) -> None:
        self.id = container_id

    @property
    def state(self) -> dict[str, Any]:
        """What the engine says of it: "Running", "ExitCode", "Health"."""
        state: dict[str, Any] = json.loads(docker("inspect", "--format", "{{json .State}}", self.id).stdout)
        return state

    @property
    def output(self) -> str:
        """What it has printed."""
        done = docker("logs", self.id)
        return (done.stdout + done.stderr)[-LAST_CHARACTERS:]

    def get(self, path: str) -> httpx.Response:
        """Ask it through its published port, again until it answers.

        Raises:
            Unfinished: it ended, or does not answer in time.
        """
        deadline = time.monotonic() + TIMEOUT_S
        while self.state["Running"] and time.monotonic() < deadline:
            # The published port is known, and open, only some time after the start.
            listed = docker("port", self.id, f"{PORT}/tcp").stdout.split()
            try:
                if listed:
                    return httpx.get(f"http://{listed[0]}{path}", trust_env=False)
            except httpx.TransportError:
                pass
            time.sleep(0.2)
        msg = f"GET {path}: your container {'does not answer' if self.state['Running'] else 'has ended'}"
        raise Unfinished(msg, self.output)

    def health(self) -> str:
        """Return what its HEALTHCHECK comes to, "healthy" or not; "starting" if it took too long."""
        deadline = time.monotonic() + TIMEOUT_S
        while (status := self.state.get("Health", {}).get("Status", "none")) == "starting":
            if time.monotonic() > deadline:
                break
            time.sleep(0.5)
        return str(status)

    def user(self) -> str:
        """Return the number of the user that process 1 belongs to."""
        return docker("exec", self.id, "stat", "-c", "%u", "/proc/1").stdout.strip()

    def stop(self) -> int:
        """Ask it to stop (SIGTERM, and after ten seconds SIGKILL) and return its exit code."""
        docker("stop", "--time", "10", self.id)
        return int(self.state["ExitCode"])


@contextmanager
def built(exercise: str, root: Path, scratch: Path) -> Iterator[Image]:
    """Build the image of an implementation, from a context that holds nothing but what belongs to it.

    Args:
        exercise: name of the exercise's folder.
        root: folder of the implementation, with its `Dockerfile`.
        scratch: where the context is put together.

    Raises:
        Unfinished: the Dockerfile does not build.
        GraderFaultError: no engine answers.
    """
    if lacking := engine_lacking():
        raise GraderFaultError(lacking)
    context = scratch / "context"
    shutil.copytree(COURSE_ROOT / "shared" / "servelab", context / "shared" / "servelab", ignore=_CACHES)
    shutil.copy(COURSE_ROOT / "constraints.txt", context)
    for name in ("starter", "solution"):  # whichever of them the Dockerfile takes, it is this one
        shutil.copytree(root, context / exercise / name, ignore=_CACHES)
    tag = f"servelab-{secrets.token_hex(6)}"
    file = context / exercise / "solution" / "Dockerfile"
    try:
        done = docker("build", "--file", str(file), "--tag", tag, str(context), timeout_s=BUILD_TIMEOUT_S)
        if done.returncode != 0:
            msg = "your Dockerfile does not build"
            raise Unfinished(msg, done.stderr[-LAST_CHARACTERS:])
        yield Image(tag)
    except subprocess.TimeoutExpired:
        msg = f"your Dockerfile was not built after {BUILD_TIMEOUT_S:g} s"
        raise Unfinished(msg, "") from None
    finally:
        docker("image", "rm", "--force", tag)


_CACHES = shutil.ignore_patterns("__pycache__")
