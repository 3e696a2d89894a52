"""The same plan, run in a container.

The container shares the host's network and the scratch folder, and runs as the same
user, so that command, configuration and addresses stay what they are without one. The
client of the engine stays in the foreground, so the supervisor has a process to watch.
Leaves out: engines elsewhere, in a virtual machine or without root (another machine's
network and files, or another network, are not what a service needs), and so macOS and Windows; a
client that is killed while the engine is still making its container.
"""

import os
import sys
from collections.abc import Callable
from dataclasses import replace

from servelab.container_engine import docker, image_lacking
from servelab.services.plan import Place, Plan

CLIENT_VARIABLES = ("HOME", "DOCKER_HOST", "DOCKER_CONFIG", "DOCKER_CONTEXT", "DOCKER_CERT_PATH")


def has(image: str) -> bool:
    """Whether a service can be run from an image here, with nothing fetched."""
    return bool(image) and sys.platform.startswith("linux") and not image_lacking(image) and _is_here()


def _is_here() -> bool:
    """Whether the engine that answers gives its containers this machine's own network and files."""
    endpoint = docker("context", "inspect", "--format", "{{.Endpoints.docker.Host}}").stdout
    kind = docker("info", "--format", "{{.OperatingSystem}} {{.SecurityOptions}}").stdout
    return endpoint.startswith("unix://") and "Docker Desktop" not in kind and "name=rootless" not in kind


def planner(image: str, plan: Callable[[Place], Plan]) -> Callable[[Place], Plan]:
    """Return what plans the same in a container of an image."""

    def contained(place: Place) -> Plan:
        inside = plan(place)
        program, *arguments = inside.command
        name = place.scratch.name
        scratch = str(place.scratch)
        variables = {"HOME": scratch, **inside.environment}
        command = (
            *("docker", "run", "--rm", "--name", name, "--pull", "never", "--network", "host"),
            *("--user", f"{os.getuid()}:{os.getgid()}", "--volume", f"{scratch}:{scratch}"),
            *("--workdir", scratch, "--entrypoint", program),
            *(f"--env={key}={value}" for key, value in variables.items()),
            *(image, *arguments),
        )
        return replace(
            inside,
            command=command,
            environment={key: os.environ[key] for key in CLIENT_VARIABLES if key in os.environ},
            clean_up=(("docker", "rm", "--force", "--volumes", name),),
        )

    return contained
