"""One program of a world against the others, and against what holds the world together.

Programs of one submission may see each other: they are one author's. None of them may reach the
grader's first process, its supervisors, or another submission, or make its failure the grader's fault.
"""

import os
import secrets
import signal
import time
from collections.abc import Callable
from typing import Any

import pytest

from servelab.grading.inside.process_tree import children
from servelab.grading.service import StartFailed
from servelab.grading.submission import Submission, Unfinished

Make = Callable[..., Submission]
WAIT_S = 20.0
TOUCH_ALL = """if True:
    # What can this user do to each process that is not its own tree?
    import ctypes, os
    told = {}
    for pid in sorted(int(name) for name in os.listdir("/proc") if name.isdigit()):
        if pid == os.getpid():
            continue
        done = set()
        for name, mode in (("mem", "r+b"), ("environ", "rb"), ("maps", "rb")):
            try:
                with open(f"/proc/{pid}/{name}", mode) as file: file.read(1)
                done.add(name)
            except OSError as error:
                if name == "mem" and error.errno == 5: done.add(name)  # opened, and nothing is at 0
        try: done.update("fd" for _ in os.listdir(f"/proc/{pid}/fd"))
        except OSError: pass
        if ctypes.CDLL(None).ptrace(16, pid, 0, 0) == 0: done.add("ptrace")
        told[pid] = sorted(done)
    print(told, flush=True)
    print("ready", flush=True)
"""
DAEMON = """if True:
    # Leaves its session and its parents, deaf to signals.
    import os, signal, sys, time
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for number in (1, 2, 3, 10, 12, 15): signal.signal(number, signal.SIG_IGN)
            os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(60)", MARKER])
        os._exit(0)
    time.sleep(0.5)
    BEFORE_IT_WAITS
    print("ready", flush=True)
    time.sleep(60)
"""


def daemon(marker: str, then: str = "pass") -> str:
    """Return the code of a program that leaves a daemon behind."""
    return DAEMON.replace("MARKER", repr(marker)).replace("BEFORE_IT_WAITS", then)


@pytest.fixture
def gone(alive: Callable[[str], Any]) -> Callable[[str], bool]:
    """Say whether nothing with a word in its command line is left, or will be within a moment."""

    def look(marker: str) -> bool:
        end = time.monotonic() + 5.0
        while alive(marker) and time.monotonic() < end:
            time.sleep(0.02)
        return not alive(marker)

    return look


def test_what_holds_the_world_is_out_of_reach(make: Make) -> None:
    """Whoever writes into the first process or a supervisor forges exit codes, and starts what it likes."""
    submission = make()
    if not submission.pool.walled:
        pytest.skip("outside of walls a program may reach whatever its user may")
    with submission.world() as world:
        shell = world.launch("shell", {"CODE": TOUCH_ALL})
        ended = shell.finish(WAIT_S, "it should have ended")

    assert "{1: [], 2: []}" == ended.output.splitlines()[0]


@pytest.mark.parametrize("target", ["1", "os.getppid()", "-1"], ids=["first", "supervisor", "everything"])
def test_killing_what_can_be_killed_is_the_programs_own_end(
    make: Make, gone: Callable[[str], bool], target: str
) -> None:
    """A supervisor is the same user's, so it can be killed: what it held ends with it, and nothing else."""
    submission = make()
    if not submission.pool.walled:
        pytest.skip("outside of walls, process 1 is the machine's and -1 is everybody")
    marker = f"heir-{secrets.token_hex(3)}"
    with submission.world() as world:
        service = world.start("service")
        attack = f"os.kill({target}, 9)"
        shell = world.launch("shell", {"CODE": daemon(marker, attack)})
        deadline = time.monotonic() + WAIT_S
        while shell.alive and "ready" not in shell.output and time.monotonic() < deadline:
            time.sleep(0.02)
        if target == "1":
            assert shell.alive, "nothing happens to it: the first process does not listen"
        else:
            assert gone(marker)
        again = world.start("local")

        assert (target != "-1", True) == (service.alive, again.alive)


def test_a_daemon_does_not_outlive_the_stop_of_its_program(make: Make, gone: Callable[[str], bool]) -> None:
    """The world goes on, and what is started next must not meet what was stopped."""
    marker = f"heir-{secrets.token_hex(3)}"
    with make().world() as world:
        shell = world.start("shell", {"CODE": daemon(marker)})
        shell.kill()

        assert gone(marker)
        assert world.alive


def test_a_chain_of_forks_does_not_outlive_its_program(make: Make, gone: Callable[[str], bool]) -> None:
    """It changes its pid faster than anybody can read a list of them."""
    marker = f"chain-{secrets.token_hex(3)}"
    chain = "import os, time\nend = time.time() + 30\nwhile time.time() < end:\n    if os.fork(): os._exit(0)"
    code = f"""if True:
        import os, sys
        print("ready", flush=True)
        os.execv(sys.executable, [sys.executable, "-c", {chain!r}, {marker!r}])
    """
    submission = make()
    if not submission.pool.walled:
        pytest.skip("outside of walls nothing can end it but a namespace of its own")
    with submission.world() as world:
        shell = world.start("shell", {"CODE": code})
        shell.kill()

        assert gone(marker)


def test_a_program_that_takes_the_port_of_the_next_does_not_pass_for_it(make: Make) -> None:
    """A stand-in that listens where the real server should would be asked in its place."""
    squatter = """if True:
        import socket, time
        taken = socket.create_server(("127.0.0.1", 18080))
        print("ready", flush=True)
        time.sleep(60)
    """
    with make().world() as world:
        shell = world.start("shell", {"CODE": squatter})
        with pytest.raises(StartFailed, match="18080, where something listens already"):
            world.start("fixed")
        shell.kill()

        assert world.start("fixed").alive


def test_a_world_that_is_brought_down_is_the_submissions_failure(make: Make) -> None:
    """Memory that runs out for the whole machine could end it: that is no fault of the grader."""
    submission = make()
    with submission.world() as world:
        world.start("service")
        wrapper = world._sandbox._process
        for pid in children(wrapper.pid) if submission.pool.walled else [wrapper.pid]:
            os.kill(pid, signal.SIGKILL)
        wrapper.wait()

        with pytest.raises(Unfinished, match="has ended"):
            world.start("local")


def test_worlds_of_two_submissions_share_nothing(make: Make) -> None:
    """Neither files, nor sockets, nor processes, nor a network."""
    look = """
        import os, socket, time
        from pathlib import Path
        seen = [path.name for path in Path(os.environ["TMPDIR"]).glob("mine")]
        with socket.socket() as probe: seen += ["port"] * (probe.connect_ex(("127.0.0.1", 18123)) == 0)
        seen += [name for name in os.listdir("/proc") if name.isdigit() and int(name) > 3]
        Path(os.environ["TMPDIR"], "mine").write_text("x")
        held = socket.create_server(("127.0.0.1", 18123))
        print(seen, flush=True)
        time.sleep(20)
    """
    first, second = make({"src/look.py": look}), make({"src/look.py": look})
    if not first.pool.walled:
        pytest.skip("outside of walls the network and the processes are the machine's")
    with first.world() as one, second.world() as other:
        jobs = []
        for world in (one, other):
            jobs.append(world.begin("src.look"))
            deadline = time.monotonic() + WAIT_S
            while not jobs[-1].output and time.monotonic() < deadline:
                time.sleep(0.02)

        assert ["[]\n", "[]\n"] == [job.output for job in jobs]
