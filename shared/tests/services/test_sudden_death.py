"""Whatever ends who asked for a service, nothing of it stays on the machine."""

import json
import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from servelab import services
from servelab.services.catalogue import SERVICES
from servelab.services.definition import offer
from servelab.services.leftover import left_over
from servelab.services.running import Running

VICTIM = Path(__file__).with_name("victim.py")
LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
DEADLINE_S = 60


@LINUX
@pytest.mark.parametrize(
    ("name", "ending"), [("redis", signal.SIGTERM), *((name, signal.SIGKILL) for name in SERVICES)]
)
def test_nothing_outlives_a_parent_that_is_killed(name: str, ending: signal.Signals) -> None:
    """A test run is killed by an editor, a CI system or the kernel, and never at a good moment."""
    with ExitStack() as stack:
        victim, supervisor, running = stack.enter_context(killable(name, stack))
        assert any(each.startswith("process") for each in left_over(running)), (
            "it must be seen while it lives"
        )

        victim.send_signal(ending)
        ended = has_ended(supervisor)

    assert ended, "its supervisor must end with it"
    assert [] == left_over(running)


@LINUX
def test_a_supervisor_that_is_told_to_stop_leaves_nothing() -> None:
    """A system that shuts down sends SIGTERM to every process."""
    with ExitStack() as stack:
        victim, supervisor, running = stack.enter_context(killable("redis", stack))

        os.kill(supervisor, signal.SIGTERM)
        ended = has_ended(supervisor)
        victim.kill()

    assert ended, "it must end"
    assert [] == left_over(running)


@LINUX
@pytest.mark.parametrize("name", ["redis", "rabbitmq", "postgresql"])
def test_a_server_ends_with_its_supervisor(name: str) -> None:
    """Whoever kills the one process that would have stopped it must not leave a server that nobody knows."""
    with ExitStack() as stack:
        victim, supervisor, running = stack.enter_context(killable(name, stack))
        server = int(
            Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text(encoding="utf-8").split()[0]
        )

        os.kill(supervisor, signal.SIGKILL)
        ended = has_ended(server)
        left = left_over(running)
        victim.kill()
        sweep(running)

    assert ended, "it must end"
    assert f"folder {running.scratch}" in left, "what is left must be seen"
    assert f"port {running.ports[0]}" not in left, "nobody must serve any more"


@contextmanager
def killable(name: str, stack: ExitStack) -> Iterator[tuple["subprocess.Popen[str]", int, Running]]:
    """Have a program that has a service; the pid of the service's supervisor comes with it."""
    offer(SERVICES[name])  # raises where this machine has none
    redis = [stack.enter_context(services.redis()).url] if name == "redis-exporter" else []
    with subprocess.Popen(
        [sys.executable, str(VICTIM), name, *redis], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as victim:
        assert victim.stdout
        line = victim.stdout.readline()
        assert line, f"{name} is on this machine, and does not start"
        place = json.loads(line)
        running = Running(name, "", "binary", "", ports=tuple(place["ports"]), scratch=Path(place["scratch"]))
        yield victim, place["supervisor"], running


def has_ended(pid: int) -> bool:
    """Wait for the end of a process."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    ended, _, _ = select.select([process], [], [], DEADLINE_S)
    os.close(process)
    return bool(ended)


def sweep(running: Running) -> None:
    """Remove by hand what a supervisor that was killed can't."""
    for kind, _, what in (each.partition(" ") for each in left_over(running)):
        if kind == "process":
            with suppress(ProcessLookupError):
                os.kill(int(what), signal.SIGKILL)
    assert running.scratch
    shutil.rmtree(running.scratch)
