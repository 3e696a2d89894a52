"""Whatever ends who asked for a service, nothing of it stays on the machine."""

import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from servelab.services.running import Running
from servelab.services.selftest.leftover import left_over

VICTIM = Path(__file__).with_name("victim.py")
LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
DEADLINE_S = 60


@LINUX
@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("redis", signal.SIGKILL),
        ("redis", signal.SIGTERM),
        ("rabbitmq", signal.SIGKILL),
        ("postgresql", signal.SIGKILL),
    ],
)
def test_nothing_outlives_a_parent_that_is_killed(name: str, ending: signal.Signals) -> None:
    """A test run is killed by an editor, a CI system or the kernel, and never at a good moment."""
    with subprocess.Popen(
        [sys.executable, str(VICTIM), name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as victim:
        assert victim.stdout
        line = victim.stdout.readline()
        if not line:
            pytest.skip(f"not run: {name} is not on this machine")
        place = json.loads(line)
        guardian = os.pidfd_open(place["guardian"])
        running = Running(name, "", "binary", "", ports=tuple(place["ports"]), scratch=Path(place["scratch"]))
        assert any(each.startswith("process") for each in left_over(running)), (
            "it must be seen while it lives"
        )

        victim.send_signal(ending)
        ended, _, _ = select.select([guardian], [], [], DEADLINE_S)

    os.close(guardian)
    assert ended, "its guardian must end with it"
    assert [] == left_over(running)


@LINUX
def test_a_guardian_that_is_told_to_stop_leaves_nothing() -> None:
    """A system that shuts down sends SIGTERM to every process."""
    with subprocess.Popen(
        [sys.executable, str(VICTIM), "redis"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as victim:
        assert victim.stdout
        place = json.loads(victim.stdout.readline())
        guardian = os.pidfd_open(place["guardian"])
        running = Running("", "", "binary", "", ports=tuple(place["ports"]), scratch=Path(place["scratch"]))

        os.kill(place["guardian"], signal.SIGTERM)
        ended, _, _ = select.select([guardian], [], [], DEADLINE_S)
        victim.kill()

    os.close(guardian)
    assert ended, "it must end"
    assert [] == left_over(running)
