"""The limits of one program of several: each bites where it must, and its neighbours go on."""

import os
from collections.abc import Callable

import pytest

from servelab.grading.isolation import cgroup
from servelab.grading.submission import Submission

Make = Callable[..., Submission]

HOARD = "print('ready', flush=True); hoard = [bytearray(b'x') * (16 << 20) for _ in range(40)]; input()"
THREADS = """if True:
    import threading, time
    try:
        for _ in range(200):
            threading.Thread(target=time.sleep, args=(20,), daemon=True).start()
    except RuntimeError: print("refused")
    print("ready", flush=True)
    time.sleep(20)
"""
PROCESSES = """if True:
    import os, time
    print("ready", flush=True)
    for _ in range(20):
        if os.fork() == 0: time.sleep(20)
    time.sleep(20)
"""


@pytest.mark.parametrize(
    ("code", "limit"), [(HOARD, "memory"), (PROCESSES, "processes")], ids=["memory", "processes"]
)
def test_a_limit_ends_its_program_and_no_neighbour(make: Make, code: str, limit: str) -> None:
    """64 MiB for the shell, 768 for the service: who exceeds its own ends alone."""
    with make().world() as world:
        service = world.start("service")
        shell = world.start("shell", {"CODE": code})
        shell.finish(20.0, "its limit should have ended it")

        assert limit in shell.output.rpartition("was stopped")[2]
        assert "alive" == service.client.get("/health/live").text


def test_threads_are_limited_apart_from_processes(make: Make) -> None:
    """A JVM needs two hundred threads in one process; a fork bomb, two hundred processes."""
    with make().world() as world:
        service = world.start("service")
        shell = world.launch("shell", {"CODE": THREADS})
        if cgroup.version():
            shell.wait_until_ready()
            assert "refused" in shell.output
        else:
            shell.finish(20.0, "its limit should have ended it")
            assert "threads" in shell.output.rpartition("was stopped")[2]

        assert "alive" == service.client.get("/health/live").text


@pytest.mark.skipif(cgroup.version() is None, reason="this machine lets nobody make a control group")
def test_the_kernel_counts_what_belongs_to_no_process(make: Make) -> None:
    """Files in memory and page tables are no process's resident memory, and fill the machine all the same."""
    code = """if True:
        import mmap
        print("ready", flush=True)
        areas = [mmap.mmap(-1, 8 << 20) for _ in range(64)]
        for area in areas:
            area.write(bytes(8 << 20))
            area.madvise(mmap.MADV_DONTNEED)  # in memory still, and no process's any more
        input()
    """
    with make().world() as world:
        shell = world.start("shell", {"CODE": code})
        shell.finish(20.0, "its limit should have ended it")

        assert "memory" in shell.output.rpartition("was stopped")[2]


def test_no_control_group_is_left(make: Make) -> None:
    """A cohort of a thousand would leave thousands."""
    if cgroup.version() is None:
        pytest.skip("this machine lets nobody make a control group")
    mine = f"servelab-{os.getpid()}-"
    with make().world() as world:
        world.start("service")
        during = [path for parent in set(cgroup._parents().values()) for path in parent.glob(f"{mine}*")]
    after = [path for parent in set(cgroup._parents().values()) for path in parent.glob(f"{mine}*")]

    assert (True, []) == (bool(during), after)
