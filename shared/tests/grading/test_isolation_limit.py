"""Each limit bites, at each level, whoever starts the code, by the mechanism that `limit.py` names."""

import os
import secrets
import subprocess
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from servelab.grading.isolation.usage import measure

if TYPE_CHECKING:
    from tests.grading.conftest import Grader

BOMB = f"bomb-{secrets.token_hex(3)}"


def test_wall_time_ends_what_waits(grader: "Grader") -> None:
    """A submission that sleeps uses nothing, and still may not hold the grader up for ever."""
    ended = grader.run("import time; time.sleep(30)", limits={"wall_s": 0.5})

    assert "wall time" == ended.breach


def test_processor_time_ends_what_computes(grader: "Grader") -> None:
    """An endless loop must not keep a core from the next submission."""
    ended = grader.run("while True: pass", limits={"cpu_s": 1})

    assert "CPU time" == ended.breach


def test_processor_time_is_that_of_the_whole_tree(grader: "Grader") -> None:
    """Work handed to children, one after the other, is work all the same."""
    code = """if True:
        import os, time
        for _ in range(20):
            if os.fork() == 0:
                end = time.process_time() + 0.4
                while time.process_time() < end: pass
                os._exit(0)
            os.wait()
    """

    ended = grader.run(code, limits={"cpu_s": 1})

    assert "CPU time" == ended.breach


def test_processor_time_of_children_that_nobody_waits_for_counts(grader: "Grader") -> None:
    """A zombie's time belongs to nobody's children yet, and would be forgotten."""
    code = """if True:
        import os, time
        for _ in range(8):
            if os.fork() == 0:
                end = time.process_time() + 0.3
                while time.process_time() < end: pass
                os._exit(0)
            time.sleep(0.4)
        time.sleep(20)
    """

    ended = grader.run(code, limits={"cpu_s": 1})

    assert "CPU time" == ended.breach


def test_memory_ends_what_hoards(grader: "Grader") -> None:
    """One submission must not drive the machine into swapping, on which all others wait."""
    code = "import time; hoard = [bytearray(b'x') * (16 << 20) for _ in range(40)]; time.sleep(20)"

    ended = grader.run(code, limits={"memory_mib": 128})

    assert "memory" == ended.breach


def test_memory_is_that_of_the_whole_tree(grader: "Grader") -> None:
    """Four children of 48 MiB are 192 MiB."""
    code = """if True:
        import os, time
        for _ in range(4):
            if os.fork() == 0:
                break
        hoard = bytearray(b'x') * (48 << 20)
        time.sleep(20)
    """

    ended = grader.run(code, limits={"memory_mib": 128})

    assert "memory" == ended.breach


def test_shared_memory_is_memory(grader: "Grader") -> None:
    """What lies in /dev/shm or in an anonymous shared mapping fills the machine as well."""
    code = """if True:
        import mmap, time
        hoard = mmap.mmap(-1, 256 << 20)
        hoard.write(b'x' * (256 << 20))
        time.sleep(20)
    """

    ended = grader.run(code, limits={"memory_mib": 128})

    assert "memory" == ended.breach


def test_a_fork_bomb_ends(grader: "Grader", alive: Callable[[str], list[str]]) -> None:
    """However fast it doubles (here nine times at most), the tree ends and nothing of it is left."""
    code = """if True:
        import os, time
        for _ in range(9):
            try: os.fork()
            except OSError: break
        time.sleep(20)
    """

    ended = grader.run(code, arguments=[BOMB])

    assert "processes" == ended.breach
    assert [] == alive(BOMB)


def test_the_kernel_refuses_processes_beyond_the_limit(sandbox: "Grader") -> None:
    """The watcher looks every 50 ms; the kernel, which counts for a cgroup or a user, is never late."""
    code = """if True:
        import threading, time
        started = 0
        try:
            while started < 300:
                threading.Thread(target=time.sleep, args=(3,), daemon=True).start()
                started += 1
        except RuntimeError: pass
        print(started, flush=True)
        import os; os._exit(0)
    """

    ended = sandbox.run(code, limits={"threads": 24})

    assert 15 <= int(ended.output) <= 24


