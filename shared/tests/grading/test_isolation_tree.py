"""The whole tree dies at the end, whichever end it is: the program's, the grader's or the supervisor's."""

import contextlib
import os
import secrets
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from servelab.grading.inside.process_tree import descendants
from servelab.grading.isolation import bubblewrap
from servelab.grading.isolation.confined import Confined
from servelab.grading.isolation.level import Level, Place, level
from servelab.grading.isolation.limit import Limits
from servelab.grading.isolation.sandbox import Command

if TYPE_CHECKING:
    from tests.grading.conftest import Grader

Alive = Callable[[str], Sequence[str]]
RUN = secrets.token_hex(3)
"""So that another run at the same time is not taken for this one."""
DAEMON = """if True:
    # Leaves its session and its parents, deaf to signals and without descriptors, and lives for a minute.
    import os, signal, sys, time
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1):
                signal.signal(number, signal.SIG_IGN)
            os.closerange(0, 64)
            os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(60)", sys.argv[1]])
        os._exit(0)
    time.sleep(0.3)
"""
LIVE_ON = f"{DAEMON}    time.sleep(60)\n"
PATIENCE_S = 10.0


def gone(alive: Alive, marker: str) -> bool:
    """Say whether nothing with the marker is left, or will be within a moment."""
    end = time.monotonic() + PATIENCE_S
    while alive(marker) and time.monotonic() < end:
        time.sleep(0.02)
    return not alive(marker)


def test_a_daemon_does_not_outlive_its_program(grader: "Grader", alive: Alive) -> None:
    """A process that lives on could rewrite a report after the end, or the next learner's."""
    ended = grader.run(DAEMON, arguments=[f"daemon-{RUN}-31"])

    assert 0 == ended.code
    assert [] == alive(f"daemon-{RUN}-31")


def test_a_daemon_does_not_outlive_a_killed_program(grader: "Grader", alive: Alive) -> None:
    """What is killed for a limit takes along what it has hidden."""
    ended = grader.run(LIVE_ON, arguments=[f"daemon-{RUN}-32"], limits={"wall_s": 0.8})

    assert "wall time" == ended.breach
    assert [] == alive(f"daemon-{RUN}-32")


def test_nothing_outlives_a_killed_grader(grader: "Grader", alive: Alive) -> None:
    """SIGKILL leaves a grader no time to clean up: the kernel has to do it."""
    process = grader.start(LIVE_ON, arguments=[f"daemon-{RUN}-33"])
    end = time.monotonic() + PATIENCE_S
    while not (seen := [words for words in alive(f"daemon-{RUN}-33") if "import time" in words]):
        assert time.monotonic() < end, "its daemon never came"
        time.sleep(0.02)

    process.kill()
    process.wait()

    assert seen
    assert gone(alive, f"daemon-{RUN}-33")


def test_nothing_outlives_a_grader_that_is_killed_at_any_moment(grader: "Grader", alive: Alive) -> None:
    """Between the fork and the request to die with its parent, a process is on its own."""
    for number in range(8):
        process = grader.start(LIVE_ON, arguments=[f"daemon-{RUN}-34"])
        time.sleep(0.08 + 0.025 * number)
        process.kill()
        process.wait()

    assert gone(alive, f"daemon-{RUN}-34")


@pytest.fixture(params=["process", "bubblewrap"])
def here(request: pytest.FixtureRequest) -> Level:
    """Each level, used from this process."""
    if request.param == "bubblewrap" and (reason := bubblewrap.lacking()):
        pytest.skip(reason)
    return level(request.param)


def start(here: Level, folder: Path, code: str, *arguments: str) -> Confined:
    """Start code from this process."""
    folder.chmod(0o755)
    (folder / "program.py").write_text(code, encoding="utf-8")
    argv = (sys.executable, str(here.root(folder) / "program.py"), *arguments)
    sandbox = here.open(Place(folder, folder, {"PATH": "/usr/bin:/bin"}))
    return sandbox.start(Command(argv), Limits(), alone=True)


def wait_for(condition: Callable[[], object]) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


def test_nothing_outlives_its_supervisor(tmp_path: Path, alive: Alive) -> None:
    """At the level "process" a learner's process may kill the supervisor, which is its own user's."""
    confined = start(level("process"), tmp_path, "import time; time.sleep(60)", f"child-{RUN}-35")
    wait_for(lambda: any("program.py" in words for words in alive(f"child-{RUN}-35")))

    os.kill(confined._program.supervisor, signal.SIGKILL)
    confined.wait(5)

    assert gone(alive, f"child-{RUN}-35")


