"""A container, as the engine describes it at one moment, and how it is killed as a crash would kill it."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from servelab.container_engine import docker
from servelab.dev.stack.errors import StackError


@dataclass(frozen=True)
class Container:
    """What the engine says of a container.

    `addresses` maps the name of a network, without the project's, to the address in it.
    `started_s` and `finished_s` are seconds since the epoch, by the engine's clock; of a container that
    never ended, `finished_s` is negative.
    """

    id: str
    name: str
    image: str
    pid: int
    running: bool
    health: str
    restarts: int
    started_s: float
    finished_s: float
    addresses: dict[str, str]


def inspect(container_id: str, project: str) -> Container:
    """Ask the engine for a container.

    Raises:
        StackError: there is none of this id.
    """
    done = docker("inspect", container_id)
    if done.returncode != 0:
        msg = f"the container {container_id} has gone: {done.stderr.strip()}"
        raise StackError(msg)
    (found,) = json.loads(done.stdout)
    return _container(found, project)


def _container(found: dict[str, Any], project: str) -> Container:
    state = found["State"]
    networks = found["NetworkSettings"]["Networks"]
    return Container(
        id=found["Id"],
        name=found["Name"].removeprefix("/"),
        image=found["Image"],
        pid=state["Pid"],
        running=state["Running"],
        health=state.get("Health", {}).get("Status", "none"),
        restarts=found["RestartCount"],
        started_s=_epoch_s(state["StartedAt"]),
        finished_s=_epoch_s(state["FinishedAt"]),
        addresses={name.removeprefix(f"{project}_"): each["IPAddress"] for name, each in networks.items()},
    )


def crash(container: Container) -> None:
    """Kill process 1 of a container with SIGKILL, from outside of it.

    `docker kill` would be an order: after it the engine does not restart what was killed. And nobody
    inside can kill process 1. So a second container, which sees all processes of the engine's machine
    and whose image has a Python, does it.

    Raises:
        StackError: it could not.
    """
    done = docker(
        *("run", "--rm", "--network", "none", "--pid", "host", "--user", "0", "--cap-drop", "ALL"),
        *("--cap-add", "KILL", "--entrypoint", "python", container.image),
        *("-c", f"import os; os.kill({container.pid}, 9)"),
    )
    if done.returncode != 0:
        msg = f"{container.name} could not be killed: {done.stderr.strip()[-300:]}"
        raise StackError(msg)


def _epoch_s(text: str) -> float:
    # The engine writes nanoseconds, and the year 1 for what has not happened.
    return datetime.fromisoformat(text).timestamp()