def test_open_files_are_refused_beyond_the_limit(grader: "Grader") -> None:
    """RLIMIT_NOFILE: descriptors are kernel memory."""
    code = """if True:
        import os
        opened = 0
        try:
            while opened < 1000:
                os.open("/dev/null", os.O_RDONLY)
                opened += 1
        except OSError as error: print(error.strerror, opened)
    """

    ended = grader.run(code, limits={"open_files": 64})

    assert ended.output.startswith("Too many open files")
    assert int(ended.output.split()[-1]) < 64


@pytest.mark.parametrize(
    "how", ["file.write(bytes(1 << 20))", "file.truncate(1 << 40)"], ids=["written", "sparse"]
)
def test_a_file_does_not_grow_beyond_the_limit(grader: "Grader", how: str) -> None:
    """RLIMIT_FSIZE: written or sparse, a file has an end."""
    code = f"""if True:
        import tempfile
        with tempfile.TemporaryFile(buffering=0) as file:
            try:
                for _ in range(8): {how}
            except OSError as error: print(error.strerror)
    """

    ended = grader.run(code, limits={"file_mib": 4})

    assert "File too large\n" == ended.output


def test_the_scratch_places_have_a_size(sandbox: "Grader") -> None:
    """Many files of an allowed size would fill a disk; here they fill a tmpfs of a few MiB."""
    code = """if True:
        for place in ("/tmp", "/dev/shm"):
            try:
                for number in range(40):
                    with open(f"{place}/{number}", "wb") as file: file.write(bytes(1 << 20))
            except OSError as error: print(error.strerror)
    """

    ended = sandbox.run(code, limits={"scratch_mib": 8})

    assert "No space left on device\n" * 2 == ended.output


def test_output_has_an_end(grader: "Grader") -> None:
    """A flood of output is counted by the reader and ends the tree; what is kept is capped."""
    ended = grader.run("while True: print('x' * 10_000)", limits={"output_mib": 1})

    assert "output" == ended.breach
    assert len(ended.output) < 200_000


def test_beginning_and_end_of_a_long_output_are_kept(grader: "Grader") -> None:
    """The reason of a failure stands at the end, and what led to it at the beginning."""
    code = "print('first'); print('x' * 400_000); print('last')"

    ended = grader.run(code)

    assert ended.output.startswith("first\n")
    assert ended.output.endswith("last\n")
    assert "bytes left out" in ended.output


@pytest.mark.parametrize(
    "hidden", ["os.memfd_create('x')", "os.open('/dev/hidden', os.O_CREAT | os.O_WRONLY)"]
)
def test_memory_that_belongs_to_no_process_is_refused(sandbox: "Grader", hidden: str) -> None:
    """The watcher sees the memory of processes; a memfd, or a tmpfs without a size, would be beside it."""
    code = f"import os\ntry: {hidden}\nexcept OSError: print('refused')"

    assert "refused\n" == sandbox.run(code).output


def test_system_v_segments_are_refused(sandbox: "Grader") -> None:
    """A segment lives on when it is detached, and nobody is charged for it."""
    code = "import ctypes; print(ctypes.CDLL(None).shmget(0, 1 << 20, 0o1600))"

    assert "-1\n" == sandbox.run(code).output


def test_the_kernel_takes_the_learners_process_before_the_graders(grader: "Grader") -> None:
    """When memory runs out between two looks of the watcher, the OOM killer must not choose the grader."""
    ended = grader.run("print(open('/proc/self/oom_score_adj').read().strip())")

    assert "1000\n" == ended.output


def test_the_name_of_a_process_is_not_taken_for_what_it_uses() -> None:
    """The kernel shows it as it is, and a line of its own in it would be believed, or end the watcher."""
    name = "open('/proc/self/comm', 'w').write('\\vVmSwap: -9 kB')"
    code = f"import time; {name}; print(flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()

        used = measure(os.getpid())
        process.kill()

    assert used.memory_bytes > 0
    assert used.processes >= 1