def test_killing_right_after_the_start_leaves_nothing(here: Level, tmp_path: Path, alive: Alive) -> None:
    """A wrapper that dies between its fork and its child's first instructions must not leave the child."""
    for number in range(20):
        confined = start(here, tmp_path, "import time; time.sleep(60)", f"early-{RUN}-36")
        time.sleep(0.002 * number)
        confined.kill()

    assert [] == alive(f"early-{RUN}-36")


def test_who_is_deaf_to_everything_is_killed(here: Level, tmp_path: Path) -> None:
    """SIGTERM is a question, SIGKILL is not."""
    code = """if True:
        import signal, time
        for number in (1, 2, 3, 10, 12, 15): signal.signal(number, signal.SIG_IGN)
        print("deaf", flush=True)
        time.sleep(60)
    """
    confined = start(here, tmp_path, code)
    wait_for(lambda: "deaf" in confined.output)

    confined.terminate()
    with pytest.raises(TimeoutError):
        confined.wait(0.2)
    confined.kill()

    assert None is not confined.code


def test_sigterm_reaches_the_program_itself(here: Level, tmp_path: Path) -> None:
    """A service that shuts down in order must hear of it, behind whatever wraps it."""
    code = """if True:
        import signal, sys, time
        signal.signal(15, lambda *_: sys.exit(7))
        print("ready", flush=True)
        time.sleep(60)
    """
    confined = start(here, tmp_path, code)
    wait_for(lambda: "ready" in confined.output)

    confined.terminate()

    assert 7 == confined.wait(5)


def test_a_program_that_is_stuck_says_where(here: Level, tmp_path: Path) -> None:
    """A newcomer whose handler hangs needs the line, not the fact."""
    code = "import faulthandler, time\nfaulthandler.enable()\nprint(1, flush=True); time.sleep(60)"
    confined = start(here, tmp_path, code)
    wait_for(lambda: "1" in confined.output)

    confined.abort()
    confined.wait(10)

    assert f'{here.root(tmp_path)}/program.py", line 3 in <module>' in confined.output


def test_a_hundred_programs_leave_no_descriptor_no_thread_and_no_zombie(here: Level, tmp_path: Path) -> None:
    """A cohort of a thousand is graded by one process."""
    tmp_path.chmod(0o755)

    def begin() -> Confined:
        return here.open(Place(tmp_path, tmp_path)).start(Command(("/bin/true",)), Limits(), alone=True)

    begin().kill()
    threads, children = threading.active_count(), set(descendants(os.getpid(), zombies=True))
    descriptors = len(list(Path("/proc/self/fd").iterdir()))

    for _ in range(25):
        several = [begin() for _ in range(4)]
        for confined in several:
            confined.wait(20)

    wait_for(lambda: threading.active_count() <= threads)
    assert descriptors >= len(list(Path("/proc/self/fd").iterdir()))
    assert children >= set(descendants(os.getpid(), zombies=True))


def test_children_do_not_serve_on_when_the_service_has_ended(
    here: Level, tmp_path: Path, alive: Alive
) -> None:
    """A test that stops a service must not be answered by what the service left behind."""
    code = "import os, time\nif os.fork(): os._exit(0)\nos.setsid()\ntime.sleep(60)"
    confined = start(here, tmp_path, code, f"heir-{RUN}-37")

    assert 0 == confined.wait(10)
    assert gone(alive, f"heir-{RUN}-37")


def test_no_descriptor_of_the_grader_is_open_inside(here: Level, tmp_path: Path) -> None:
    """Pipes of other sessions, sockets of models, the report: what is inherited could be written to."""
    inherited = [os.open("/dev/null", os.O_RDWR) for _ in range(3)]
    for descriptor in inherited:
        os.set_inheritable(descriptor, True)  # noqa: FBT003 - the standard library's signature
    code = "import os; print(sorted(int(n) for n in os.listdir('/proc/self/fd')))"

    confined = start(here, tmp_path, code)
    confined.wait(10)
    for descriptor in inherited:
        with contextlib.suppress(OSError):
            os.close(descriptor)

    assert "[0, 1, 2, 3]\n" == confined.output, "3 is the folder that is being listed"
