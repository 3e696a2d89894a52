"""A compose project: docker-compose.yml under a name of its own.

The name is what keeps it apart: containers, networks and volumes bear it, so a developer's own stack
beside it is never touched.
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping

from servelab.container_engine import docker
from servelab.course_root import COURSE_ROOT
from servelab.dev.stack.container import Container, inspect
from servelab.dev.stack.errors import StackError

UP_TIMEOUT_S = 900.0  # it builds images, and may have to fetch others
TIMEOUT_S = 120.0
LAST_LINES = 20
PROGRESS = re.compile(r" *(Container|Network|Volume) ")


def compose_lacking() -> str:
    """Return why there are no stacks here, whether or not an engine answers; empty when Compose is there."""
    if shutil.which("docker") is None:
        return "the program docker is not installed"
    lacking = "docker has no compose: install the plugin Compose, version 2.24 or newer"
    return "" if docker("compose", "version").returncode == 0 else lacking


class Project:
    """A stack.

    Args:
        name: its name, lower case.
        settings: the variables of docker-compose.yml; no file of settings is read.
    """

    def __init__(self, name: str, settings: Mapping[str, str]) -> None:
        self.name = name
        self._environment = {**os.environ, **settings}

    def up(self, *services: str) -> None:
        """Build and start services, and wait until all of them are healthy.

        Raises:
            StackError: one of them is not; the message ends with what it printed.
        """
        done = self._compose("up", "--build", "--detach", "--wait", *services, timeout_s=UP_TIMEOUT_S)
        if done.returncode != 0:
            sick = [each for each in map(self._inspect, self._ids()) if each.health != "healthy"]
            said = [line for line in done.stderr.splitlines() if line and not PROGRESS.match(line)]
            msg = "\n".join([*said[-LAST_LINES:], *map(_complaint, sick)])
            raise StackError(msg)

    def containers(self, service: str) -> list[Container]:
        """Return the containers of a service, in the order of their numbers.

        Raises:
            StackError: the engine does not say.
        """
        return sorted(map(self._inspect, self._ids(service)), key=lambda container: container.name)

    def address(self, service: str, port: int) -> str:
        """Return where a port of a service is published, as `host:port`.

        Raises:
            StackError: it is not.
        """
        done = self._compose("port", service, str(port))
        if done.returncode != 0 or not done.stdout.strip():
            msg = f"{service} publishes no port {port}: {done.stderr.strip()}"
            raise StackError(msg)
        return done.stdout.strip()

    def log(self, service: str) -> str:
        """Return all that a service has printed to its standard output."""
        # Not by `docker compose logs`, which puts orders for a terminal in front of each line.
        return "".join(docker("logs", each.id).stdout for each in self.containers(service))

    def down(self) -> None:
        """Remove the containers, their volumes and networks, and the images that were built for them.

        Raises:
            StackError: it could not.
        """
        words = ("down", "--volumes", "--remove-orphans", "--rmi", "local", "--timeout", "10")
        _must(self._compose(*words), "the stack could not be taken down")

    def left(self) -> list[str]:
        """Return what there still is: containers, volumes, networks and images.

        Raises:
            StackError: the engine does not say, and silence is not emptiness.
        """
        label = f"label=com.docker.compose.project={self.name}"
        kinds = {"container": ("--all",), "volume": (), "network": (), "image": ()}
        return [
            f"{kind} {found}"
            for kind, words in kinds.items()
            for found in _must(
                docker(kind, "ls", "--quiet", *words, "--filter", label), f"no {kind} could be looked for"
            ).split()
        ]

    def _ids(self, *services: str) -> list[str]:
        done = self._compose("ps", "--all", "--format", "json", *services)
        listed = _must(done, "the containers of the stack can't be listed")
        return [json.loads(line)["ID"] for line in listed.splitlines() if line.startswith("{")]

    def _inspect(self, container_id: str) -> Container:
        return inspect(container_id, self.name)

    def _compose(self, *words: str, timeout_s: float = TIMEOUT_S) -> "subprocess.CompletedProcess[str]":
        place = ("--project-directory", str(COURSE_ROOT), "--file", str(COURSE_ROOT / "docker-compose.yml"))
        command = ["docker", "compose", "--project-name", self.name, "--env-file", os.devnull, *place, *words]
        try:
            return subprocess.run(  # noqa: S603 - a list of words, none of which comes from outside
                command,
                env={**self._environment, "COMPOSE_ANSI": "never", "COMPOSE_PROGRESS": "plain"},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                check=False,
                timeout=timeout_s,
            )
        except subprocess.TimeoutExpired:
            msg = f"docker compose {words[0]} has not ended after {timeout_s:g} s"
            raise StackError(msg) from None


def _must(done: "subprocess.CompletedProcess[str]", complaint: str) -> str:
    """Return what a command has printed; whoever could not ask must not take that for an answer."""
    if done.returncode != 0:
        msg = f"{complaint}: {done.stderr.strip()[-300:]}"
        raise StackError(msg)
    return done.stdout


def _complaint(container: Container) -> str:
    done = docker("logs", "--tail", str(LAST_LINES), container.id)
    state = "running" if container.running else "not running"
    head = f"{container.name}: {state}, {container.health}, {container.restarts} restarts; its last lines:"
    return f"{head}\n{done.stdout}{done.stderr}"
